// A route handler.
import * as api from "sendergate";
import { answers } from "../../../program/answers.mjs";

export const dynamic = "force-dynamic";

export async function GET() {
  return Response.json(await answers(api));
}
