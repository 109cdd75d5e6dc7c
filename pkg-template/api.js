// What the package offers, by name: `configure` of core.js is for the loaders only.
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
