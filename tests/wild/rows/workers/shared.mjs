const worker = new SharedWorker(new URL("./worker.mjs", import.meta.url), { type: "module" });
worker.port.onmessage = ({ data }) => (globalThis.answers = data);
worker.onerror = ({ message }) => (globalThis.answers = { error: `the worker failed: ${message}` });
