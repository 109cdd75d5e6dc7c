/** The mail about alerts. It contains texts of messages only in backticks, without control characters, and shortened. */
import type { Settings } from "../settings.ts";
import { clean } from "../clean.ts";
import type { NoticePayload, ToldAlert } from "../logbook/notices.ts";

const encoder = new TextEncoder();

export interface AlertMail {
  settings: Pick<Settings, "HOSTNAME" | "ALERT_SENDER">;
  id: string;
  listName: string;
  addresses: string[];
  payload: NoticePayload;
  now: number;
}

/** The whole message, in ASCII with CRLF. */
export function alertMail({ settings: { HOSTNAME: host, ALERT_SENDER: stated }, id, listName, addresses, payload, now }: AlertMail): Uint8Array {
  const sender = stated ?? `alerts@${host}`;
  const header = [
    `From: <${sender}>`,
    `To: ${addresses.map((address) => `<${address}>`).join(",\r\n ")}`,
    `Subject: ${encodedWords(subject(listName, payload))}`,
    `Date: ${new Date(now).toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${id}@${host}>`,
    "Auto-Submitted: auto-generated",
    "X-Auto-Response-Suppress: All",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
  ];
  const body = base64(alertText(listName, payload)).replace(/.{76}/g, "$&\r\n");
  return encoder.encode(`${header.join("\r\n")}\r\n\r\n${body}\r\n`);
}

const DONE = { block: ["blocked", "Not sent"], "send-and-alert": ["alerted", "Sent all the same"] } as const;
const plural = (count: number, what: string) => `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
const quoted = (text: string) => `\`${clean(text, 200).replaceAll("`", "'")}\``;
const moment = (at: number) => new Date(at).toISOString().slice(0, 19).replace("T", " ");

function subject(listName: string, { kind, alerts }: NoticePayload): string {
  const name = clean(listName, 60);
  if (kind === "test") return `[${name}] a test of the alerts`;
  const count = (action: string) => alerts.reduce((sum, alert) => sum + (alert.action === action ? alert.newCount : 0), 0);
  const parts = (["block", "send-and-alert"] as const)
    .map((action) => [count(action), DONE[action][0]] as const)
    .filter(([messages]) => messages > 0)
    .map(([messages, done]) => `${plural(messages, "message")} ${done}`);
  return `[${name}] ${parts.join(", ")}`;
}

/** The text for a person. */
function alertText(listName: string, { kind, alerts, more }: NoticePayload): string {
  if (kind === "test") {
    return `This is a test of the alerts of the list ${quoted(listName)}.\r\n\r\nNothing was sent or refused; the real ones look much the same.\r\n`;
  }
  const rest = more === 0 ? "" : `\r\nAnd ${plural(more, "more alert")}, which the Alert Center shows.\r\n`;
  return `The list ${quoted(listName)}:\r\n\r\n${alerts.map(paragraph).join("\r\n")}${rest}`;
}

function paragraph({ action, user, reason, place, summary, newCount, count, firstAt, lastAt, id }: ToldAlert): string {
  const total = count === newCount ? "" : ` (${count.toLocaleString("en")} in this hour)`;
  const lines = [
    `${DONE[action][1]}: ${plural(newCount, "message")}${total} of the user ${quoted(user)}: ${reason}, ${quoted(place)}`,
    `  first: ${clean(summary, 300)}`,
    `  from ${moment(firstAt)} to ${moment(lastAt)} UTC; the first is ${id} in the log`,
  ];
  return `${lines.join("\r\n")}\r\n`;
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** Short printable ASCII stays as it is; everything else becomes encoded-words of at most 75 characters (RFC 2047 section 2). */
function encodedWords(text: string): string {
  if (/^[\x20-\x7e]{0,60}$/.test(text) && !text.includes("=?")) return text;
  const words: string[] = [];
  let word = "";
  for (const character of text) {
    if (encoder.encode(word + character).length > 42) {
      words.push(word);
      word = "";
    }
    word += character;
  }
  return [...words, word].map((part) => `=?utf-8?B?${base64(part)}?=`).join("\r\n ");
}
