// A service worker: it is ready before it is active, and answers what a page fetches.
import * as api from "sendergate";
import { answers } from "./program/answers.mjs";

addEventListener("install", (event) => event.waitUntil(api.ready().then(() => skipWaiting())));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  if (!event.request.url.endsWith("/answers")) return;
  event.respondWith(
    answers(api).then(
      (all) => Response.json(all),
      (error) => Response.json({ error: String(error?.stack ?? error) }),
    ),
  );
});
