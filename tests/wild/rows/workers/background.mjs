// The service worker of an extension.
import * as api from "sendergate";
import { tellAnswers } from "./program/tell.mjs";

tellAnswers(api);
