/** A sink that remembers every arrival: the real one would replace the first by the second. */
import { createServer } from "node:http";

export interface Arrival {
  id: string;
  begunAt: number;
  /** The value of its field `X-Mark`. */
  mark: string;
  /** Whether it is complete. */
  whole: boolean;
}

export interface CountingSink {
  url: string;
  arrivals: Arrival[];
  /** Messages that broke off before their end. */
  broken: number;
  close(): Promise<void>;
}

export async function countingSink(pause: number, ending: string): Promise<CountingSink> {
  const sink: CountingSink = { url: "", arrivals: [], broken: 0, close };
  const server = createServer(async (request, response) => {
    const arrival: Arrival = { id: (request.url ?? "/").slice(1), begunAt: Date.now(), mark: "", whole: false };
    try {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece as Buffer);
      const text = Buffer.concat(pieces).toString("latin1");
      arrival.mark = /^X-Mark: (\S+)\r\n/m.exec(text)?.[1] ?? "";
      arrival.whole = text.startsWith("Received: ") && text.endsWith(`\r\n\r\n${ending}`);
    } catch {
      sink.broken += 1;
      return;
    }
    sink.arrivals.push(arrival);
    setTimeout(() => response.writeHead(200).end(), pause);
  });
  function close(): Promise<void> {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  sink.url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/`;
  return sink;
}
