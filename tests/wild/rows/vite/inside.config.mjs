export default { ssr: { noExternal: true }, build: { rolldownOptions: { output: { entryFileNames: "server.mjs" } } } };
