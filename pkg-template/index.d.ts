/**
 * sendergate: decides whether a user may send a message with the senders that it names.
 *
 * - An absent value is `undefined`. The only `null` is the null reverse-path, `MAIL FROM:<>`.
 * - Offsets count UTF-16 code units of the string that was passed in, as `setSelectionRange` does.
 * - Whatever a person typed or a message contains, the answer is a value. Only wrong arguments, a policy that does not parse,
 *   or an engine that cannot run throw, and they throw a {@link SendergateError}.
 */

/** All codes and reasons of this version, as unions. The fields that have them are of type `string`, because later versions have more. */
export type { DiagnosticCode, DiagnosticParams, ReasonCode } from "./codes.js";

/** 1 very high, 2 high, 3 normal, 4 low, 5 very low: the smaller number is the higher priority. */
export type PriorityLevel = 1 | 2 | 3 | 4 | 5;

/** `error`: the text is refused. `warning` and `info`: the text is accepted. */
export type Severity = "error" | "warning" | "info";

/** A field of the user form. */
export type UserField = "username" | "active" | "priority" | "note" | "domains" | "senders";

/** From `start` up to, not including, `end`; in UTF-16 code units. */
export interface Span {
  start: number;
  end: number;
}

/** One replacement in a text. */
export interface Edit {
  span: Span;
  replacement: string;
}

/**
 * Edits that remove the diagnostic that they belong to: {@link applyFix} applies them. The edits of one fix do not overlap. A
 * `safe` fix has a plain meaning and authorizes no additional sender; {@link fixAll} applies those.
 */
export interface Fix {
  /** Short enough for the label of a button. */
  title: string;
  edits: Edit[];
  safe: boolean;
}

/** One problem in a text, or something worth knowing. */
export interface Diagnostic {
  /** Kebab-case and stable; see {@link DiagnosticCode}. */
  code: string;
  severity: Severity;
  /** An English sentence without its final period. It quotes the wrong text in backticks, cut after 80 code points. */
  message: string;
  /** The values in the message, for translations; {@link DiagnosticParams} has those of each code. */
  params: Record<string, string>;
  /** What to do about it. */
  help?: string;
  /** The field of the form, from {@link validateUser}. */
  field?: UserField;
  /** Where in the text. */
  span?: Span;
  fix?: Fix;
}

/** One entry of a list of domains. */
export interface DomainEntry {
  /** `domain` stands for this domain alone; `subdomains` (`*.x`) for all below it, and not for itself. */
  kind: "domain" | "subdomains";
  /** In A-labels and lower case, without `*.`. */
  ascii: string;
  /** In U-labels, for people. */
  unicode: string;
  span: Span;
}

/** One entry of a list of senders. */
export interface SenderEntry {
  /**
   * `address` stands for this address alone; `sub-addresses` (`info+*@x`) for every sub-address of `info@x` (RFC 5233), whatever
   * follows the `+`, even nothing, and not for itself.
   */
  kind: "address" | "sub-addresses";
  /** The local-part as it was typed, the domain in A-labels. Of sub-addresses with the `+*`. */
  address: string;
  localPart: string;
  domain: { ascii: string; unicode: string };
  span: Span;
}

/** A parsed list. */
export interface ParsedList<Entry> {
  /** Whether no diagnostic is an error. */
  ok: boolean;
  entries: Entry[];
  /** In the order of the text. */
  diagnostics: Diagnostic[];
  /** The entries in canonical form, each once, separated by `;`. It parses to the same entries. */
  canonical: string;
}

/** Reads a `;`-separated list of domains. */
export function parseDomainList(text: string): ParsedList<DomainEntry>;

/** Reads a `;`-separated list of sender addresses: `info@x`, or `info+*@x` for its sub-addresses. */
export function parseSenderList(text: string): ParsedList<SenderEntry>;

/**
 * The text with one fix applied; `undefined` where its edits do not fit this text: one ends before it begins, lies outside
 * of the text or within a surrogate pair, or two of them overlap. Nothing but the edits changes, lone surrogates included.
 * @throws SendergateError `invalid-argument` where `text` is no string or `fix` is no fix.
 */
export function applyFix(text: string, fix: Fix): string | undefined;

/**
 * Every safe fix of a list, in order and but for those that overlap one before them; then the text is read again, until no
 * safe fix is left: what "fix all" does in `<sender-list>` and in the command. A second call changes nothing. `applied`
 * holds the fixes in the order in which they were applied, each with the spans of the reading that found it.
 *
 * A list over 1 MiB is left as it is. So is one that takes more than 16 MiB of reading, which no list does that was not
 * made for it.
 * @throws SendergateError `invalid-argument`
 */
export function fixAll(kind: "domains" | "senders", text: string): { text: string; applied: Fix[] };

/** The values of the form as they are. */
export interface UserDraft {
  username?: string;
  active?: boolean;
  priority?: number;
  note?: string;
  domains?: string;
  senders?: string;
}

/** A user with valid fields in canonical form. */
export interface User {
  /** Only if the draft has one: the engine checks names and does not make them. */
  username?: string;
  active: boolean;
  priority: PriorityLevel;
  note: string;
  domains: string;
  senders: string;
}

/** The user, or what is wrong. Both may have warnings. */
export type UserValidation =
  | { ok: true; user: User; diagnostics: Diagnostic[] }
  | { ok: false; diagnostics: Diagnostic[] };

/** Checks the whole form at once. Every diagnostic names its `field`. */
export function validateUser(draft: UserDraft): UserValidation;

/**
 * A place in a submission that names a sender. `display-name` stands for the addresses in the display-names of `From` and
 * `Sender`, decoded: what people read (`"ceo@bank.example" <info@shop.example>`). It is checked only where it is asked for,
 * comes last where findings tie, and a name without an address is none.
 */
export type Identity = "mail-from" | "from" | "sender" | "resent-from" | "resent-sender" | "display-name";

/**
 * What a scanner of the body found that no two programs read alike. `bare-lf`: an LF without its CR where lines end with
 * CRLF; `line-endings`: both kinds, whichever came first.
 */
export type BodyFault = "nul" | "bare-cr" | "bare-lf" | "line-endings";

/** What a user may send as, and what happens otherwise. */
export interface PolicyOptions {
  /** As typed into the form. With both lists empty every sender is authorized. */
  domains?: string;
  /** As typed into the form. */
  senders?: string;
  /** Default `true`. An inactive user sends nothing. */
  active?: boolean;
  /** Default 3. Taken when the message asks for none; otherwise the higher of the two is. */
  priority?: PriorityLevel;
  /** The highest level that a message of this user gets. Default 1, which caps nothing. */
  maxPriority?: PriorityLevel;
  /** Default `block`. With `alert` the message goes out, and an alert is raised. */
  onUnauthorized?: "alert" | "block";
  /**
   * What must be authorized: at least one, by default all but `display-name`. Leave `mail-from` out for bounce services and
   * VERP; add `display-name` where no name may show an address of somebody else.
   */
  identities?: Identity[];
}

/** One message that a user submits. */
export interface Submission {
  /** The reverse-path without its brackets, `null` for `<>`, absent where there is no envelope. */
  mailFrom?: string | null;
  /**
   * The raw message, or its beginning up to and including the empty line that ends the header section. Of it, 256 KiB
   * are looked at. Absent: `mailFrom` alone is judged, as at MAIL FROM.
   */
  header?: Uint8Array;
  /** Nothing follows `header`: neither an empty line nor a body. */
  headerComplete?: boolean;
  /** MT-PRIORITY of the envelope (RFC 6710), from -9 to 9. */
  mtPriority?: number;
  /** What is wrong with the body, known when it has passed: the same submission is decided again with it. */
  bodyFault?: BodyFault;
}

/**
 * Octets of the header section to leave out, from `start` up to, not including, `end`, and text to put in their place.
 * Offsets are octets of the `header` that was given.
 */
export interface HeaderEdit {
  start: number;
  end: number;
  insert: string;
}

/** What is known about the senders. `ambiguous`: two mail programs could read two different senders. */
export type Verdict = "authorized" | "unauthorized" | "ambiguous";

/** What to do with the message. */
export type Action = "send" | "send-and-alert" | "block";

/** An entry of the policy. */
export interface Rule {
  list: "domains" | "senders";
  entry: string;
}

/** The verdict for one address of one identity, or for an identity that could not be read. */
export interface Finding {
  identity: Identity;
  /** The number of the field among those of the same name, from 0. */
  field: number;
  /** Of a `display-name`: whose it is. */
  of?: "from" | "sender";
  /** As the message has it, with U+FFFD for bytes that are no text. Absent for a null reverse-path and for no address. */
  address?: string;
  /** If ambiguous: all addresses that some reader could take. */
  candidates?: string[];
  verdict: Verdict;
  /** Kebab-case and stable; see {@link ReasonCode}. */
  reason: string;
  /** The entry that authorizes it. */
  rule?: Rule;
  /**
   * The entry it came close to, and how: `subdomain-of-listed`, `parent-of-listed`, `other-sender-at-domain`,
   * `typo-of-listed` or `sub-address-of-listed`.
   */
  nearMiss?: Rule & { how: string };
}

/** The level of a message, and where it comes from. */
export interface PriorityResolution {
  effective: PriorityLevel;
  user: PriorityLevel;
  /** The level that the message asks for, if that is valid. */
  message?: PriorityLevel;
  source: "user" | "mt-priority" | "x-priority" | "priority" | "importance" | "x-msmail-priority";
  /** Fields of the message disagree, or one is there twice. */
  conflict: boolean;
  /** `maxPriority` lowered it. */
  capped: boolean;
  /** The header fields that show the effective level, for a gate that writes them. */
  fields: { name: string; value: string }[];
}

/** The answer for the SMTP client: printable ASCII, at most 400 octets, with nothing out of the message in it. */
export interface SmtpReply {
  code: number;
  enhancedCode: string;
  text: string;
}

/** What to do with one message, and why. */
export interface Decision {
  action: Action;
  verdict: Verdict;
  /** That of the deciding finding, or `no-restrictions`, `user-inactive`, `no-identity`, `malformed-…`. */
  reason: string;
  findings: Finding[];
  /** The index of the deciding finding, if there is one. */
  decidedBy?: number;
  /**
   * What was looked at, found or not: nothing where the user is inactive or the message malformed, `mail-from` alone
   * where there is no header. Keep it with the findings for {@link SenderPolicy.rejudge}.
   */
  checked: Identity[];
  priority: PriorityResolution;
  reply: SmtpReply;
  /** One line for people, unless the action is `send`. */
  alert?: string;
}

/** A compiled policy in the engine's memory. Make one for each user and use it for many messages. */
export class SenderPolicy {
  /** @throws {@link SendergateError} `policy-invalid` with the `diagnostics`, when a list does not parse. */
  constructor(options?: PolicyOptions);
  /** Decides one message. */
  decide(submission: Submission): Decision;
  /** Whether one address is authorized. Fast: it allocates nothing in JavaScript. */
  authorizes(address: string): boolean;
  /** The same for many addresses, in one call into the engine. */
  authorizesAll(addresses: readonly string[]): boolean[];
  /** The finding for one address. */
  explain(address: string): Finding;
  /**
   * Judges findings that were kept: addresses anew, while what was ambiguous stays so. `was` says what else the decision
   * said: its `reason` (a malformed message stays so), what was `checked` (by default all but `display-name`), and whether
   * findings were left out (`truncated`: then nothing unauthorized becomes authorized). What this policy checks and nobody
   * looked at then comes back in `unknown`. Nothing is authorized here that `decide` would not authorize, but for what is
   * unknown.
   */
  rejudge(
    findings: readonly Finding[],
    was?: { reason?: string; checked?: Identity[]; truncated?: boolean },
  ): { verdict: Verdict; action: Action; reason: string; findings: Finding[]; decidedBy?: number; unknown: Identity[] };
  /** The number of entries of both lists. */
  readonly size: number;
  /**
   * Gives the memory back; a second time does nothing. Every other call afterwards throws `policy-freed`.
   * `using` does the same; import `sendergate/dispose` for its types. The garbage collector sees to what was forgotten.
   */
  free(): void;
}

/** The level of a message, for a caller without a policy. */
export function resolvePriority(options: {
  user?: PriorityLevel;
  maxPriority?: PriorityLevel;
  header?: Uint8Array;
  mtPriority?: number;
}): PriorityResolution;

/**
 * What a submission agent changes in a header section (RFC 6409 section 8), in order, no edit overlapping another:
 *
 * - `Return-Path`, `Bcc` and `Resent-Bcc` go, and each `Authentication-Results` that claims to be of `host`.
 * - `Date` and `Message-ID` (`messageId`, without brackets) come where there is none.
 * - With `stamp`, the priority fields say its effective level, and no others are left.
 * - A name that breaks the grammar and misleads nobody (`Company, Inc. <info@a.com>`) is put into quotes, unless the message
 *   is signed.
 *
 * A section that is malformed, or not whole, gets none. Of the result there are no further edits.
 *
 * @throws {@link SendergateError} `invalid-argument` where `host`, `messageId` or `date` cannot stand in a header section.
 */
export function headerEdits(
  header: Uint8Array,
  options: { host: string; messageId: string; date: Date; stamp?: PriorityResolution; headerComplete?: boolean },
): HeaderEdit[];

/**
 * What a log shows of a header section, and what a gate counts in it. `subject`: the first one, decoded, in one line of at
 * most 200 characters without controls. `received`: how many `Received` fields there are.
 */
export function headerFacts(header: Uint8Array): { subject?: string; received: number };

/** A stream of bytes, typed structurally: a `ReadableStream`, without the DOM's types. */
export interface ByteStream {
  getReader(): {
    read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
    cancel(reason?: unknown): Promise<void>;
    releaseLock(): void;
  };
}

/**
 * Reads a stream up to the end of the header section and no further. `header` and `headerComplete` are for
 * {@link SenderPolicy.decide}; `message` is the whole message again, from its first byte.
 *
 * @throws {@link SendergateError} `header-too-large` after `limit` bytes, 256 KiB unless said otherwise.
 */
export function readHeader<S extends ByteStream>(
  stream: S,
  options?: { limit?: number },
): Promise<{ header: Uint8Array; headerComplete: boolean; message: S }>;

/**
 * In browsers, to be awaited once before any other call, which throws `not-ready` otherwise. Elsewhere not needed. Once the engine is there,
 * by `init` of `sendergate/slim` too, it downloads nothing.
 *
 * @throws {@link SendergateError} `load-failed`: the message says which address was asked, what came back and what to do, `cause` what was
 * thrown. It may be called again.
 */
export function ready(): Promise<void>;

/** The only error that the package throws on purpose. */
export class SendergateError extends Error {
  /**
   * Kebab-case and stable: `invalid-argument`, `policy-invalid`, `policy-freed`, `not-ready`, `load-failed`,
   * `header-too-large`, `engine-fault`.
   */
  readonly code: string;
  /** What is wrong with a policy's lists; otherwise empty. */
  readonly diagnostics: Diagnostic[];
}

/** The version of the package. */
export const version: string;
