/** awk(1)'s programs as trees. */

export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "regexp"; readonly source: string }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "field"; readonly index: Expression }
  | { readonly kind: "element"; readonly array: string; readonly index: readonly Expression[] }
  | { readonly kind: "in"; readonly array: string; readonly index: readonly Expression[] }
  | {
      readonly kind: "assign";
      readonly operator: string;
      readonly target: Target;
      readonly value: Expression;
    }
  | {
      readonly kind: "conditional";
      readonly test: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    }
  | {
      readonly kind: "logical";
      readonly operator: "&&" | "||";
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: "match";
      readonly negated: boolean;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: "binary";
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "unary"; readonly operator: "!" | "-" | "+"; readonly operand: Expression }
  | { readonly kind: "step"; readonly by: 1 | -1; readonly prefix: boolean; readonly target: Target }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: "group"; readonly inner: Expression };

export type Target = Extract<Expression, { kind: "variable" | "field" | "element" }>;

export interface Redirection {
  readonly mode: "write" | "append";
  readonly target: Expression;
}

export type Statement =
  | { readonly kind: "block"; readonly body: readonly Statement[] }
  | { readonly kind: "expression"; readonly value: Expression }
  | { readonly kind: "print"; readonly values: readonly Expression[]; readonly to: Redirection | undefined }
  | { readonly kind: "printf"; readonly values: readonly Expression[]; readonly to: Redirection | undefined }
  | {
      readonly kind: "if";
      readonly test: Expression;
      readonly yes: Statement;
      readonly no: Statement | undefined;
    }
  | { readonly kind: "while"; readonly test: Expression; readonly body: Statement }
  | { readonly kind: "do"; readonly test: Expression; readonly body: Statement }
  | {
      readonly kind: "for";
      readonly start: Statement | undefined;
      readonly test: Expression | undefined;
      readonly step: Statement | undefined;
      readonly body: Statement;
    }
  | { readonly kind: "forIn"; readonly name: string; readonly array: string; readonly body: Statement }
  | { readonly kind: "delete"; readonly array: string; readonly index: readonly Expression[] | undefined }
  | { readonly kind: "return" | "exit"; readonly value: Expression | undefined }
  | { readonly kind: "break" | "continue" | "next" };

export type Pattern =
  | { readonly kind: "begin" | "end" | "always" }
  | { readonly kind: "test"; readonly test: Expression }
  | { readonly kind: "range"; readonly from: Expression; readonly to: Expression };

export interface Rule {
  readonly pattern: Pattern;
  /** Absent: the record is printed. */
  readonly action: Statement | undefined;
}

export interface Function {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly body: Statement;
}

export interface AwkProgram {
  readonly rules: readonly Rule[];
  readonly functions: ReadonlyMap<string, Function>;
}

/** A fault in a program's text or while it runs: what follows `mawk: `. */
export class AwkFault extends Error {}
