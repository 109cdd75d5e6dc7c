// Gets answers over HTTP.

/** Gets the answers at `path` from a server of `project.serve`, and stops it. */
export async function answersFrom(server, path = "") {
  try {
    const response = await fetch(server.url + path);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${path || "/"} answers ${response.status}:\n${text.slice(0, 2_000)}\n${server.complaints()}`);
    try {
      return JSON.parse(text);
    } catch {
      throw new Error(`${path || "/"} answers no JSON:\n${text.slice(0, 2_000)}\n${server.complaints()}`);
    }
  } finally {
    await server.stop();
  }
}

/** The same for answers in the `<script id="answers">` of a page. */
export async function answersIn(server, path = "") {
  try {
    const response = await fetch(server.url + path);
    const text = await response.text();
    const script = /<script type="application\/json" id="answers">(.*?)<\/script>/s.exec(text);
    if (response.status !== 200 || script === null) throw new Error(`/${path} answers ${response.status}:\n${text.slice(0, 500)}\n${server.complaints()}`);
    return JSON.parse(script[1]);
  } finally {
    await server.stop();
  }
}
