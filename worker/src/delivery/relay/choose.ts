/** Chooses the relay. Messages that it declares it cannot carry are refused before anything is sent. */
import type { RecipientResult } from "../../outbox/types.ts";
import { settings } from "../../settings.ts";
import { cloudflare } from "./cloudflare.ts";
import { type Outgoing, type Relay, forAll } from "./relay.ts";
import { sink } from "./sink.ts";
import { smarthost } from "./smarthost.ts";

/** The relay that the settings name. */
export function relayOf(env: Env): Relay {
  switch (settings(env).RELAY) {
    case "sink":
      return checked(sink(env));
    case "smarthost":
      return checked(smarthost(env));
    case "cloudflare":
      return checked(cloudflare(env));
  }
}

/** Refuses what the relay declares that it cannot carry. */
function checked(relay: Relay): Relay {
  return {
    ...relay,
    line() {
      const line = relay.line();
      return {
        async *send(message, body, stop) {
          const refused = cannotCarry(relay, message);
          if (refused === undefined) yield* line.send(message, body, stop);
          else yield forAll(message.recipients, refused);
        },
        close: () => line.close(),
      };
    },
  };
}

function cannotCarry({ carries, name }: Relay, message: Outgoing): Omit<RecipientResult, "recipient"> | undefined {
  const failed = (enhancedCode: string, reply: string) => ({ outcome: "failed" as const, enhancedCode, reply: `${name}: ${reply}` });
  if (message.mailFrom === null && !carries.nullReversePath) return failed("5.1.7", "takes no null reverse-path");
  if (message.smtputf8 && !carries.smtputf8) return failed("5.6.7", "takes no internationalized addresses or header fields");
  if (message.eightBit && !carries.eightBit) return failed("5.6.3", "takes no 8-bit content, and it is not converted");
  if (carries.maxBytes !== undefined && message.size > carries.maxBytes) {
    return failed("5.3.4", `takes at most ${carries.maxBytes} octets`);
  }
  return undefined;
}
