/** An expression over labels. Models: libcalico-go/lib/selector/parser/ast.go. */
export type Expression =
  | { readonly kind: "all" | "global" }
  | { readonly kind: "has"; readonly label: string }
  | { readonly kind: Comparison; readonly label: string; readonly value: string }
  | { readonly kind: "in" | "not in"; readonly label: string; readonly values: readonly string[] }
  | { readonly kind: "not"; readonly of: Expression }
  | { readonly kind: "and" | "or"; readonly of: readonly Expression[] };

export const COMPARISONS = ["==", "!=", "contains", "starts with", "ends with"] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** The value of a label; undefined where it is not there. */
export type Labels = (name: string) => string | undefined;

function compare(kind: Comparison, actual: string | undefined, value: string): boolean {
  if (actual === undefined) return kind === "!=";
  switch (kind) {
    case "==":
      return actual === value;
    case "!=":
      return actual !== value;
    case "contains":
      return actual.includes(value);
    case "starts with":
      return actual.startsWith(value);
    case "ends with":
      return actual.endsWith(value);
  }
}

export function evaluate(expression: Expression, labels: Labels): boolean {
  switch (expression.kind) {
    case "all":
    case "global":
      return true;
    case "has":
      return labels(expression.label) !== undefined;
    case "in":
    case "not in": {
      const actual = labels(expression.label);
      const within = actual !== undefined && expression.values.includes(actual);
      return within === (expression.kind === "in");
    }
    case "not":
      return !evaluate(expression.of, labels);
    case "and":
      return expression.of.every((of) => evaluate(of, labels));
    case "or":
      return expression.of.some((of) => evaluate(of, labels));
    default:
      return compare(expression.kind, labels(expression.label), expression.value);
  }
}

function quoted(value: string): string {
  const quote = value.includes('"') ? "'" : '"';
  return quote + value + quote;
}

/** The one way in which equal expressions are written: what their hash is made of. */
export function expressionText(expression: Expression): string {
  switch (expression.kind) {
    case "all":
    case "global":
      return `${expression.kind}()`;
    case "has":
      return `has(${expression.label})`;
    case "in":
    case "not in":
      return `${expression.label} ${expression.kind} {${expression.values.map(quoted).join(", ")}}`;
    case "not":
      return `!${expressionText(expression.of)}`;
    case "and":
    case "or":
      return `(${expression.of.map(expressionText).join(expression.kind === "and" ? " && " : " || ")})`;
    default:
      return `${expression.label} ${expression.kind} ${quoted(expression.value)}`;
  }
}

/** The same expression about labels whose names begin with `prefix`. Models: PrefixVisitor. */
export function withPrefix(expression: Expression, prefix: string): Expression {
  if (expression.kind === "not") return { kind: "not", of: withPrefix(expression.of, prefix) };
  if (expression.kind === "and" || expression.kind === "or")
    return { kind: expression.kind, of: expression.of.map((of) => withPrefix(of, prefix)) };
  return "label" in expression ? { ...expression, label: prefix + expression.label } : expression;
}
