// A CommonJS consumer.
import sendergate = require("sendergate");
import slim = require("sendergate/slim");
import "sendergate/dispose";

export function main(address: string): boolean {
  using policy = new sendergate.SenderPolicy({ senders: address });
  const again: slim.SenderPolicy = policy;
  return again.authorizes(address);
}
