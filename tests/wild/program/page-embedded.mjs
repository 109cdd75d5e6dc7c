// A page with the engine inside the code.
import * as api from "sendergate/embedded";
import { tellAnswers } from "./tell.mjs";

tellAnswers(api);
