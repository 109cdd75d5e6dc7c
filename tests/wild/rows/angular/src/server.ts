// The server of an Angular application, with an answer of its own.
import { createServer } from "node:http";
import * as api from "sendergate";
import { AngularNodeAppEngine, isMainModule, writeResponseToNodeResponse } from "@angular/ssr/node";
import { answers } from "../program/answers.mjs";

const engine = new AngularNodeAppEngine();

const server = createServer(async (request, response) => {
  if (request.url === "/answers") {
    const text = await answers(api).then((all) => JSON.stringify(all), (error) => String(error?.stack ?? error));
    response.writeHead(text.startsWith("[") ? 200 : 500).end(text);
    return;
  }
  const page = await engine.handle(request);
  if (page === null) response.writeHead(404).end();
  else await writeResponseToNodeResponse(page, response);
});
// The build runs this file too, to learn its routes.
if (isMainModule(import.meta.url)) server.listen(Number(process.env["PORT"]), "127.0.0.1");
