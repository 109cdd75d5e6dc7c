// A consumer with the DOM's types: a response's body is a stream, and stays one.
import { readHeader } from "sendergate";
import { init } from "sendergate/slim";

export async function main(response: Response): Promise<string> {
  await init(WebAssembly.compileStreaming(fetch("/sendergate.wasm")));
  await init(fetch("/sendergate.wasm"));
  if (response.body === null) return "";
  const { message } = await readHeader(response.body, { limit: 1024 });
  return new Response(message).text();
}
