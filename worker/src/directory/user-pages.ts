/** The table of a list's users: searched, sorted, a page at a time. */
import { parseDomainList } from "sendergate";
import { SUMMARY, type SummaryRow, type UserSummary, summaryOf } from "./users.ts";

/** The sort key of each column. Names and notes sort without ASCII case; a note by its beginning, which fits into a cursor. */
const KEYS = {
  username: "username",
  note: "lower(substr(note, 1, 100))",
  active: "active",
  priority: "priority",
  domainCount: "domain_count",
  senderCount: "sender_count",
  createdAt: "created_at",
  updatedAt: "updated_at",
  // Users who never sent anything come first.
  lastMessageAt: "coalesce(last_message_at, 0)",
} as const;

export type SortKey = keyof typeof KEYS;
export const SORT_KEYS = Object.keys(KEYS) as [SortKey, ...SortKey[]];

export interface UserQuery {
  search?: string | undefined;
  active?: boolean | undefined;
  sort: SortKey;
  order: "asc" | "desc";
  limit: number;
  /** The sort key and the name of the last user seen. */
  after?: (string | number)[] | undefined;
  lists: boolean;
}

export type UserItem = UserSummary & { domains?: string; senders?: string };

interface Row extends SummaryRow {
  key: string | number;
  domains?: string;
  senders?: string;
  octets?: number;
}

/** How much of the lists fits on a page; the first user always fits. */
const LISTS_ON_A_PAGE = 4_000_000;

/** The number of users that match, and those of the page; `ended` if it has the last one. */
export async function pageOfUsers(env: Env, list: string, query: UserQuery) {
  const where = ["list_id = ?"];
  const values: (string | number)[] = [list];
  if (query.active !== undefined) {
    where.push("active = ?");
    values.push(query.active ? 1 : 0);
  }
  const search = query.search?.trim() ?? "";
  if (search !== "") {
    // The lists have A-labels; a person may search for U-labels.
    const domain = parseDomainList(search).entries[0]?.ascii ?? search;
    const found = ["username", "note", "domains", "senders"].map((column) => `instr(lower(${column}), lower(?)) > 0`);
    where.push(`(${found.join(" OR ")} OR instr(domains, ?) > 0 OR instr(lower(senders), ?) > 0)`);
    values.push(search, search, search, search, domain, domain);
  }
  const total = env.DB.prepare(`SELECT count(*) AS n FROM users WHERE ${where.join(" AND ")}`).bind(...values);

  const key = KEYS[query.sort];
  const { after, order } = query;
  if (after !== undefined) {
    where.push(`(${key}, username) ${order === "asc" ? ">" : "<"} (?, ?)`);
    values.push(...after);
  }
  const lists = query.lists ? ", domains, senders" : "";
  const page = `SELECT ${SUMMARY}, ${key} AS key${lists} FROM users WHERE ${where.join(" AND ")}
    ORDER BY ${key} ${order}, username ${order} LIMIT ?`;
  const sized = query.lists
    ? `SELECT *, sum(length(domains) + length(senders)) OVER (ORDER BY key ${order}, username ${order} ROWS UNBOUNDED PRECEDING) AS octets
       FROM (${page}) ORDER BY key ${order}, username ${order}`
    : page;
  const rows = env.DB.prepare(sized).bind(...values, query.limit + 1);
  const [counted, read] = await env.DB.batch<Row & { n: number }>([total, rows]);

  const all = read?.results ?? [];
  const room = all.filter(({ octets }, index) => index === 0 || (octets ?? 0) <= LISTS_ON_A_PAGE).slice(0, query.limit);
  const last = room.at(-1);
  const items = room.map((row): UserItem => {
    const { domains, senders } = row;
    return { ...summaryOf(row), ...(domains === undefined || senders === undefined ? {} : { domains, senders }) };
  });
  return {
    total: counted?.results[0]?.n ?? 0,
    items,
    last: last === undefined || room.length === all.length ? undefined : [last.key, last.username],
  };
}
