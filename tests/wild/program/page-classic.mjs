// A page with the one classic script of the package, element included; made into a classic script itself.
import { tellPage } from "./tell.mjs";

tellPage(globalThis.sendergate);
