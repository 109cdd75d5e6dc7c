import { bootstrapApplication } from "@angular/platform-browser";
import * as api from "sendergate/embedded";
import "sendergate/element";
import { tellPage } from "../program/tell.mjs";
import { App, config } from "./app";

bootstrapApplication(App, config).then(() => tellPage(api));
