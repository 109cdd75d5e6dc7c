import { useEffect } from "react";
import * as api from "sendergate";
import "sendergate/element";
import { answers } from "../../program/answers.mjs";
import { element } from "../../program/element.mjs";
import { tell } from "../../program/tell.mjs";

export default function Form() {
  useEffect(() => {
    tell(async () => {
      await api.ready();
      return [...(await answers(api)), ...(await element(document))];
    });
  }, []);
  return (
    <form>
      <sender-list kind="domains" name="domains" label="Domains"></sender-list>
    </form>
  );
}
