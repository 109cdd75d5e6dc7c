// Takes what the gate relays: node counting_sink.mjs PORT FILE. It writes each arrival into the file before it answers, so that its own
// death loses no memory of one: `{"id", "mark", "whole", "at"}` a line.
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";

const [port, file] = process.argv.slice(2);

createServer({ maxHeaderSize: 512 * 1024 }, async (request, response) => {
  const pieces = [];
  try {
    for await (const piece of request) pieces.push(piece);
  } catch {
    return;
  }
  const text = Buffer.concat(pieces).toString("latin1");
  const mark = /^X-Mark: (\S+)\r\n/m.exec(text)?.[1];
  const whole = text.startsWith("Received: ") && text.endsWith("\r\n\r\nthe first line\r\n.\r\nthe last\r\n");
  appendFileSync(file, `${JSON.stringify({ id: request.url.slice(1), mark, whole, at: Date.now() })}\n`);
  response.writeHead(200).end();
}).listen(Number(port), "127.0.0.1", () => process.stdout.write("ready\n"));
