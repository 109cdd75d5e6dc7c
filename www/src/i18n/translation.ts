/** The engine's diagnostics in another language: what is missing or misspelt does not compile. */
import type { DiagnosticCode, DiagnosticParams } from "sendergate";

/** Message and help, with `{name}` where a parameter stands. */
export type TranslatedRow = readonly [message: string, help?: string];

/** The names in braces. */
type Named<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Named<Rest> : never;

/** `Row` where it names every parameter of its code and no other; else a sentence that says what is wrong with it. */
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
