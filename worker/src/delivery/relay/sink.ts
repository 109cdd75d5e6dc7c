/** The local sink: `.eml` files in a folder. A loopback server writes them, because a Worker cannot. */
import { settings } from "../../settings.ts";
import { MT_PRIORITY, type Relay, RelayUnreachable, forAll } from "./relay.ts";

export function sink(env: Env): Relay {
  const { SINK_URL: address, SINK_TOKEN: token } = settings(env);
  return {
    name: "sink",
    carries: { mtPriority: true, smtputf8: true, eightBit: true, nullReversePath: true },
    line: () => ({
      async *send({ messageId, mailFrom, recipients, level }, body, stop) {
        const envelope = JSON.stringify({ from: mailFrom, to: recipients, mtPriority: MT_PRIORITY[level] });
        const answer = await fetch(new URL(messageId, address), {
          method: "PUT",
          headers: {
            authorization: `Bearer ${token ?? ""}`,
            "content-type": "message/rfc822",
            "sendergate-envelope": Buffer.from(envelope).toString("base64url"),
          },
          body: await body(),
          // A message that is sent twice makes one file.
          signal: stop,
        }).catch(() => {
          throw new RelayUnreachable("the sink does not answer");
        });
        await answer.body?.cancel();
        yield answer.ok
          ? forAll(recipients, { outcome: "delivered", enhancedCode: "2.0.0", reply: "250 kept" })
          : forAll(recipients, { outcome: "deferred", enhancedCode: "4.3.0", reply: `the sink answers ${answer.status}` });
      },
      close: async () => undefined,
    }),
  };
}
