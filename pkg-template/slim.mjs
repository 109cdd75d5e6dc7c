// Without a loader, in Node, by `import`: the same instance as by `require`.
import api from "./slim.cjs";

export const {
  SenderPolicy,
  SendergateError,
  applyFix,
  fixAll,
  headerEdits,
  headerFacts,
  init,
  parseDomainList,
  parseSenderList,
  readHeader,
  ready,
  resolvePriority,
  validateUser,
  version,
} = api;
