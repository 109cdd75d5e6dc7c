/** Who takes accepted messages. Each adapter says what it cannot carry; that is refused before anything is sent. */
import type { PriorityLevel } from "sendergate";
import { settings } from "../../settings.ts";
import type { Lease, RecipientResult } from "../../outbox/types.ts";
import { cloudflare } from "./cloudflare.ts";
import { sink } from "./sink.ts";
import { smarthost } from "./smarthost.ts";

/** What is sent. `MT-PRIORITY` is made from the level. */
export type Outgoing = Pick<Lease, "messageId" | "mailFrom" | "recipients" | "level" | "size" | "smtputf8" | "eightBit">;

/** Opens the body anew, from its first octet. */
export type OpenBody = () => Promise<ReadableStream<Uint8Array>>;

/** What a relay cannot carry, whatever the other end says. */
export interface Carries {
  /** RFC 6710. */
  mtPriority: boolean;
  /** RFC 6531. */
  smtputf8: boolean;
  /** RFC 6152. */
  eightBit: boolean;
  /** `MAIL FROM:<>`. */
  nullReversePath: boolean;
  /** Octets of a message. */
  maxBytes?: number;
}

/** One connection, or what stands for one: a message at a time. */
export interface RelayLine {
  /**
   * A result for every recipient.
   *
   * @throws RelayUnreachable where the relay could not be talked to at all, before the message had any part in it.
   */
  send(message: Outgoing, body: OpenBody): Promise<RecipientResult[]>;
  close(): Promise<void>;
}

export interface Relay {
  readonly name: string;
  readonly carries: Carries;
  line(): RelayLine;
}

/** Its body is no longer in R2. */
export class BodyLost extends Error {}

/** The message is printable ASCII and holds no secret: it is kept and shown. */
export class RelayUnreachable extends Error {}

/** RFC 6710's levels for ours: they are read back as the same ones, also where a server knows only a few. */
export const MT_PRIORITY: Record<PriorityLevel, number> = { 1: 6, 2: 4, 3: 0, 4: -4, 5: -6 };

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
        async send(message, body) {
          const refused = cannotCarry(relay, message);
          return refused === undefined ? line.send(message, body) : forAll(message.recipients, refused);
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

/** The same for all of them. */
export function forAll(recipients: readonly string[], result: Omit<RecipientResult, "recipient">): RecipientResult[] {
  return recipients.map((recipient) => ({ recipient, ...result }));
}

/** Another server's words, made harmless: printable ASCII, 400 characters at most. */
export function harmless(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, " ").trim().slice(0, 400);
}
