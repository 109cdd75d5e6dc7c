const worker = new Worker(new URL("./worker.mjs", import.meta.url), { type: "module" });
worker.onmessage = ({ data }) => (globalThis.answers = data);
worker.onerror = ({ message }) => (globalThis.answers = { error: `the worker failed: ${message}` });
