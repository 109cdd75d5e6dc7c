// A server component.
import * as api from "sendergate";
import { answers } from "../program/answers.mjs";

export const dynamic = "force-dynamic";

export default async function Page() {
  return <script type="application/json" id="answers" dangerouslySetInnerHTML={{ __html: JSON.stringify(await answers(api)) }} />;
}
