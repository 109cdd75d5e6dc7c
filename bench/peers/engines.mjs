// Policy engines, each with the fastest of its own ways to say "this address or its domain is listed".

import { setFlagsFromString } from "node:v8";
import * as casbin from "casbin";
import cedar from "@cedar-policy/cedar-wasm/nodejs";

// The V8 of Node 20 ends the process where memory grows during a call into Wasm that it has inlined into JavaScript and
// that answers with an object, as cedar's calls do. Ours answer with numbers; measured, `authorizes` takes the same time
// with the flag and without it.
setFlagsFromString("--no-turbo-inline-js-wasm-calls");

const MODELS = {
  // One comparison an entry.
  compare: {
    model: "m = r.address == p.entry || r.domain == p.entry",
    lines: ({ domains, senders }) => [...domains, ...senders].map((entry) => `p, ${entry}`),
  },
  // A role of one policy, so that entries are looked up instead of compared.
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
