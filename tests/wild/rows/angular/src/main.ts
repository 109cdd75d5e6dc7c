import { bootstrapApplication } from "@angular/platform-browser";
import * as api from "sendergate/embedded";
import "sendergate/element";
import { answers } from "../program/answers.mjs";
import { element } from "../program/element.mjs";
import { tell } from "../program/tell.mjs";
import { App, config } from "./app";

bootstrapApplication(App, config).then(() =>
  tell(async () => {
    await api.ready();
    return [...(await answers(api)), ...(await element(document))];
  }),
);
