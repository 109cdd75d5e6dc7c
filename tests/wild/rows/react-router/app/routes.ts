import { route } from "@react-router/dev/routes";

export default [route("answers", "routes/answers.ts"), route("form", "routes/form.tsx")];
