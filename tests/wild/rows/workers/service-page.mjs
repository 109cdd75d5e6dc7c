const told = (error) => (globalThis.answers = { error: String(error?.stack ?? error) });
try {
  await navigator.serviceWorker.register("/service.js", { type: globalThis.type });
  const controlled = new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve));
  await navigator.serviceWorker.ready;
  if (!navigator.serviceWorker.controller) await controlled;
  const response = await fetch("/answers");
  globalThis.answers = await response.json();
} catch (error) {
  told(error);
}
