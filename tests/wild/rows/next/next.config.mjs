// What a server runs is moved elsewhere; and the project is its own root, though it lies within a repository here.
export default {
  output: process.env.OUTPUT,
  turbopack: { root: import.meta.dirname },
  outputFileTracingRoot: import.meta.dirname,
};
