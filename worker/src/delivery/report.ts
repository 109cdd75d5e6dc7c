/** Delivery status notifications to the reverse-path about failures (RFC 3464; RFC 6533 if an address is not ASCII). */
import type { FailureReport } from "../outbox/types.ts";

const encoder = new TextEncoder();

/** `original` is the beginning of the message, or undefined if it is no longer stored. */
export function deliveryReport(failure: FailureReport, original: Uint8Array | undefined, host: string, id: string): Uint8Array {
  const { mailFrom, results, acceptedAt, at, messageId } = failure;
  const header = original === undefined ? undefined : headerSection(original);
  const global = [mailFrom, ...results.map(({ recipient }) => recipient)].some((address) => !ascii(address));
  const boundary = `report-${crypto.randomUUID()}`;
  const charset = global ? "utf-8" : "us-ascii";
  const encoding = global ? "8bit" : "7bit";
  const text = [
    `Date: ${date(at)}`,
    `From: Mail Delivery System <mailer-daemon@${host}>`,
    `To: <${mailFrom}>`,
    "Subject: Undelivered mail",
    `Message-ID: <${id}@${host}>`,
    "Auto-Submitted: auto-replied",
    "MIME-Version: 1.0",
    `Content-Type: multipart/report; report-type=${global ? "global-delivery-status" : "delivery-status"};`,
    ` boundary="${boundary}"`,
    "",
    `--${boundary}`,
    `Content-Type: text/plain; charset=${charset}`,
    `Content-Transfer-Encoding: ${encoding}`,
    "",
    `This is the mail gate at ${host}.`,
    "",
    "Your message could not be delivered to the recipients below. It is not",
    "tried again. What the next server said stands beneath each of them.",
    "",
    ...results.flatMap(({ recipient, reply, enhancedCode }) => [`<${recipient}>`, ...wrapped(reply.includes(enhancedCode) ? reply : `${enhancedCode}: ${reply}`), ""]),
    `--${boundary}`,
    `Content-Type: message/${global ? "global-delivery-status" : "delivery-status"}`,
    ...(global ? ["Content-Transfer-Encoding: 8bit"] : []),
    "",
    `Reporting-MTA: dns; ${host}`,
    `Arrival-Date: ${date(acceptedAt)}`,
    `X-Sendergate-Message: ${messageId}`,
    "",
    ...results.flatMap(({ recipient, reply, enhancedCode }) => [
      `Final-Recipient: ${ascii(recipient) ? "rfc822" : "utf-8"}; ${recipient}`,
      "Action: failed",
      `Status: ${enhancedCode}`,
      // Only an SMTP server's reply is a diagnostic code of type SMTP.
      ...(/^\d{3} /.test(reply) ? folded("Diagnostic-Code: smtp;", reply) : []),
      `Last-Attempt-Date: ${date(at)}`,
      "",
    ]),
  ];
  if (header === undefined) return encoder.encode([...text, `--${boundary}--`, ""].join("\r\n"));
  const eightBit = header.some((octet) => octet > 127);
  const part = [
    `--${boundary}`,
    `Content-Type: ${eightBit ? "message/global-headers" : "text/rfc822-headers"}`,
    ...(eightBit ? ["Content-Transfer-Encoding: 8bit"] : []),
    "",
    "",
  ];
  const before = encoder.encode([...text, ...part].join("\r\n"));
  const after = encoder.encode(`\r\n--${boundary}--\r\n`);
  const whole = new Uint8Array(before.length + header.length + after.length);
  whole.set(before);
  whole.set(header, before.length);
  whole.set(after, before.length + header.length);
  return whole;
}

const ascii = (text: string): boolean => !/[^\x00-\x7f]/.test(text);

function date(at: number): string {
  return new Date(at).toUTCString().replace("GMT", "+0000");
}

/** Lines of at most 76 characters. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = "   ";
  for (const word of text.split(" ")) {
    if (line.length + 1 + word.length > 76 && line.trim() !== "") {
      lines.push(line);
      line = "   ";
    }
    line += ` ${word}`;
  }
  lines.push(line);
  return lines;
}

function folded(name: string, text: string): string[] {
  const [first = "", ...rest] = wrapped(text);
  return [`${name} ${first.trim()}`, ...rest];
}

/** Whole fields only, with the line end of the last one, without the empty line. */
function headerSection(octets: Uint8Array): Uint8Array {
  let lineEnd = 0;
  for (let index = 0; index + 1 < octets.length; index += 1) {
    if (octets[index] !== 13 || octets[index + 1] !== 10) continue;
    if (index === lineEnd) return octets.subarray(0, lineEnd);
    lineEnd = index + 2;
  }
  return octets.subarray(0, lineEnd);
}
