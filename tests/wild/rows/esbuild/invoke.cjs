// As the runtime of Lambda calls a handler.
require("./index.js").handler({}, {}).then(({ body }) => console.log(`ANSWERS ${body}`));
