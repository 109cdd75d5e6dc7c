/** Only for the benchmark: a worker that reads requests and does nothing. */
import worker from "../src/index.ts";

export { Allowance, Outbox, Throttle } from "../src/index.ts";

export default {
  ...worker,
  async fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    if (new URL(request.url).pathname !== "/v1/messages") return worker.fetch(request, env, context);
    let octets = 0;
    for await (const chunk of request.body as ReadableStream<Uint8Array>) octets += chunk.length;
    return Response.json({ octets }, { status: 202 });
  },
};
