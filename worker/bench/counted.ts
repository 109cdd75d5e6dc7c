/** Only for the benchmark: the worker, with its storage calls counted. Locally everything runs in one isolate. */
import worker, { Outbox as Plain } from "../src/index.ts";

export { Allowance, Throttle } from "../src/index.ts";

const counts = {
  /** Statements to D1 by the HTTP side, and by the durable objects. */
  requests: { reads: 0, writes: 0 },
  outboxes: { reads: 0, writes: 0 },
  /** Rows as they are billed: those of indexes too. */
  d1Rows: { read: 0, written: 0 },
  outboxRows: { read: 0, written: 0 },
  outboxCalls: 0,
  alarms: 0,
  queueMessages: 0,
  r2: { puts: 0, gets: 0, deletes: 0 },
};

type Method = (...parameters: unknown[]) => unknown;

/** A proxy of `target` that calls `seen` before each method call, and with its result after. */
function watched<Target extends object>(target: Target, seen: (name: string, parameters: unknown[], given: unknown) => void): Target {
  return new Proxy(target, {
    get(inside, name) {
      const value: unknown = Reflect.get(inside, name);
      if (typeof value !== "function") return value;
      return (...parameters: unknown[]) => {
        const given: unknown = Reflect.apply(value as Method, inside, parameters);
        seen(String(name), parameters, given);
        return given;
      };
    },
  });
}

interface Result {
  meta: { rows_read: number; rows_written: number };
}

function rows(results: Result[]): void {
  for (const { meta } of results) {
    counts.d1Rows.read += meta.rows_read;
    counts.d1Rows.written += meta.rows_written;
  }
}

function counted(env: Env, by: "requests" | "outboxes"): Env {
  const DB = watched(env.DB, (name, parameters, given) => {
    if (name === "prepare") counts[by][/^\s*(?:SELECT|WITH RECURSIVE)/i.test(String(parameters[0])) ? "reads" : "writes"] += 1;
    if (name === "batch") void (given as Promise<Result[]>).then(rows, () => undefined);
  });
  const BODIES = watched(env.BODIES, (name) => {
    if (name === "put") counts.r2.puts += 1;
    if (name === "get") counts.r2.gets += 1;
    if (name === "delete") counts.r2.deletes += 1;
  });
  const DELIVERIES = watched(env.DELIVERIES, (name) => {
    if (name === "send") counts.queueMessages += 1;
  });
  // Bindings may be on the prototype.
  const instead: Record<string, unknown> = { DB, BODIES, DELIVERIES };
  return new Proxy(env, { get: (bindings, name) => instead[String(name)] ?? (Reflect.get(bindings, name) as unknown) });
}

let patched = false;

/** Counts the rows that objects write. A cursor knows them when its statement has run, which for writes is at once. */
function countRows(context: DurableObjectState): DurableObjectState {
  if (patched) return context;
  patched = true;
  const prototype = Object.getPrototypeOf(context.storage.sql) as { exec: Method };
  const { exec } = prototype;
  prototype.exec = function (this: unknown, ...parameters: unknown[]) {
    const cursor = Reflect.apply(exec, this, parameters) as SqlStorageCursor<Record<string, SqlStorageValue>>;
    counts.outboxRows.read += cursor.rowsRead;
    counts.outboxRows.written += cursor.rowsWritten;
    return cursor;
  };
  return context;
}

export class Outbox extends Plain {
  constructor(context: DurableObjectState, env: Env) {
    super(countRows(context), counted(env, "outboxes"));
  }

  override accept(...parameters: Parameters<Plain["accept"]>) {
    counts.outboxCalls += 1;
    return super.accept(...parameters);
  }

  override lease(...parameters: Parameters<Plain["lease"]>) {
    counts.outboxCalls += 1;
    return super.lease(...parameters);
  }

  override tell(...parameters: Parameters<Plain["tell"]>) {
    counts.outboxCalls += 1;
    return super.tell(...parameters);
  }

  override report(...parameters: Parameters<Plain["report"]>) {
    counts.outboxCalls += 1;
    return super.report(...parameters);
  }

  override alarm(...parameters: Parameters<Plain["alarm"]>) {
    counts.alarms += 1;
    return super.alarm(...parameters);
  }
}

export default {
  ...worker,
  fetch(request: Request, env: Env, context: ExecutionContext): Response | Promise<Response> {
    if (new URL(request.url).pathname === "/v1/counts") return Response.json(counts);
    return worker.fetch(request, counted(env, "requests"), context);
  },
  queue: (batch: Parameters<typeof worker.queue>[0], env: Env, context: ExecutionContext) =>
    worker.queue(batch, counted(env, "requests"), context),
};
