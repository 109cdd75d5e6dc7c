// Node, by `import`: the same instance as by `require`.
import api from "./node.cjs";

export const {
  SenderPolicy,
  SendergateError,
  applyFix,
  fixAll,
  headerEdits,
  headerFacts,
  parseDomainList,
  parseSenderList,
  readHeader,
  ready,
  resolvePriority,
  validateUser,
  version,
} = api;
