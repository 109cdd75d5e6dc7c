// Next would bundle the package for Node, whose code compiles bytes. Beside the bundle, Wrangler finds the package's code for Cloudflare.
// The project is its own root, though it lies within a repository here.
export default {
  serverExternalPackages: ["sendergate"],
  turbopack: { root: import.meta.dirname },
  outputFileTracingRoot: import.meta.dirname,
};
