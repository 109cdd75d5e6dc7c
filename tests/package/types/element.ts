// The form element, with the DOM's types.
import { SenderList, type SenderListMessages } from "sendergate/element";

const list: SenderList = document.createElement("sender-list");
list.kind = "senders";
list.value = "info@a.example";
const words: Partial<SenderListMessages> = { more: (count) => `e altri ${count}` };
SenderList.messages = words;
list.messages = { diagnostic: ({ code, params, message }) => ({ message: code === "separator-comma" ? `non ${params["found"]}` : message }) };
const more: string = list.messages.more(3);
list.addEventListener("sender-list-parsed", (event) => {
  const canonical: string = event.detail.canonical;
  return [canonical, event.detail.ok, more];
});
list.addEventListener("click", (event: MouseEvent) => event.clientX);
const valid: boolean = list.checkValidity() && list.validity.valid && list.parsed?.ok === true;
document.forms[0]?.append(list, String(valid));
// @ts-expect-error: there are two kinds
list.kind = "others";
