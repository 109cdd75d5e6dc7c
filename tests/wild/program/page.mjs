// A page: `await ready()` once, then every call.
import * as api from "sendergate";
import { tellAnswers } from "./tell.mjs";

tellAnswers(api);
