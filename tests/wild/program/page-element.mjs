// A page with the element.
import * as api from "sendergate";
import "sendergate/element";
import { tellPage } from "./tell.mjs";

tellPage(api);
