// For tools that know no `exports`: a package.json in element/ would keep its files from finding `sendergate` where the package is linked.
export * from "./element/sender-list.js";
