// An entry and a name that are not there.
import "sendergate/nothing";
import { nothing } from "sendergate";

export default nothing;
