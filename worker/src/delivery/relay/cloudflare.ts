/**
 * Cloudflare's `send_email` binding. It takes one recipient at a time, only from domains that the account may send from, and on an
 * account without a paid plan only to verified addresses; who may be written to is decided there, and said in its errors.
 */
import { EmailMessage } from "cloudflare:email";
import type { RecipientResult } from "../../outbox/types.ts";
import { BodyLost, type Relay, harmless } from "./relay.ts";

/** Octets, for whom it takes most. */
const MOST = 25 * 1024 * 1024;

/** What its error codes say of a later attempt; an error without a known code is worth one. */
const FOR_GOOD: Record<string, string> = {
  E_VALIDATION_ERROR: "5.6.0",
  E_FIELD_MISSING: "5.6.0",
  E_SENDER_NOT_VERIFIED: "5.7.1",
  E_SENDER_DOMAIN_NOT_AVAILABLE: "5.7.1",
  E_RECIPIENT_NOT_ALLOWED: "5.7.1",
  E_RECIPIENT_SUPPRESSED: "5.1.1",
  E_CONTENT_TOO_LARGE: "5.3.4",
  E_HEADER_NOT_ALLOWED: "5.6.0",
  E_HEADER_USE_API_FIELD: "5.6.0",
  E_HEADER_VALUE_INVALID: "5.6.0",
  E_HEADER_VALUE_TOO_LONG: "5.6.0",
  E_HEADER_NAME_INVALID: "5.6.0",
  E_HEADERS_TOO_LARGE: "5.6.0",
  E_HEADERS_TOO_MANY: "5.6.0",
};

export function cloudflare(env: Env): Relay {
  const { EMAIL: binding } = env;
  return {
    name: "cloudflare",
    carries: { mtPriority: false, smtputf8: false, eightBit: true, nullReversePath: false, maxBytes: MOST },
    line: () => ({
      async *send({ mailFrom, recipients }, body, stop) {
        for (const recipient of recipients) {
          if (stop.aborted) return;
          let result: RecipientResult;
          try {
            await binding.send(new EmailMessage(mailFrom ?? "", recipient, await body()));
            result = { recipient, outcome: "delivered", enhancedCode: "2.0.0", reply: "taken by Cloudflare" };
          } catch (error) {
            if (stop.aborted || !(error instanceof Error) || error instanceof BodyLost) throw error;
            result = { recipient, ...meaning(error) };
          }
          yield [result];
        }
      },
      close: async () => undefined,
    }),
  };
}

function meaning(error: Error): Omit<RecipientResult, "recipient"> {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const enhancedCode = FOR_GOOD[code];
  const reply = harmless(`${code} ${error.message}`);
  return enhancedCode === undefined
    ? { outcome: "deferred", enhancedCode: "4.3.0", reply }
    : { outcome: "failed", enhancedCode, reply };
}
