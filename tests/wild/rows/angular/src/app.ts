import { CUSTOM_ELEMENTS_SCHEMA, Component, provideZonelessChangeDetection } from "@angular/core";

// Angular asks for the schema wherever a template has somebody's own element.
@Component({
  selector: "app-root",
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: `<form><sender-list kind="domains" name="domains" label="Domains"></sender-list></form>`,
})
export class App {}

export const config = { providers: [provideZonelessChangeDetection()] };
