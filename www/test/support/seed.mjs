/** A list that has seen a day's traffic: users of several kinds, messages sent, alerted and refused through the gate itself. */

/** Sends `raw` as `user`; the answer's status. */
export async function submit(panel, user, from, to, raw, headers = {}) {
  const query = new URLSearchParams([["from", from], ["to", to]]);
  const authorization = `Basic ${Buffer.from(`${user.username}:${user.password}`).toString("base64")}`;
  const response = await fetch(`${panel.url}/v1/messages?${query}`, {
    method: "POST",
    headers: { authorization, "content-type": "message/rfc822", ...headers },
    body: raw,
  });
  await response.arrayBuffer();
  return response.status;
}

const message = (from, subject, extra = "") => `From: ${from}\r\nTo: customer@dest.example\r\nSubject: ${subject}\r\n${extra}\r\nHello\r\n`;

export async function seed(panel, rounds = 6) {
  const { body: list } = await panel.api("POST", "/api/lists", { name: "SMTP+ of the shop" });
  const make = async (draft) => (await panel.api("POST", `/api/lists/${list.id}/users`, draft)).body;
  const user = await make({ note: "WordPress on www.example.com", domains: "example.com; *.example.org", senders: "newsletter@example.net", priority: 3 });
  const urgent = await make({ note: "Magento: order confirmations", domains: "shop.example.com", senders: "", priority: 2 });
  await make({ note: "Salesforce (switched off)", domains: "", senders: "crm@example.com", active: false, priority: 4 });
  for (let round = 0; round < rounds; round += 1) {
    await submit(panel, user, "info@example.com", "customer@dest.example", message("Info <info@example.com>", `Newsletter ${round}`));
    await submit(panel, urgent, "orders@shop.example.com", "customer@dest.example", message("Orders <orders@shop.example.com>", `Order ${1000 + round}`, "X-Priority: 1\r\n"));
    if (round % 2 === 0) await submit(panel, user, "info@example.com", "customer@dest.example", message("Bank <support@bank.example>", "Your account"));
    if (round % 3 === 0) await submit(panel, user, "info@example.com", "customer@dest.example", message("Sales <sales@news.example.com>", "Spring sale"));
  }
  await new Promise((resolve) => setTimeout(resolve, 2500));
  return { list, user, urgent };
}
