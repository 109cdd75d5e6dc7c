// `sendergate/element` for tools without support for `exports`. With a package.json in element/ instead, its files would not find `sendergate`
// if the package is linked.
export * from "./element/sender-list.js";
