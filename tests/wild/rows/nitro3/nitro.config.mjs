// The folder of routes has to be named: Nitro 3 looks for none.
export default { serverDir: ".", compatibilityDate: "2026-03-01" };
