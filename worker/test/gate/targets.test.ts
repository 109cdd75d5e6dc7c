import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { isPrivateAddress } from "../../src/addresses.ts";
import { resolutionFault, targetFault } from "../../src/alerts/target.ts";
import { postWebhook } from "../../src/alerts/webhook.ts";

/** Every spelling known to have led somebody's webhook into somebody's network. */
const REFUSED = [
  "http://hooks.example.com/", "ftp://hooks.example.com/", "file:///etc/passwd", "javascript:alert(1)", "//hooks.example.com/", "hooks.example.com",
  "", "https://", "https:///", "data:text/plain,x", "blob:https://hooks.example.com/x", "https:hooks.example.com@127.0.0.1/",
  "https://user@hooks.example.com/", "https://user:word@hooks.example.com/", "https://@hooks.example.com/", "https://:@hooks.example.com/",
  "https://hooks.example.com\\@127.0.0.1/", "https://hooks.example.com/#@127.0.0.1/", "https://hooks.example.com/#", "https://127.0.0.1#@hooks.example.com/",
  "https://127.0.0.1/", "https://127.0.0.1./", "https://127.1/", "https://127.0.1/", "https://2130706433/", "https://2130706433./", "https://017700000001/",
  "https://0177.0.0.1/", "https://0177.0.0.01/", "https://0x7f.0.0.1/", "https://0x7f000001/", "https://0x7f.1/", "https://0X7F.1/", "https://0x7f.0x0.0x0.0x1/",
  "https://127.0.0.1%2e/", "https://%31%32%37.0.0.1/", "https://１２７.0.0.1/", "https://127。0。0。1/", "https://①②⑦.⓪.⓪.①/", "https://0/", "https://0.0.0.0/", "https://0x/",
  "https://1/", "https://255.255.255.255/", "https://256.256.256.256/", "https://127.0.0.1.1/", "https://10.0.0.1/", "https://172.16.0.1/",
  "https://192.168.1.1/", "https://169.254.169.254/latest/meta-data/", "https://100.64.0.1/", "https://8.8.8.8/", "https://1.1.1.1/",
  "https://[::1]/", "https://[::]/", "https://[0:0:0:0:0:0:0:1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[::127.0.0.1]/",
  "https://[fe80::1]/", "https://[fe80::1%25eth0]/", "https://[fd00::1]/", "https://[64:ff9b::7f00:1]/", "https://[2001:4860:4860::8888]/", "https://[::1].example.com/",
  "https://localhost/", "https://localhost./", "https://LOCALHOST/", "https://ｌocalhost/", "https://loc\u00adalhost/", "https://a.localhost/", "https://a.localhost./",
  "https://localhost.localdomain/", "https://intranet/", "https://router/", "https://printer.local/", "https://db.internal/", "https://metadata.google.internal/",
  "https://metadata.google.internal./", "https://x.lan/", "https://x.home/", "https://x.home.arpa/", "https://x.corp/", "https://x.private/", "https://x.intranet/",
  "https://1.0.0.127.in-addr.arpa/", "https://a.onion/", "https://x.test/", "https://x.invalid/", "https://127.0.0.1.nip.io/", "https://7f000001.nip.io/",
  "https://127-0-0-1.sslip.io/", "https://localtest.me/", "https://a.lvh.me/", "https://7f000001.c0a80001.rbndr.us/", "https://hooks.example.com../", "https://.example.com/",
  "https://hooks..example.com/", "https://hooks.example.com /", "https://hooks.example.com/\r\nX: y", "ht\ttps://hooks.example.com/", " https://hooks.example.com/",
  "https://hooks.example.com/\u202e", `https://hooks.example.com/${"a".repeat(2048)}`, "https://example.0x7f/", "https://a.b.08/",
  "https://hooks.example.com:22/", "https://hooks.example.com:25/", "https://hooks.example.com:80/", "https://hooks.example.com:0/", "https://hooks.example.com:1023/",
];

const TAKEN = ["https://hooks.example.com/", "https://hooks.example.com:443/", "https://hooks.example.com:1024/", "https://hooks.example.com:65535/", "https://hooks.example.com:8443/a?b=c@d", "https://hooks.example.com./x", "https://bücher.example/", "https://0x7f.example.com/", "https://hooks.example.com//user@x/"];

describe("where a webhook may go", () => {
  test.each(REFUSED)("not %j", (url) => {
    expect(targetFault(url, false)).toEqual(expect.any(String));
  });

  test.each(TAKEN)("%j", (url) => {
    expect(targetFault(url, false)).toBeUndefined();
  });

  test("loopback in development, and nothing else more", () => {
    for (const url of ["http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/", "http://127.9.9.9/"]) expect(targetFault(url, true)).toBeUndefined();
    const still = REFUSED.filter((url) => targetFault(url, true) === undefined);
    expect(still.every((url) => /^(?:127\.|localhost$|\[::1\]$)/.test(new URL(url).hostname))).toBe(true);
    expect(targetFault("http://10.0.0.1/", true)).toBeDefined();
    expect(targetFault("http://user@127.0.0.1/", true)).toBeDefined();
  });

  test.each(REFUSED)("nothing is sent to %j that was saved before the rule", async (url) => {
    expect(await postWebhook({ DNS_RESOLVER: undefined, DEVELOPMENT: false }, { url, secret: "whsec_AAAA" }, "n1", "{}")).toMatchObject({ outcome: "failed", result: expect.stringMatching(/^refused: /) });
  });
});

describe("addresses that are nobody's on the Internet", () => {
  test.each([
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.0.1",
    "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:10.0.0.1", "::ffff:a00:1", "::10.0.0.1",
    "::ffff:0:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "100::1", "2001:db8::1", "2001::1", "2002:a00:1::", "3fff::1", "fc00::1", "fdff::1", "fe80::1", "fec0::1", "ff02::1", "4000::1",
    "64:ff9b::808:808", "2002:808:808::", "2620:4f:8000::1", "5f00::1", "192.31.196.1", "fe80::1%eth0",
    "1.2.3", "x", "", "1.2.3.4.5", "1.2.3.400",
  ])("%s", (address) => expect(isPrivateAddress(address)).toBe(true));

  test.each(["1.1.1.1", "8.8.8.8", "100.63.0.1", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.169.0.1", "2606:4700:4700::1111", "2a00:1450:4001::1", "::ffff:1.1.1.1"])(
    "but not %s",
    (address) => expect(isPrivateAddress(address)).toBe(false),
  );
});

describe("a name is looked up before it is used", () => {
  const servers: ReturnType<typeof createServer>[] = [];
  afterEach(() => servers.splice(0).forEach((server) => server.close()));

  async function resolver(answers: Record<string, { type: number; data: string }[]>) {
    const server = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? "", "http://x");
      response.end(JSON.stringify({ Status: 0, Answer: answers[`${searchParams.get("name")} ${searchParams.get("type")}`] }));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { DNS_RESOLVER: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/dns-query`), DEVELOPMENT: false };
  }
  const fault = (settings: Parameters<typeof resolutionFault>[0]) => resolutionFault(settings, new URL("https://hooks.example.com/"), AbortSignal.timeout(2000));

  test("one private address among others is one too many", async () => {
    const env = await resolver({
      "hooks.example.com A": [{ type: 5, data: "x.example." }, { type: 1, data: "1.1.1.1" }],
      "hooks.example.com AAAA": [{ type: 28, data: "::ffff:127.0.0.1" }],
    });
    expect(await fault(env)).toBe("a name that leads to a private address");
  });
  test("public ones are taken, aliases are passed over", async () => {
    expect(await fault(await resolver({ "hooks.example.com A": [{ type: 5, data: "10.0.0.1.example." }, { type: 1, data: "1.1.1.1" }] }))).toBeUndefined();
  });
  test("none at all is refused", async () => expect(await fault(await resolver({}))).toBe("a name without an address"));
  test("a secret that cannot be opened signs nothing", async () => {
    expect(await postWebhook({ DNS_RESOLVER: undefined, DEVELOPMENT: false }, { url: "https://hooks.example.com/", secret: undefined }, "n1", "{}")).toMatchObject({ outcome: "again", result: expect.stringContaining("secret") });
  });
  test("a resolver that does not answer lets nothing out", async () => {
    const env = { DNS_RESOLVER: new URL("http://127.0.0.1:1/dns-query"), DEVELOPMENT: false };
    expect(await postWebhook(env, { url: "https://hooks.example.com/", secret: "whsec_AAAA" }, "n1", "{}")).toEqual({ outcome: "again", result: "no connection" });
  });
});
