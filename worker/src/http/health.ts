/** Whether the gate does its work, for whoever watches over it. It says nothing that everybody may not know. */
import { version } from "sendergate";
import { type ClockState, clockState } from "../directory/clock.ts";
import { newRoutes } from "./routes.ts";

/** For so long an answer is given again: who asks without end costs the database nothing. */
const ASKED_EVERY = 2_000;

let known: { at: number; state: ClockState } | undefined;

export const health = newRoutes();

health.get("/healthz", async (context) => {
  const now = Date.now();
  if (known === undefined || now - known.at >= ASKED_EVERY) known = { at: now, state: await clockState(context.env, now) };
  const { succeededAt, late } = known.state;
  const clock = { lastSuccessAt: new Date(succeededAt).toISOString(), late };
  // Messages are taken all the same; but nobody may be told, and nothing that is stuck moves on.
  return context.json({ status: late.length === 0 ? "ok" : "degraded", engine: version, clock }, late.length === 0 ? 200 : 503);
});
