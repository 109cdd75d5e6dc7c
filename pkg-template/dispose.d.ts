/// <reference lib="esnext.disposable" />
import type {} from "./index.js";

declare module "./index.js" {
  interface SenderPolicy {
    /** `using policy = new SenderPolicy(…)` frees it at the end of its block. */
    [Symbol.dispose](): void;
  }
}
