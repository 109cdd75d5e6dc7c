// Answers by HTTP.

/** Asks a started server, by `project.serve`, for its answers at `path`, and stops it. */
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

/** The same where the answers stand in a page, in the `<script id="answers">` of it. */
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
