/** The kinds of settings: how to read the text, and the error if it is wrong. */
import { parseSenderList } from "sendergate";
import { isDomain, isLoopback, urlOf } from "./addresses.ts";

export interface Kind<Value> {
  /** Ends the sentence "it wants …". */
  wanted: string;
  /** `undefined` if `text` is not of this kind. */
  read(text: string): Value | undefined;
  /** A wrong text may contain a secret, so it is not shown. */
  hidden?: true;
}

/** A submission server. */
export interface Smarthost {
  hostname: string;
  port: number;
  /** `required` and `opportunistic` are STARTTLS. */
  tls: "implicit" | "required" | "opportunistic" | "none";
}

/** A server as a mail program needs it. */
export interface SubmissionServer {
  host: string;
  port: number;
  encryption: "starttls" | "tls";
}

/** The keys that hash passwords and tokens. */
export interface PepperSetting {
  id: string;
  octets: Uint8Array;
}

export const whole = (least: number, most: number): Kind<number> => ({
  wanted: `a whole number from ${least} to ${most}`,
  read: (text) => (/^\d{1,15}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined),
});

export const choice = <const Name extends string>(...names: Name[]): Kind<Name> => ({
  wanted: `one of ${names.map((name) => `\`${name}\``).join(", ")}`,
  read: (text) => names.find((name) => name === text),
});

export const SWITCH: Kind<boolean> = {
  wanted: "`1` for yes, `0` or nothing for no",
  read: (text) => (text === "1" ? true : text === "0" ? false : undefined),
};

export const HOST: Kind<string> = {
  wanted: "a host name in ASCII, such as `gate.example.com`",
  read: (text) => (text.length <= 253 && isDomain(text) ? text : undefined),
};

/** An address as the engine reads it, the domain in A-labels. An entry for many addresses is none. */
export const MAIL_ADDRESS: Kind<string> = {
  wanted: "one mail address in ASCII, such as `alerts@example.com`",
  read(text) {
    const { ok, entries } = parseSenderList(text);
    const [entry] = entries;
    const one = ok && entries.length === 1 && entry?.kind === "address";
    return one && !/[^\x21-\x7e]/.test(entry.address) ? entry.address : undefined;
  },
};

/** Some URLs contain a secret. */
export const HTTPS: Kind<URL> = {
  wanted: "an `https:` address, or one of `http:` on loopback",
  hidden: true,
  read(text) {
    const url = urlOf(text);
    return url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname)) ? url : undefined;
  },
};

/** The default ports of RFC 6409 and RFC 8314. */
export const SMARTHOST: Kind<Smarthost> = {
  wanted:
    "`smtp://host:587` or `smtps://host:465`, with smtp: perhaps `?tls=opportunistic` or `?tls=none`; user and password are settings of their own",
  hidden: true,
  read(text) {
    const url = urlOf(text);
    if (url === undefined || !["smtp:", "smtps:"].includes(url.protocol) || url.hostname === "" || url.username + url.password !== "") return undefined;
    const implicit = url.protocol === "smtps:";
    const wanted = url.searchParams.get("tls") ?? "required";
    if ((wanted !== "required" && wanted !== "opportunistic" && wanted !== "none") || (implicit && wanted !== "required")) return undefined;
    return {
      hostname: url.hostname.replace(/^\[|\]$/g, ""),
      port: Number(url.port || (implicit ? 465 : 587)),
      tls: implicit ? "implicit" : wanted,
    };
  },
};

const SUBMISSION = /^(smtps?):\/\/([\w.-]+|\[[\da-f:.]+\])(?::(\d{1,5}))?\/?$/i;

export const SUBMISSION_SERVERS: Kind<SubmissionServer[]> = {
  wanted: "`smtp://host:587` and `smtps://host:465`, separated by white space",
  read(text) {
    const servers = text.split(/\s+/).map((one): SubmissionServer | undefined => {
      const [, protocol = "", host, port] = SUBMISSION.exec(one) ?? [];
      const tls = protocol.toLowerCase() === "smtps";
      if (host === undefined || Number(port) > 65_535) return undefined;
      return { host, port: Number(port ?? (tls ? 465 : 587)), encryption: tls ? "tls" : "starttls" };
    });
    return servers.every((server) => server !== undefined) ? servers : undefined;
  },
};

export const TEXT: Kind<string> = { wanted: "a text", hidden: true, read: (text) => text };

export const TOKEN: Kind<string> = {
  wanted: "at least 16 characters",
  hidden: true,
  read: (text) => (text.length >= 16 && text.length <= 1024 ? text : undefined),
};

/** SHA-256 in hexadecimal. */
export const HASH: Kind<Uint8Array> = {
  wanted: "a SHA-256 as 64 hexadecimal digits",
  hidden: true,
  read: (text) => (/^[\da-f]{64}$/i.test(text) ? Buffer.from(text, "hex") : undefined),
};

const LEAST_OCTETS = 16;

function keyOf(text: string): Uint8Array | undefined {
  if (!/^[\w-]+={0,2}$/.test(text)) return undefined;
  const octets = Buffer.from(text, "base64url");
  return octets.length < LEAST_OCTETS ? undefined : octets;
}

export const KEY: Kind<Uint8Array> = { wanted: `at least ${LEAST_OCTETS} octets in base64url`, hidden: true, read: keyOf };

export const PEPPERS: Kind<readonly PepperSetting[]> = {
  wanted: `\`id:base64url\` pairs separated by \`;\`, of at least ${LEAST_OCTETS} octets each, no id twice`,
  hidden: true,
  read(text) {
    const pairs = text.split(";").map((pair) => pair.trim()).filter((pair) => pair !== "");
    const peppers = pairs.flatMap((pair) => {
      const [, id, rest = ""] = /^([^:\s]+):(.+)$/.exec(pair) ?? [];
      const octets = keyOf(rest);
      return id === undefined || octets === undefined ? [] : [{ id, octets }];
    });
    const ids = new Set(peppers.map(({ id }) => id));
    return peppers.length > 0 && peppers.length === pairs.length && ids.size === peppers.length ? peppers : undefined;
  },
};
