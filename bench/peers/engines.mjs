// Policy engines, each with its fastest way to say that an address or its domain is listed.

import { setFlagsFromString } from "node:v8";
import * as casbin from "casbin";
import cedar from "@cedar-policy/cedar-wasm/nodejs";

// V8 in Node 20 aborts if memory grows during an inlined call into Wasm that returns an object, as cedar's calls do. Calls of
// sendergate return numbers: `authorizes` takes the same time with and without the flag.
setFlagsFromString("--no-turbo-inline-js-wasm-calls");

const MODELS = {
  // One comparison for each entry.
  compare: {
    model: "m = r.address == p.entry || r.domain == p.entry",
    lines: ({ domains, senders }) => [...domains, ...senders].map((entry) => `p, ${entry}`),
  },
  // A role with one policy, so that it looks entries up instead of comparing each.
  role: {
    model: "m = g(r.domain, p.entry) || g(r.address, p.entry)",
    lines: ({ domains, senders }) => ["p, listed", ...[...domains, ...senders].map((entry) => `g, ${entry}, listed`)],
  },
};

export async function casbinPolicy(lists, way) {
  const { model, lines } = MODELS[way];
  const enforcer = await casbin.newEnforcer(
    casbin.newModelFromString(`
[request_definition]
r = address, domain
[policy_definition]
p = entry
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
${model}`),
    new casbin.StringAdapter(lines(lists).join("\n")),
  );
  return {
    authorizes(address) {
      const lower = address.toLowerCase();
      return enforcer.enforceSync(lower, lower.slice(lower.lastIndexOf("@") + 1));
    },
  };
}

export function cedarPolicy({ domains, senders }) {
  const set = (entries) => JSON.stringify(entries);
  const staticPolicies = `permit (principal, action, resource) when {
    ${set(domains)}.contains(context.domain) || ${set(senders)}.contains(context.address)
  };`;
  const id = `policy-${domains.length + senders.length}`;
  const parsed = cedar.preparsePolicySet(id, { staticPolicies, templates: {}, templateLinks: [] });
  if (parsed.type !== "success") throw new Error(`cedar does not take the policy: ${JSON.stringify(parsed)}`);
  const call = {
    principal: { type: "User", id: "user" },
    action: { type: "Action", id: "send" },
    resource: { type: "Relay", id: "relay" },
    entities: [],
    preparsedPolicySetId: id,
  };
  return {
    authorizes(address) {
      const lower = address.toLowerCase();
      const domain = lower.slice(lower.lastIndexOf("@") + 1);
      const answer = cedar.statefulIsAuthorized({ ...call, context: { address: lower, domain } });
      return answer.response.decision === "allow";
    },
  };
}
