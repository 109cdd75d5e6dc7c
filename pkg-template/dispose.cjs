"use strict";
// Types only: they let `using` take a SenderPolicy. The method itself is always there.
