// Properties that reflect attributes.

const text = (value) => value ?? "";
const setText = (element, name, value) => element.setAttribute(name, value);
const flag = (value) => value !== null;
const setFlag = (element, name, value) => element.toggleAttribute(name, Boolean(value));

const PROPERTIES = [
  ["kind", "kind", (value) => (value === "senders" ? value : "domains"), setText],
  ...["name", "label", "placeholder", "counterpart"].map((name) => [name, name, text, setText]),
  ["defaultValue", "value", text, setText],
  ["required", "required", flag, setFlag],
  ["readOnly", "readonly", flag, setFlag],
  ["disabled", "disabled", flag, setFlag],
];

/** Defines all of them on a prototype. */
export function reflect(prototype) {
  for (const [property, attribute, read, write] of PROPERTIES) {
    Object.defineProperty(prototype, property, {
      get() { return read(this.getAttribute(attribute)); },
      set(value) { write(this, attribute, value); },
      configurable: true,
      enumerable: true,
    });
  }
}
