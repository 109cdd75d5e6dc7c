declare module "*.css";

interface ImportMeta {
  /** Vite's: what loads each file that the pattern names. */
  glob(pattern: string, options: { query: "?raw"; import: "default" }): Record<string, () => Promise<string>>;
}
