import "sendergate/element";
