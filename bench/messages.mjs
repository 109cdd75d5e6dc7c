// Messages of about 1.5 KB, as a mail program submits them.

import { address, domainName, random } from "./data.mjs";

const NAMES = ["Anna Huber", "Jonas Gruber", '"Maria Bauer, Sales"', "Lukas Wagner", '"Info"', "Sofia Pichler"];
const ENCODED = ["=?UTF-8?Q?Anna_H=C3=BCbner?=", "=?UTF-8?B?SsO8cmdlbiBHcnViZXI=?=", "=?utf-8?q?B=C3=BCro_Wien?="];
const TOKEN = "4f1c9a7e2b6d8035";

/** One message: `{ mailFrom, bytes, from, sender }`. */
function message(below, from, sender, name) {
  const to = address(below);
  const head = [
    `Date: Mon, 23 Nov 2026 ${10 + below(10)}:${10 + below(50)}:00 +0100`,
    `From: ${name} <${from}>`,
    `Sender: ${sender}`,
    `To: Peter Steiner <${to}>`,
    `Cc: ${address(below)},`,
    ` Clara Moser <${address(below)}>`,
    `Reply-To: office@${domainName(below)}`,
    `Subject: Your order ${below(100000)} is on its way, and here is what happens next`,
    `Message-ID: <${TOKEN}.${below(1e9)}@${domainName(below)}>`,
    `In-Reply-To: <${TOKEN}.${below(1e9)}@${domainName(below)}>`,
    `References: <${TOKEN}.${below(1e9)}@${domainName(below)}>`,
    ` <${TOKEN}.${below(1e9)}@${domainName(below)}>`,
    `List-Unsubscribe: <https://news.${domainName(below)}/leave?id=${TOKEN}>`,
    "User-Agent: Mozilla Thunderbird",
    `X-Priority: ${1 + below(5)} (${below(2) === 0 ? "High" : "Normal"})`,
    "X-Mailer: WooCommerce 9.4.1",
    "MIME-Version: 1.0",
    'Content-Type: text/plain; charset="utf-8"; format=flowed',
    "Content-Transfer-Encoding: quoted-printable",
    "Content-Language: en",
  ];
  const lines = `${head.join("\r\n")}\r\n\r\n`;
  const text = "Thank you for your order. We have packed it and it leaves our house today.\r\n";
  const body = text.repeat(Math.max(1, Math.ceil((1500 - lines.length) / text.length)));
  return { mailFrom: sender, bytes: new TextEncoder().encode(lines + body), from, sender };
}

/** Messages, three quarters of which a policy of these lists authorizes. */
export function messages(count, { domains, senders }, { encoded = false } = {}) {
  const below = random(5);
  return Array.from({ length: count }, (_, at) => {
    const names = encoded ? ENCODED : NAMES;
    const name = names[below(names.length)];
    const domain = domains[below(domains.length)];
    const from = at % 4 === 3 ? address(below) : `${address(below).split("@")[0]}@${domain}`;
    return message(below, from, senders[below(senders.length)], name);
  });
}

/** The same message with a body that makes it `size` bytes long. */
export function grown({ bytes, ...rest }, size) {
  const line = new TextEncoder().encode("Thank you for your order. We have packed it and it leaves our house today.\r\n");
  const big = new Uint8Array(size);
  big.set(bytes);
  for (let at = bytes.length; at < size; at += line.length) big.set(line.subarray(0, size - at), at);
  return { ...rest, bytes: big };
}
