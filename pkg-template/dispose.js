// Only for types: with them, TypeScript accepts `using` with a SenderPolicy. The method always exists.
export {};
