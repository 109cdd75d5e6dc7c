// Tells whoever waits for the engine's module that it has come, by whatever way.
/** @type {(value?: unknown) => void} */
let tell;

export const arrival = new Promise((resolve) => {
  tell = resolve;
});

export const arrived = () => tell();
