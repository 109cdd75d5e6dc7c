/** Where mail programs submit: `SUBMISSION_URLS` as rows to show. */
import type { Env } from "../../env.ts";

export interface SubmissionServer {
  host: string;
  port: number;
  encryption: "starttls" | "tls";
}

/** RFC 6409 and RFC 8314 name the ports that are meant where none is written. */
const SCHEMES: Record<string, { port: number; encryption: SubmissionServer["encryption"] }> = {
  smtp: { port: 587, encryption: "starttls" },
  smtps: { port: 465, encryption: "tls" },
};

export function submissionServers({ SUBMISSION_URLS }: Pick<Env, "SUBMISSION_URLS">): SubmissionServer[] {
  const texts = (SUBMISSION_URLS ?? "").split(/\s+/).filter((text) => text !== "");
  return texts.map((text) => {
    const [, protocol = "", host, port] = /^(smtps?):\/\/([\w.-]+|\[[\da-f:.]+\])(?::(\d{1,5}))?\/?$/i.exec(text) ?? [];
    const scheme = SCHEMES[protocol.toLowerCase()];
    if (host === undefined || scheme === undefined) {
      throw new TypeError("SUBMISSION_URLS wants `smtp://host:587` and `smtps://host:465`, separated by white space");
    }
    return { host, port: port === undefined ? scheme.port : Number(port), encryption: scheme.encryption };
  });
}
