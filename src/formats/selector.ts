import { err, ok, type Result } from "../base/result.ts";

/** One condition on a set of labels. Models: k8s.io/apimachinery/pkg/labels Requirement. */
export interface Requirement {
  readonly key: string;
  readonly operator: "in" | "notin" | "exists" | "!" | "gt" | "lt";
  readonly values: readonly string[];
}

/** All requirements must hold; none at all matches everything. */
export type Selector = readonly Requirement[];

export type Labels = Readonly<Record<string, string>>;

export function matches(selector: Selector, labels: Labels | undefined): boolean {
  return selector.every((requirement) => holds(requirement, labels?.[requirement.key]));
}

function holds({ operator, values }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case "in":
      return value !== undefined && values.includes(value);
    case "notin":
      return value === undefined || !values.includes(value);
    case "exists":
      return value !== undefined;
    case "!":
      return value === undefined;
    case "gt":
      return value !== undefined && Number(value) > Number(values[0]);
    case "lt":
      return value !== undefined && Number(value) < Number(values[0]);
  }
}

export function equalsSelector(labels: Labels): Selector {
  return Object.entries(labels).map(([key, value]) => ({ key, operator: "in", values: [value] }));
}

const OPERATORS: Readonly<Record<string, Requirement["operator"]>> = {
  In: "in",
  NotIn: "notin",
  Exists: "exists",
  DoesNotExist: "!",
  Gt: "gt",
  Lt: "lt",
};

interface ObjectSelector {
  readonly matchLabels?: Labels | undefined;
  readonly matchExpressions?:
    | readonly {
        readonly key: string;
        readonly operator: string;
        readonly values?: readonly string[] | undefined;
      }[]
    | undefined;
}

/** The selector of an object (`spec.selector` of a Deployment). An operator that does not exist matches nothing. */
export function objectSelector(selector: ObjectSelector | undefined): Selector {
  const fromLabels = equalsSelector(selector?.matchLabels ?? {});
  const fromExpressions = (selector?.matchExpressions ?? []).map((e) => expressionOf(e));
  return [...fromLabels, ...fromExpressions];
}

export function expressionOf(e: {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}): Requirement {
  return { key: e.key, operator: OPERATORS[e.operator] ?? "in", values: e.values ?? [] };
}

/** `a=b,c!=d,e,!f,g in (h,i)` as kubectl's -l takes it. */
export function parseSelector(text: string): Result<Selector, string> {
  const out: Requirement[] = [];
  for (const part of splitOutsideBrackets(text)) {
    const requirement = parseRequirement(part.trim());
    if (requirement === undefined) return err(`unable to parse requirement: ${complaint(part.trim(), text)}`);
    out.push(requirement);
  }
  return ok(out);
}

function complaint(part: string, whole: string): string {
  return part === ""
    ? "found '', expected: identifier after ','"
    : `found '${part}', expected: identifier in '${whole}'`;
}

const NAME = "[A-Za-z0-9](?:[A-Za-z0-9_./-]*[A-Za-z0-9])?";
const EQUALITY = new RegExp(`^(${NAME})\\s*(==|=|!=)\\s*(${NAME})?$`);
const SET = new RegExp(`^(${NAME})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const EXISTS = new RegExp(`^(!?)\\s*(${NAME})$`);
const ORDER = new RegExp(`^(${NAME})\\s*([<>])\\s*(-?\\d+)$`);

function parseRequirement(part: string): Requirement | undefined {
  const equality = EQUALITY.exec(part);
  if (equality !== null) {
    return {
      key: equality[1]!,
      operator: equality[2] === "!=" ? "notin" : "in",
      values: [equality[3] ?? ""],
    };
  }
  const set = SET.exec(part);
  if (set !== null) {
    const values = set[3]!.split(",").map((value) => value.trim());
    return { key: set[1]!, operator: set[2] === "in" ? "in" : "notin", values };
  }
  const exists = EXISTS.exec(part);
  if (exists !== null) return { key: exists[2]!, operator: exists[1] === "!" ? "!" : "exists", values: [] };
  const order = ORDER.exec(part);
  if (order !== null)
    return { key: order[1]!, operator: order[2] === ">" ? "gt" : "lt", values: [order[3]!] };
  return undefined;
}

function splitOutsideBrackets(text: string): string[] {
  const out: string[] = [];
  let depth = 0;
  let part = "";
  for (const ch of text) {
    if (ch === "(") depth++;
    else if (ch === ")") depth--;
    if (ch === "," && depth === 0) {
      out.push(part);
      part = "";
    } else part += ch;
  }
  return out.length === 0 && part.trim() === "" ? [] : [...out, part];
}

/** The selector as kubectl prints it: sorted by key, `a=b,c in (d,e)`. */
export function printSelector(selector: Selector): string {
  return selector
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ key, operator, values }) => {
      switch (operator) {
        case "in":
          return values.length === 1 ? `${key}=${values[0]!}` : `${key} in (${values.toSorted().join(",")})`;
        case "notin":
          return values.length === 1
            ? `${key}!=${values[0]!}`
            : `${key} notin (${values.toSorted().join(",")})`;
        case "exists":
          return key;
        case "!":
          return `!${key}`;
        case "gt":
          return `${key}>${values[0]!}`;
        case "lt":
          return `${key}<${values[0]!}`;
      }
    })
    .join(",");
}

/**
 * A selector of an object as kubectl shows it: an expression keeps its operator even with one value. Empty when it selects
 * everything. Models: metav1 FormatLabelSelector.
 */
export function labelSelectorText({ matchLabels = {}, matchExpressions = [] }: ObjectSelector): string {
  const parts = [
    ...Object.entries(matchLabels).map(([key, value]) => ({ key, text: `${key}=${value}` })),
    ...matchExpressions.map(({ key, operator, values = [] }) => {
      if (operator === "Exists") return { key, text: key };
      if (operator === "DoesNotExist") return { key, text: `!${key}` };
      return { key, text: `${key} ${operator.toLowerCase()} (${values.toSorted().join(",")})` };
    }),
  ];
  const sorted = parts.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return sorted.map(({ text }) => text).join(",");
}
