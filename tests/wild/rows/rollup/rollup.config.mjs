import commonjs from "@rollup/plugin-commonjs";
import json from "@rollup/plugin-json";
import { nodeResolve } from "@rollup/plugin-node-resolve";

export default {
  input: "program/server.mjs",
  output: { dir: "dist", format: process.env.FORMAT, entryFileNames: `server.${process.env.EXTENSION}` },
  plugins: [nodeResolve(process.env.CONDITION ? { exportConditions: [process.env.CONDITION] } : {}), commonjs(), json()],
};
