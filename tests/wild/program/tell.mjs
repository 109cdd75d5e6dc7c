// Tells the browser what a page was answered, or why it was not.
export async function tell(run) {
  globalThis.answers = await run().catch((error) => ({ error: describe(error) }));
}

function describe(error) {
  const cause = error?.cause === undefined ? "" : `; cause: ${describe(error.cause)}`;
  return `${error?.stack ?? error}${cause}`;
}
