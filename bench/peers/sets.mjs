// A version by hand in JavaScript: two sets in lower case.

export class SetPolicy {
  constructor({ domains, senders }) {
    this.domains = new Set(domains.map((domain) => domain.toLowerCase()));
    this.senders = new Set(senders.map((sender) => sender.toLowerCase()));
  }

  authorizes(address) {
    const lower = address.toLowerCase();
    return this.domains.has(lower.slice(lower.lastIndexOf("@") + 1)) || this.senders.has(lower);
  }

  /** The entry that covers an address. */
  rule(address) {
    const lower = address.toLowerCase();
    const domain = lower.slice(lower.lastIndexOf("@") + 1);
    if (this.domains.has(domain)) return { list: "domains", entry: domain };
    if (this.senders.has(lower)) return { list: "senders", entry: lower };
    return undefined;
  }
}
