// A Cloudflare Worker.
import * as api from "sendergate";
import { answers } from "./answers.mjs";

export default {
  async fetch() {
    try {
      return Response.json(await answers(api));
    } catch (error) {
      return new Response(String(error?.stack ?? error), { status: 500 });
    }
  },
};
