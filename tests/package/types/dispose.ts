// `using`, typed by an import that adds no other library.
import { SenderPolicy } from "sendergate";
import "sendergate/dispose";

export function one(address: string): boolean {
  using policy = new SenderPolicy({ domains: "a.com" });
  return policy.authorizes(address);
}
