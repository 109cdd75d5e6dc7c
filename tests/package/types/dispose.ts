// Types for `using`, by an import without other libraries.
import { SenderPolicy } from "sendergate";
import "sendergate/dispose";

export function one(address: string): boolean {
  using policy = new SenderPolicy({ domains: "a.com" });
  return policy.authorizes(address);
}
