// The texts of the element in English. `SenderList.messages` replaces all or some of them.

const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

export const english = {
  /** The name of the field if the page gives it no label. */
  name: (kind) => (kind === "senders" ? "Authorized senders" : "Authorized domains"),
  /** What is wrong, and what to do. Parts in backticks are shown as code. */
  diagnostic: ({ message, help }) => ({ message, help }),
  /** The label of the button that corrects it. */
  fix: ({ fix }) => fix.title,
  severity: (severity) => ({ error: "Error", warning: "Warning", info: "Note" })[severity],
  summary: ({ errors, warnings }) =>
    [errors > 0 && counted(errors, "error"), warnings > 0 && counted(warnings, "warning")].filter(Boolean).join(", ") || "No problems",
  fixAll: (count) => `Fix ${count} automatically`,
  more: (count) => `and ${count} more`,
  required: (kind) => (kind === "senders" ? "Enter a sender" : "Enter a domain"),
  failed: () => "The list cannot be checked here at the moment.",
  retry: () => "Try again",
};
