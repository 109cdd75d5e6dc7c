/** The rules for order and pauses, without clock and storage. Times are in milliseconds. */
import type { PriorityLevel } from "sendergate";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A message that has been due for so long rises one level, and again after the same time. */
export const RISES_AFTER = 15 * MINUTE;
/** The highest level that a message gets by waiting: only messages with level 1 have that. */
export const RISES_TO = 2;
/** For how long a message is tried. */
export const GIVE_UP_AFTER = 5 * 24 * HOUR;

/** Pauses between the attempts of one message; the last one repeats. */
export const PAUSES: readonly number[] = [
  1 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, 1 * HOUR, 2 * HOUR, 4 * HOUR,
];
/** Pauses while the relay cannot be reached; the last one repeats. */
export const RELAY_PAUSES: readonly number[] = [5 * SECOND, 15 * SECOND, 30 * SECOND, 1 * MINUTE, 2 * MINUTE];

/** What decides the order. */
export interface Candidate {
  level: PriorityLevel;
  /** Since when it is due. */
  dueAt: number;
  /** A running number of acceptances, which decides between messages that are due since the same time. */
  seq: number;
  /** Failed attempts. */
  attempts: number;
}

/** The level of a message that has been due since `dueAt`. */
export function levelNow(level: PriorityLevel, dueAt: number, now: number): PriorityLevel {
  if (level <= RISES_TO) return level;
  const risen = level - Math.floor(Math.max(0, now - dueAt) / RISES_AFTER);
  return Math.max(RISES_TO, risen) as PriorityLevel;
}

/** Negative where `a` goes first: by level, then by how long it has been due. */
export function compare(a: Candidate, b: Candidate, now: number): number {
  return levelNow(a.level, a.dueAt, now) - levelNow(b.level, b.dueAt, now) || a.dueAt - b.dueAt || a.seq - b.seq;
}

/** How many retries of level 1 may run at once: half, so that new mail always finds a connection. */
export function urgentRetries(connections: number): number {
  return Math.max(1, Math.floor(connections / 2));
}

export const isUrgentRetry = ({ level, attempts }: Pick<Candidate, "level" | "attempts">): boolean => level === 1 && attempts > 0;

/** The first `free` of `candidates` in order, with at most `retriesLeft` urgent retries. */
export function pick<T extends Candidate>(candidates: readonly T[], now: number, free: number, retriesLeft: number): T[] {
  const picked: T[] = [];
  for (const candidate of candidates.toSorted((a, b) => compare(a, b, now))) {
    if (picked.length >= free) break;
    if (isUrgentRetry(candidate)) {
      if (retriesLeft <= 0) continue;
      retriesLeft -= 1;
    }
    picked.push(candidate);
  }
  return picked;
}

/** The pause after so many attempts, up to a tenth longer or shorter, so that messages that failed together are not retried together. */
export function pauseAfter(attempts: number, random: number): number {
  const pause = PAUSES[Math.min(Math.max(attempts, 1), PAUSES.length) - 1] as number;
  return Math.round(pause * (0.9 + 0.2 * random));
}

/** The pause after the relay could not be reached so many times in a row. */
export function relayPauseAfter(failures: number): number {
  return RELAY_PAUSES[Math.min(Math.max(failures, 1), RELAY_PAUSES.length) - 1] as number;
}
