import { err, ok, type Result } from "../../../../base/result.ts";
import type { Comparison } from "./ast.ts";

export type Token =
  | { readonly kind: "label" | "string" | "has"; readonly value: string }
  | { readonly kind: "operator"; readonly operator: Comparison | "in" | "not in" }
  | { readonly kind: "(" | ")" | "{" | "}" | "," | "!" | "&&" | "||" | "all" | "global" | "end" };

const IDENTIFIER = /^[a-zA-Z0-9_./-]+/;
const LONGEST_LABEL = 512;
/** Operators in words, which only follow a label; several words may stand together. */
const WORDS: readonly (readonly [RegExp, Comparison | "in" | "not in"])[] = [
  [/^contains(?![a-zA-Z0-9_./-])/, "contains"],
  [/^starts[ \t]*with[ \t]*(?![a-zA-Z0-9_./-])/, "starts with"],
  [/^ends[ \t]*with[ \t]*(?![a-zA-Z0-9_./-])/, "ends with"],
  [/^not[ \t]*in[ \t]*(?![a-zA-Z0-9_./-])/, "not in"],
  [/^in(?![a-zA-Z0-9_./-])/, "in"],
];

type Step = Result<{ readonly token: Token; readonly length: number }, string>;
const take = (token: Token, length: number): Step => ok({ token, length });

function quotedString(input: string): Step {
  const end = input.indexOf(input[0] ?? "", 1);
  if (end < 0) return err("unterminated string");
  return take({ kind: "string", value: input.slice(1, end) }, end + 1);
}

function identifier(input: string): Result<string, string> {
  const name = IDENTIFIER.exec(input)?.[0] ?? "";
  if (name === "") return err("expected identifier");
  return name.length > LONGEST_LABEL ? err(`label too long: ${name}`) : ok(name);
}

/** `has(LABEL)`, `all()`, `global()`, or a label. */
function word(input: string): Step {
  const call = /^(has|all|global)\([ \t]*/.exec(input);
  if (call === null) {
    const name = identifier(input);
    return name.ok ? take({ kind: "label", value: name.value }, name.value.length) : name;
  }
  let [{ length }] = call;
  const name = call[1] === "has" ? identifier(input.slice(length)) : ok("");
  if (!name.ok) return name;
  length += name.value.length;
  const close = /^[ \t]*\)/.exec(input.slice(length));
  if (close === null) return err(`no closing ')' after ${call[1] ?? ""}(`);
  length += close[0].length;
  if (call[1] === "has") return take({ kind: "has", value: name.value }, length);
  return take({ kind: call[1] === "all" ? "all" : "global" }, length);
}

function afterLabel(input: string, label: string): Step {
  for (const [pattern, operator] of WORDS) {
    const found = pattern.exec(input);
    if (found !== null) return take({ kind: "operator", operator }, found[0].length);
  }
  return err(`expected operator after label "${label}"`);
}

function next(input: string, last: Token | undefined): Step {
  const [first = ""] = input;
  if (first === '"' || first === "'") return quotedString(input);
  if (first === "(" || first === ")" || first === "{" || first === "}" || first === ",")
    return take({ kind: first }, 1);
  if (first === "=")
    return input.startsWith("==") ? take({ kind: "operator", operator: "==" }, 2) : err("expected ==");
  if (first === "!")
    return input.startsWith("!=") ? take({ kind: "operator", operator: "!=" }, 2) : take({ kind: "!" }, 1);
  if (first === "&") return input.startsWith("&&") ? take({ kind: "&&" }, 2) : err("expected &&");
  if (first === "|") return input.startsWith("||") ? take({ kind: "||" }, 2) : err("expected ||");
  return last?.kind === "label" ? afterLabel(input, last.value) : word(input);
}

/** The tokens of a selector, the last one `end`. Models: libcalico-go/lib/selector/tokenizer. */
export function tokenize(text: string): Result<readonly Token[], string> {
  const tokens: Token[] = [];
  let rest = text;
  for (;;) {
    rest = rest.replace(/^[ \t]+/, "");
    if (rest === "") return ok([...tokens, { kind: "end" }]);
    const step = next(rest, tokens.at(-1));
    if (!step.ok) return step;
    tokens.push(step.value.token);
    rest = rest.slice(step.value.length);
  }
}
