/** The type of a translation of the engine's diagnostics: missing or wrong rows do not compile. */
import type { DiagnosticCode, DiagnosticParams } from "sendergate";

/** Message and help; `{name}` is a parameter. */
export type TranslatedRow = readonly [message: string, help?: string];

/** The names in braces. */
type Named<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Named<Rest> : never;

/** `Row` if it names exactly the parameters of its code; otherwise a text type that says what is wrong. */
type Complete<Code extends DiagnosticCode, Row extends TranslatedRow> =
  [Exclude<Named<Row[number]>, keyof DiagnosticParams[Code]>] extends [never]
    ? [Exclude<keyof DiagnosticParams[Code], Named<Row[number]>>] extends [never]
      ? Row
      : `{${Exclude<keyof DiagnosticParams[Code], Named<Row[number]>> & string}} is missing`
    : `{${Exclude<Named<Row[number]>, keyof DiagnosticParams[Code]> & string}} is no parameter of ${Code}`;

/** A row for every code, with the parameters of that code. */
export const translation = <const Rows extends { readonly [Code in DiagnosticCode]: TranslatedRow }>(
  rows: Rows & { readonly [Code in DiagnosticCode]: Complete<Code, Rows[Code]> },
): Rows => rows;
