// The recommended rules of the plugin with its own resolver, which knows no `exports`.
import imports from "eslint-plugin-import";

export default [{ ...imports.flatConfigs.recommended, languageOptions: { ecmaVersion: "latest", sourceType: "module" } }];
