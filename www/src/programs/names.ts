/** What the guides are called: the headings of their templates, here so that none is loaded before it is chosen. */
const SHARED = {
  thunderbird: "Thunderbird",
  "apple-mail": "Apple Mail",
  magento: "Magento 2",
  salesforce: "Salesforce, Email Relay",
  php: "PHP",
  python: "Python",
  node: "Node",
  java: "Java",
  dotnet: ".NET",
  swaks: "swaks",
  msmtp: "msmtp",
  curl: "curl",
};

export const NAMES: Record<"en" | "it", Record<string, string>> = {
  en: {
    ...SHARED,
    outlook: "Outlook (new)",
    "outlook-classic": "Outlook (classic)",
    gmail: "Gmail, “Send mail as”",
    "wordpress-plugin": "WordPress with WP Mail SMTP",
    wordpress: "WordPress without a plugin",
  },
  it: {
    ...SHARED,
    outlook: "Outlook (nuovo)",
    "outlook-classic": "Outlook (classico)",
    gmail: "Gmail, “Invia messaggio come”",
    "wordpress-plugin": "WordPress con WP Mail SMTP",
    wordpress: "WordPress senza plugin",
  },
};
