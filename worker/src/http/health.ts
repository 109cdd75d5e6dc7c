/** `/healthz`: whether the gate works. It is public, so it says nothing secret. */
import { version } from "sendergate";
import { type ClockState, clockState } from "../directory/clock.ts";
import { newRoutes } from "./routes.ts";

/** For how long an answer is reused, so that many requests do not load the database. */
const ASKED_EVERY = 2_000;

let known: { at: number; state: ClockState } | undefined;

export const health = newRoutes();

health.get("/healthz", async (context) => {
  const now = Date.now();
  if (known === undefined || now - known.at >= ASKED_EVERY) known = { at: now, state: await clockState(context.env, now) };
  const { succeededAt, late } = known.state;
  const clock = { lastSuccessAt: new Date(succeededAt).toISOString(), late };
  // Messages are still accepted, but notices may not go out, and stuck outboxes stay stuck.
  return context.json({ status: late.length === 0 ? "ok" : "degraded", engine: version, clock }, late.length === 0 ? 200 : 503);
});
