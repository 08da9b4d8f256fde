import { expect, it } from "vitest";
import { staleExceptions, tooLong } from "./budgets.ts";
import { checkLockfile, checkReadme, checkTopLevel, README_HEADINGS, testsBesideCode } from "./folders.ts";
import { formatFinding } from "./rules.ts";
import { parseSource } from "./source.ts";

const repeat = (line: string, n: number): string => `${line}\n`.repeat(n);

/** A file with one function of `lines` lines of code, comments and blank lines between. */
function functionOf(lines: number, head = "export function long() {"): string {
  return `/** Doc. */\n${head}\n${repeat("  x();\n\n  // why", lines - 2)}}\n`;
}

const messages = (path: string, text: string): string[] =>
  tooLong(parseSource(path, text), []).map(formatFinding);

it("counts lines of code only", () => {
  expect(messages("src/wire/a.ts", repeat("x();\n\n/* a\n b */", 500))).toEqual([]);
  expect(messages("src/wire/a.ts", repeat("x();", 501))).toEqual([
    "src/wire/a.ts:1 [budgets] the file has 501 lines of code, 500 are allowed; split it by what it decides",
  ]);
});

it("gives tests more room and no limit for a function", () => {
  expect(messages("src/wire/a.test.ts", functionOf(800))).toEqual([]);
  expect(messages("src/wire/a.test.ts", repeat("x();", 801))).toHaveLength(1);
});

it("holds functions to 60 lines, components to 80", () => {
  expect(messages("src/wire/a.ts", functionOf(60))).toEqual([]);
  expect(messages("src/wire/a.ts", functionOf(61))).toEqual([
    "src/wire/a.ts:2 [budgets] function long has 61 lines of code, 60 are allowed; split it by what it decides",
  ]);
  expect(messages("src/app/a.tsx", functionOf(80, "export function Board() {"))).toEqual([]);
  expect(messages("src/app/a.tsx", functionOf(81, "export function Board() {"))).toHaveLength(1);
  expect(messages("src/app/a.tsx", functionOf(61, "export const useIt = () => {"))).toHaveLength(1);
});

it("keeps the composition root small", () => {
  expect(messages("src/lab/world.ts", repeat("x();", 301))).toHaveLength(1);
});

it("knows exceptions, and asks for their removal when they are not needed", () => {
  const source = parseSource("src/wire/a.ts", functionOf(70));
  const exception = { path: "src/wire/a.ts", function: "long", lines: 70, reason: "a table" };
  expect(tooLong(source, [exception])).toEqual([]);
  expect(tooLong(source, [{ ...exception, lines: 69 }])).toHaveLength(1);
  expect(staleExceptions([source], [exception])).toEqual([]);
  expect(staleExceptions([source], [{ ...exception, reason: " " }])).toHaveLength(1);
  expect(staleExceptions([source], [{ ...exception, function: "gone" }])).toHaveLength(1);
  expect(staleExceptions([], [exception])).toHaveLength(1);
});

it("reads a README's sections and length", () => {
  const good = README_HEADINGS.map((heading) => `## ${heading} (and more)\ntext\n`).join("\n");
  expect(checkReadme("src/wire/README.md", good)).toEqual([]);
  expect(checkReadme("src/wire/README.md", undefined)).toHaveLength(1);
  expect(checkReadme("src/wire/README.md", good.replace("## Public door", "## Door"))).toHaveLength(1);
  expect(checkReadme("src/wire/README.md", good + "\n".repeat(60) + "end")).toHaveLength(1);
  const [first, ...rest] = README_HEADINGS;
  expect(checkReadme("src/wire/README.md", [...rest, first].map((h) => `## ${h}`).join("\n"))).not.toEqual(
    [],
  );
});

it("wants tests beside the code", () => {
  expect(testsBesideCode(["src/wire/a.ts", "src/wire/a.test.ts"])).toEqual([]);
  expect(testsBesideCode(["src/wire/a.ts", "src/wire/tests/a.test.ts"])).toHaveLength(1);
});

it("guards the top level", () => {
  expect(checkTopLevel(["src", ".ci", "README.md"])).toEqual([]);
  expect(checkTopLevel(["docs"])).toHaveLength(1);
});

it("finds what npm ci would refuse in a lockfile, and named hosts", () => {
  const needs = { version: "1.0.0", optionalDependencies: { "@a/x64": "1.0.0" } };
  expect(checkLockfile({ "node_modules/a": needs, "node_modules/@a/x64": { version: "1.0.0" } })).toEqual([]);
  expect(
    checkLockfile({
      "node_modules/b": { version: "1.0.0" },
      "node_modules/b/node_modules/a": needs,
      "node_modules/b/node_modules/@a/x64": { version: "1.0.0" },
      "node_modules/@a/x64": { version: "2.0.0" },
    }),
  ).toEqual([]);
  expect(
    checkLockfile({ "node_modules/a": needs, "node_modules/@a/x64": { version: "2.0.0" } }),
  ).toHaveLength(1);
  expect(checkLockfile({ "node_modules/a": needs })).toHaveLength(1);
  expect(checkLockfile({ "node_modules/a": {} })).toHaveLength(1);
  const named = { version: "1.0.0", resolved: "https://example.org/a.tgz" };
  expect(checkLockfile({ "node_modules/a": named })).toHaveLength(1);
});
