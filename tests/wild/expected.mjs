// The expected answers of each kind of row. For those of `<sender-list>` see program/element.mjs.
const typed = {
  value: "https://yourcompany.example, shop.example",
  valid: false,
  message: "“https://” belongs to a web address",
  submitted: "https://yourcompany.example, shop.example",
  shown: ["Errorhttps:// belongs to a web address", "Errorentries are separated by ;, not by ,"],
};
const corrected = {
  value: "yourcompany.example; shop.example",
  valid: true,
  message: "",
  submitted: "yourcompany.example;shop.example",
};

const ELEMENT = [
  ["element: typed", JSON.stringify(typed)],
  ["element: corrected", JSON.stringify(corrected)],
];

/** The expected answers by the kind of row. */
export const EXPECTED = {
  answers: (reference) => reference,
  element: () => ELEMENT,
  page: (reference) => [...reference, ...ELEMENT],
  nothing: () => [],
};
