/** Versions: a write says which one it read (RFC 9110 section 13.1), so that two people editing one thing lose nothing silently. */
import { z } from "@hono/zod-openapi";
import { Problem } from "../../problem.ts";

export const etag = (version: number): string => `"${version}"`;

/** A request header of every write. Optional in the schema: without it the answer is 428, not 422. */
export const IfMatch = z.object({
  "if-match": z.string().optional().openapi({ description: "The `ETag` of the version that was read.", example: '"1"' }),
});

/** A response header of every answer with a version. */
export const ETAG = { etag: { description: "The version.", schema: { type: "string" as const }, required: true } };

/**
 * The versions that an `If-Match` accepts. `W/` is passed over: proxies that compress an answer put it there.
 *
 * @throws Problem 428 where it names none. `*` names none: it would overwrite whatever stands.
 */
export function versionsRead(ifMatch: string | undefined): number[] {
  const tags = (ifMatch ?? "").split(",").map((tag) => /^\s*(?:W\/)?"(\d{1,15})"\s*$/.exec(tag)?.[1]);
  const versions = tags.filter((tag) => tag !== undefined).map(Number);
  if (ifMatch !== undefined && ifMatch.trim() !== "*" && ifMatch.trim() !== "") return versions;
  throw new Problem(428, "version-missing", "this write must say which version it read: send its `ETag` as `If-Match`");
}

/** Somebody has been quicker: what stands now, and what this write would have made of it. */
export function versionPassed(current: { version: number }, yours: unknown): Problem {
  const detail = "somebody has changed this since it was read; compare `yours` with `current` and write again";
  return new Problem(412, "version-passed", detail, { current, yours }, { etag: etag(current.version) });
}
