// The public API. `configure` of core.js is not part of it: only the loaders use it.
export {
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
} from "./core.js";
