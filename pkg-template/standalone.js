// What umd/sendergate.js is made of: the engine and the element in one script, for pages without modules.
export * from "./embedded.js";
export { SenderList } from "./element/sender-list.js";
