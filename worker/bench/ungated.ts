/** Only for the benchmark: the worker without the gate. It checks no credentials, and stores and accepts the message unchanged. */
import worker from "../src/index.ts";
import { messageId } from "../src/ids.ts";
import { Upload } from "../src/intake/upload.ts";
import { outboxFor } from "../src/outbox/names.ts";

export { Allowance, Outbox, Throttle } from "../src/index.ts";

const DECISION = {
  action: "send" as const,
  verdict: "authorized" as const,
  reason: "no-restrictions",
  findings: [],
  checked: [],
  priority: { effective: 3 as const, user: 3 as const, source: "user" as const, conflict: false, capped: false, fields: [] },
  reply: { code: 250, enhancedCode: "2.1.0", text: "sender ok" },
};

export default {
  ...worker,
  async fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/v1/messages") return worker.fetch(request, env, context);
    const id = messageId();
    const listId = request.headers.get("bench-list") ?? "";
    const outbox = outboxFor(env, listId, id);
    const upload = new Upload(env.BODIES, `bodies/${id}`, outbox.id.toString());
    for await (const chunk of request.body as ReadableStream<Uint8Array>) await upload.write(chunk);
    await upload.finish();
    const username = request.headers.get("bench-user") ?? "";
    const mailFrom = searchParams.get("from");
    const recipients = searchParams.getAll("to");
    const at = Date.now();
    const event = { id, at, listId, username, mailFrom, recipients, size: upload.size, decision: DECISION, engine: "0.0.0", accepted: true };
    const message = { id, listId, username, mailFrom, recipients, level: 3 as const, size: upload.size, smtputf8: false, eightBit: false, event };
    await outbox.accept(message);
    return Response.json({ id, decision: DECISION }, { status: 202 });
  },
};
