import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../../../../base/result.ts";
import { COMPARISONS, evaluate, type Expression, expressionText } from "./ast.ts";
import { parseSelector, prefixed, type Selector, selects } from "./parse.ts";

function parse(text: string): Selector {
  const parsed = parseSelector(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

/** Normal forms and ids. From projectcalico/calico v3.31.0, libcalico-go/lib/selector/parser/parser_test.go. */
const NORMAL: readonly (readonly [text: string, normal: string, id?: string])[] = [
  ["", "all()", "s:5y5I3VdRZfDU01O--xXAPx2yxCQQqMf0M6IWug"],
  [" (all() )", "all()", "s:5y5I3VdRZfDU01O--xXAPx2yxCQQqMf0M6IWug"],
  ["! (has( b)||! has(a ))", "!(has(b) || !has(a))", "s:Iss0uCleLYv1GSv_pNm7hAO58kE9jAx1NKyG3Q"],
  ['! (a == "b"&&! c != "d")', '!(a == "b" && !c != "d")', "s:lh3haoY1ikTRkd4UZu0nWSaIBknYLPJLX16d-w"],
  [`a == "'"`, `a == "'"`],
  [`a == '"'`, `a == '"'`],
  [`a startswith '"'`, `a starts with '"'`],
  [`a endswith "'"`, `a ends with "'"`],
  ['a in {"z", "z", "x", "y", "x", "a"}', 'a in {"a", "x", "y", "z"}'],
  ["a notin{'b'}", 'a not in {"b"}'],
  ["!!has(a)", "has(a)"],
  ["a == 'b' && c == 'd' || has(e)", '((a == "b" && c == "d") || has(e))'],
];

const MATCHES: readonly (readonly [text: string, yes: readonly string[], no: readonly string[]])[] = [
  ["a == 'b'", ["a=b", "a=b,c=d"], ["", "a=c", "c=b"]],
  ["a != 'b'", ["", "a=c"], ["a=b"]],
  ["a in {'b', 'c'}", ["a=b", "a=c"], ["", "a=d"]],
  ["a not in {'b', 'c'}", ["", "a=d"], ["a=b"]],
  ["has(a)", ["a=", "a=b"], ["", "b=a"]],
  ["!has(a)", [""], ["a=b"]],
  ["a contains 'b'", ["a=abc"], ["", "a=ac"]],
  ["a starts with 'b'", ["a=bc"], ["a=cb", ""]],
  ["a ends with 'b'", ["a=cb"], ["a=bc", ""]],
  ["all()", ["", "a=b"], []],
  ["global()", ["", "a=b"], []],
  ["a == 'b' && (c == 'd' || !has(c))", ["a=b", "a=b,c=d"], ["a=b,c=e", "c=d"]],
];

const WRONG: readonly (readonly [text: string, error: string])[] = [
  ["a = 'b'", "expected =="],
  ["a == b", "expected string"],
  ["a == 'b", "unterminated string"],
  ["has(a", "no closing ')' after has("],
  ["(a == 'b'", "expected )"],
  ["a in 'b'", "expected set literal"],
  ["a in {'b'", "expected }"],
  ["a within {'b'}", 'expected operator after label "a"'],
  ["a == 'b' | c == 'd'", "expected ||"],
  ["a == 'b' c", "unexpected content at end of selector [label(c) end()]"],
  ["a", "unexpected end of string looking for op"],
  ["{", "unexpected token: {()"],
];

const labelsOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .split(",")
      .filter((pair) => pair !== "")
      .map((pair) => [pair.split("=")[0] ?? "", pair.split("=")[1] ?? ""] as const),
  );

const label = fc.stringMatching(/^[a-z][a-z0-9_./-]{0,6}$/);
const value = fc.stringMatching(/^[a-z '.]{0,4}$/);
const leaf: fc.Arbitrary<Expression> = fc.oneof(
  fc.constantFrom<Expression>({ kind: "all" }, { kind: "global" }),
  label.map((name): Expression => ({ kind: "has", label: name })),
  fc.record({ kind: fc.constantFrom(...COMPARISONS), label, value }),
  fc.record({
    kind: fc.constantFrom("in" as const, "not in" as const),
    label,
    values: fc.uniqueArray(value, { maxLength: 3 }).map((values) => [...values].sort()),
  }),
);
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3 },
    leaf,
    leaf.map((of): Expression => ({ kind: "not", of })),
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const),
      of: fc.array(tie("expression"), { minLength: 2, maxLength: 3 }),
    }),
  ),
}));

describe("Calico's selectors", () => {
  for (const [text, normal, id] of NORMAL)
    it(`have a normal form: ${text}`, () => {
      const selector = parse(text);
      expect(selector.text).toBe(normal);
      if (id !== undefined) expect(selector.id).toBe(id);
      expect(parse(selector.text).id).toBe(selector.id);
    });

  for (const [text, yes, no] of MATCHES)
    it(`select by labels: ${text}`, () => {
      const is = (labels: string): boolean => selects(parse(text), (name) => labelsOf(labels).get(name));
      expect(yes.filter((labels) => !is(labels))).toEqual([]);
      expect(no.filter(is)).toEqual([]);
    });

  for (const [text, error] of WRONG)
    it(`say what is wrong: ${text}`, () => {
      expect(parseSelector(text)).toEqual({ ok: false, error });
    });

  it("can be about the labels that something inherits", () => {
    expect(prefixed("team == 'red' && !has(old)", "pcns.")).toBe('(pcns.team == "red" && !has(pcns.old))');
    expect(prefixed("team = red", "pcns.")).toBe("");
  });

  it("mean the same after they are written and read", () => {
    fc.assert(
      fc.property(expression, fc.dictionary(label, value), (wanted, labels) => {
        const text = expressionText(wanted);
        // Neither quote can stand in a text in the other; ours have single ones only.
        const read = must(parseSelector(text).ok ? parse(text) : undefined, text);
        const look = (name: string): string | undefined =>
          Object.hasOwn(labels, name) ? labels[name] : undefined;
        expect(read.text).toBe(text);
        expect(selects(read, look)).toBe(evaluate(wanted, look));
      }),
    );
  });
});
