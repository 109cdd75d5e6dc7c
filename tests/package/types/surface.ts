// The public types a second time: the declarations must have exactly these members.
// `Same` accepts only identical types, with optional and readonly marks.
import * as api from "sendergate";
import type {
  Action, BodyFault, ByteStream, Decision, Diagnostic, DomainEntry, Edit, Finding, Fix, HeaderEdit, Identity, ParsedList, PolicyOptions,
  PriorityLevel, PriorityResolution, Rule, SenderEntry, Severity, SmtpReply, Span, Submission, User, UserDraft,
  UserField, UserValidation, Verdict,
} from "sendergate";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type All<T extends true[]> = T;

type Level = 1 | 2 | 3 | 4 | 5;
type Fields = "username" | "active" | "priority" | "note" | "domains" | "senders";
type Range = { start: number; end: number };
type Mend = { title: string; edits: { span: Range; replacement: string }[]; safe: boolean };
type Word = {
  code: string; severity: "error" | "warning" | "info"; message: string; params: Record<string, string>;
  help?: string; field?: Fields; span?: Range; fix?: Mend;
};
type List<E> = { ok: boolean; entries: E[]; diagnostics: Word[]; canonical: string };
type Domain = { kind: "domain" | "subdomains"; ascii: string; unicode: string; span: Range };
type Sender = {
  kind: "address" | "sub-addresses"; address: string; localPart: string; domain: { ascii: string; unicode: string };
  span: Range;
};
type Draft = { username?: string; active?: boolean; priority?: number; note?: string; domains?: string; senders?: string };
type Person = { username?: string; active: boolean; priority: Level; note: string; domains: string; senders: string };
type Checked = { ok: true; user: Person; diagnostics: Word[] } | { ok: false; diagnostics: Word[] };
type Place = "mail-from" | "from" | "sender" | "resent-from" | "resent-sender" | "display-name";
type Options = {
  domains?: string; senders?: string; active?: boolean; priority?: Level; maxPriority?: Level;
  onUnauthorized?: "alert" | "block"; identities?: Place[];
};
type Fault = "nul" | "bare-cr" | "bare-lf" | "line-endings";
type Sent = { mailFrom?: string | null; header?: Uint8Array; headerComplete?: boolean; mtPriority?: number; bodyFault?: Fault };
type Entry = { list: "domains" | "senders"; entry: string };
type Truth = "authorized" | "unauthorized" | "ambiguous";
type Found = {
  identity: Place; field: number; of?: "from" | "sender"; address?: string; candidates?: string[]; verdict: Truth; reason: string;
  rule?: Entry; nearMiss?: Rule & { how: string };
};
type Resolved = {
  effective: Level; user: Level; message?: Level;
  source: "user" | "mt-priority" | "x-priority" | "priority" | "importance" | "x-msmail-priority";
  conflict: boolean; capped: boolean; fields: { name: string; value: string }[];
};
type Reply = { code: number; enhancedCode: string; text: string };
type Outcome = {
  action: "send" | "send-and-alert" | "block"; verdict: Truth; reason: string; findings: Found[]; decidedBy?: number;
  checked: Place[]; priority: Resolved; reply: Reply; alert?: string;
};
type Was = { reason?: string; checked?: Place[]; truncated?: boolean };
type Again = {
  verdict: Truth; action: Outcome["action"]; reason: string; findings: Found[]; decidedBy?: number; unknown: Place[];
};
type Completion = { host: string; messageId: string; date: Date; stamp?: Resolved; headerComplete?: boolean };
type Bytes = {
  getReader(): {
    read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
    cancel(reason?: unknown): Promise<void>;
    releaseLock(): void;
  };
};

export type Shapes = All<[
  Same<PriorityLevel, Level>, Same<Severity, Word["severity"]>, Same<UserField, Fields>, Same<Span, Range>,
  Same<Edit, Mend["edits"][number]>, Same<Fix, Mend>, Same<Diagnostic, Word>, Same<DomainEntry, Domain>,
  Same<SenderEntry, Sender>, Same<ParsedList<Domain>, List<Domain>>, Same<UserDraft, Draft>, Same<User, Person>,
  Same<UserValidation, Checked>, Same<Identity, Place>, Same<PolicyOptions, Options>, Same<Submission, Sent>,
  Same<Verdict, Truth>, Same<Action, Outcome["action"]>, Same<Rule, Entry>, Same<Finding, Found>,
  Same<PriorityResolution, Resolved>, Same<SmtpReply, Reply>, Same<Decision, Outcome>, Same<ByteStream, Bytes>,
  Same<BodyFault, Fault>, Same<HeaderEdit, { start: number; end: number; insert: string }>,
]>;

export type Functions = All<[
  Same<typeof api.parseDomainList, (text: string) => List<Domain>>,
  Same<typeof api.parseSenderList, (text: string) => List<Sender>>,
  Same<typeof api.applyFix, (text: string, fix: Mend) => string | undefined>,
  Same<typeof api.fixAll, (kind: "domains" | "senders", text: string) => { text: string; applied: Mend[] }>,
  Same<typeof api.validateUser, (draft: Draft) => Checked>,
  Same<
    typeof api.resolvePriority,
    (options: { user?: Level; maxPriority?: Level; header?: Uint8Array; mtPriority?: number }) => Resolved
  >,
  Same<
    typeof api.readHeader,
    <S extends Bytes>(
      stream: S, options?: { limit?: number },
    ) => Promise<{ header: Uint8Array; headerComplete: boolean; message: S }>
  >,
  Same<typeof api.ready, () => Promise<void>>,
  Same<typeof api.version, string>,
  Same<ConstructorParameters<typeof api.SenderPolicy>[0], Options | undefined>,
  Same<keyof api.SenderPolicy, "decide" | "authorizes" | "authorizesAll" | "explain" | "rejudge" | "size" | "free">,
  Same<api.SenderPolicy["decide"], (submission: Sent) => Outcome>,
  Same<api.SenderPolicy["authorizes"], (address: string) => boolean>,
  Same<api.SenderPolicy["authorizesAll"], (addresses: readonly string[]) => boolean[]>,
  Same<api.SenderPolicy["explain"], (address: string) => Found>,
  Same<api.SenderPolicy["rejudge"], (findings: readonly Found[], was?: Was) => Again>,
  Same<typeof api.headerEdits, (header: Uint8Array, options: Completion) => { start: number; end: number; insert: string }[]>,
  Same<typeof api.headerFacts, (header: Uint8Array) => { subject?: string; received: number }>,
  Same<Pick<api.SenderPolicy, "size">, { readonly size: number }>,
  Same<api.SenderPolicy["free"], () => void>,
  Same<Pick<api.SendergateError, "code" | "diagnostics">, { readonly code: string; readonly diagnostics: Word[] }>,
]>;

// Shows that the test can fail.
// @ts-expect-error an optional member is not a required one
export type Fails = All<[Same<{ a?: string }, { a: string }>]>;
