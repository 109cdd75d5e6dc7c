// The source of umd/sendergate.js: the engine and the element in one classic script.
export * from "./embedded.js";
export { SenderList } from "./element/sender-list.js";
