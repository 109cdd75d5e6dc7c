import "sendergate/element";

export const form = <sender-list kind="domain" />;
