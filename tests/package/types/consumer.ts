// A consumer with neither the DOM nor Node's types.
import { SenderPolicy, SendergateError, parseDomainList, readHeader, ready, validateUser } from "sendergate";
import type { ByteStream, DiagnosticCode, DiagnosticParams, ReasonCode } from "sendergate";
import { init } from "sendergate/slim";
import wasm from "sendergate/wasm";

export async function main(stream: ByteStream): Promise<string> {
  await ready();
  await init(wasm);
  const { entries, diagnostics } = parseDomainList("a.com; b.com");
  const first: "domain" | "subdomains" | undefined = entries[0]?.kind;
  const code: DiagnosticCode = "separator-comma";
  const params: DiagnosticParams["label-too-long"] = { label: "a", limit: "63" };
  // @ts-expect-error: of another code
  const wrong: DiagnosticParams["separator-comma"] = { label: "a" };
  const reason: ReasonCode = "listed-domain";
  const checked = validateUser({ domains: "a.com" });
  const priority: 1 | 2 | 3 | 4 | 5 | undefined = checked.ok ? checked.user.priority : undefined;
  const policy = new SenderPolicy({ domains: "a.com" });
  try {
    const { header, headerComplete } = await readHeader(stream);
    const decision = policy.decide({ mailFrom: null, header, headerComplete });
    return `${first} ${diagnostics.length} ${code} ${reason} ${priority} ${decision.reply.text}`;
  } catch (error) {
    return error instanceof SendergateError ? error.code : "";
  } finally {
    policy.free();
  }
}

export function misuse(): void {
  // @ts-expect-error a list is a string
  parseDomainList(["a.com"]);
  // @ts-expect-error there is no level 6
  new SenderPolicy({ priority: 6 });
  // @ts-expect-error typed by sendergate/dispose, and only there
  new SenderPolicy()[Symbol.dispose]();
}
