import { CUSTOM_ELEMENTS_SCHEMA, Component, provideZonelessChangeDetection } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import * as api from "sendergate/embedded";
import "sendergate/element";
import { answers } from "../program/answers.mjs";
import { element } from "../program/element.mjs";
import { tell } from "../program/tell.mjs";

// Angular asks for the schema wherever a template has somebody's own element.
@Component({
  selector: "app-root",
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: `<form><sender-list kind="domains" name="domains" label="Domains"></sender-list></form>`,
})
class App {}

bootstrapApplication(App, { providers: [provideZonelessChangeDetection()] }).then(() =>
  tell(async () => {
    await api.ready();
    return [...(await answers(api)), ...(await element(document))];
  }),
);
