/**
 * The local sink: takes relayed messages over HTTP on loopback and writes each into a folder, as `ID.eml` and `ID.json` (envelope and
 * MT-PRIORITY), because a Worker cannot write files. It is not used in production.
 */
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

/**
 * @param {{ folder: string, token: string }} options
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function startSink({ folder, token }) {
  await mkdir(folder, { recursive: true });
  let turn = 0;
  // The envelope is a header field, and has up to a thousand recipients.
  const server = createServer({ maxHeaderSize: 512 * 1024 }, async (request, response) => {
    try {
      const id = new URL(request.url ?? "/", "http://sink").pathname.slice(1);
      if (request.headers.authorization !== `Bearer ${token}`) return void response.writeHead(401).end();
      if (request.method !== "PUT" || !/^[\w-]{1,64}$/.test(id)) return void response.writeHead(404).end();
      const envelope = JSON.parse(Buffer.from(String(request.headers["sendergate-envelope"]), "base64url").toString());
      // A repeated delivery replaces the first. Nobody sees a half-written file.
      const unfinished = join(folder, `.${id}.${(turn += 1)}`);
      try {
        await pipeline(request, createWriteStream(unfinished));
        await writeFile(join(folder, `${id}.json`), JSON.stringify({ ...envelope, arrivedAt: new Date().toISOString() }));
        await rename(unfinished, join(folder, `${id}.eml`));
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      }
      response.writeHead(200).end();
    } catch (error) {
      console.error(`sink: ${error instanceof Error ? error.message : error}`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
