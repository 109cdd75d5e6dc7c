/** For the benchmark alone: the worker as it is, and what it asks of D1. */
import worker, { Outbox as Plain } from "../src/index.ts";
import type { Env } from "../src/env.ts";

export { Throttle } from "../src/index.ts";

/** Statements by who ran them: `requests` are those of the HTTP side, `outboxes` those of the durable objects, in batches too. */
const counts = { requests: { reads: 0, writes: 0 }, outboxes: { reads: 0, writes: 0 } };

function counted(env: Env, by: keyof typeof counts): Env {
  const DB = new Proxy(env.DB, {
    get(database, name) {
      const value: unknown = Reflect.get(database, name);
      if (typeof value !== "function") return value;
      return (...parameters: unknown[]) => {
        if (name === "prepare") counts[by][/^\s*(?:SELECT|WITH RECURSIVE)/i.test(String(parameters[0])) ? "reads" : "writes"] += 1;
        return Reflect.apply(value, database, parameters) as unknown;
      };
    },
  });
  // Bindings are found on the prototype, too.
  return new Proxy(env, { get: (bindings, name) => (name === "DB" ? DB : (Reflect.get(bindings, name) as unknown)) });
}

export class Outbox extends Plain {
  constructor(context: DurableObjectState, env: Env) {
    super(context, counted(env, "outboxes"));
  }
}

export default {
  ...worker,
  fetch(request: Request, env: Env, context: ExecutionContext): Response | Promise<Response> {
    if (new URL(request.url).pathname === "/counts") return Response.json(counts);
    return worker.fetch(request, counted(env, "requests"), context);
  },
};
