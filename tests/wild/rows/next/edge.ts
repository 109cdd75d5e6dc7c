import * as api from "sendergate";
import { answers } from "../../program/answers.mjs";

export const runtime = "edge";

export async function GET() {
  return Response.json(await answers(api));
}
