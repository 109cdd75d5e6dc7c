/** Makes what all the panel's tests start from, once for all files: `node prepare.mjs FOLDER`. */
import { rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { prepare } from "../../../worker/local/gate.mjs";

const folder = resolve(process.argv[2]);
await rm(folder, { recursive: true, force: true });
await writeFile(join(folder, "prepared.json"), JSON.stringify(await prepare(folder)));
