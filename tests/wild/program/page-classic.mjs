// A page with the package's classic script, with the element. This file is bundled as a classic script, too.
import { tellPage } from "./tell.mjs";

tellPage(globalThis.sendergate);
