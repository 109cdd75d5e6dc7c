/** Requests that many tests of the administration use. */
import type { Gate } from "./gate.ts";

export interface ListBody {
  id: string;
  name: string;
  version: number;
  [member: string]: unknown;
}

export interface UserBody {
  username: string;
  password: string;
  version: number;
  domains: string;
  senders: string;
  [member: string]: unknown;
}

/** The body of an answer, which must have this status. */
export async function expected<Body = Record<string, unknown>>(answer: Promise<Response> | Response, status: number): Promise<Body> {
  const given = await answer;
  const text = await given.text();
  if (given.status !== status) throw new Error(`${given.url} was answered with ${given.status}, not ${status}: ${text.slice(0, 500)}`);
  return (text === "" ? undefined : JSON.parse(text)) as Body;
}

export const createList = (gate: Gate, settings: Record<string, unknown> = {}): Promise<ListBody> =>
  expected<ListBody>(gate.admin("POST", "/api/lists", { name: "Customers", ...settings }), 201);

export const createUser = (gate: Gate, list: string, draft: Record<string, unknown> = {}): Promise<UserBody> =>
  expected<UserBody>(gate.admin("POST", `/api/lists/${list}/users`, draft), 201);
