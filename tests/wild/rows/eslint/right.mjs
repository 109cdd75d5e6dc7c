// Every entry of the package.
import { SenderPolicy, parseDomainList, ready } from "sendergate";
import { parseSenderList } from "sendergate/embedded";
import { init } from "sendergate/slim";
import module from "sendergate/wasm";
import { SenderList } from "sendergate/element";
import "sendergate/dispose";

export default [SenderPolicy, parseDomainList, ready, parseSenderList, init, module, SenderList];
