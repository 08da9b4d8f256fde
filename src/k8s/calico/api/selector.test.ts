import fc from "fast-check";
import { expect, it } from "vitest";
import { parseSelector, selects } from "./selector.ts";

const labels = { role: "db", env: "prod", "kubernetes.io/arch": "amd64" };

it.each([
  ["", true],
  ["all()", true],
  ["has(role)", true],
  ["!has(role)", false],
  ["role == 'db' && env == \"prod\"", true],
  ["role == 'web' || env in {'dev', 'prod'}", true],
  ["role not in {'db'}", false],
  ["missing not in {'db'}", true],
  ["missing != 'x'", true],
  ["role contains 'b'", true],
  ["role starts with 'd' && role ends with 'b'", true],
  ["!(role == 'db' && env == 'prod')", false],
  ["kubernetes.io/arch == 'amd64'", true],
  ["has(nope) || role == 'db' && env == 'dev'", false],
])("%s is %s", (text, expected) => expect(selects(text, labels)).toBe(expected));

it.each(["role ==", "role == db", "has role", "(all()", "all() all()", "role in {'a'", "$"])(
  "refuses %s",
  (text) => expect(parseSelector(text).ok).toBe(false),
);

it("never throws, whatever the text", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseSelector(text);
    }),
  );
});

it("negation turns every answer round", () => {
  const key = fc.constantFrom("a", "b", "c");
  const value = fc.constantFrom("x", "y");
  const atom = fc.oneof(
    fc.tuple(key, value).map(([k, v]) => `${k} == '${v}'`),
    key.map((k) => `has(${k})`),
    fc.tuple(key, value).map(([k, v]) => `${k} not in {'${v}'}`),
  );
  const expression = fc.tuple(atom, fc.constantFrom("&&", "||"), atom).map((parts) => parts.join(" "));
  fc.assert(
    fc.property(expression, fc.dictionary(key, value), (text, world) => {
      expect(selects(`!(${text})`, world)).toBe(!selects(text, world));
    }),
  );
});
