import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { staleExceptions, tooLong } from "./budgets.ts";
import { checkLockfile, checkReadme, checkTopLevel, testsBesideCode } from "./folders.ts";
import { fileRules, type Finding, formatFinding } from "./rules.ts";
import { isTestPath, parseSource } from "./source.ts";
import { layers } from "./table.ts";

const ROOT = join(import.meta.dirname, "../../..");

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

const code = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
  .map((path) => `src/${path.replaceAll("\\", "/")}`)
  .filter((path) => /\.(tsx?|mjs)$/.test(path))
  .sort();
const sources = code.map((path) => parseSource(path, read(path)));

function expectNone(findings: readonly Finding[]): void {
  expect(findings.map(formatFinding).join("\n")).toBe("");
}

it("finds the code", () => {
  expect(sources.length).toBeGreaterThan(20);
  expect(sources.flatMap((source) => source.imports).length).toBeGreaterThan(20);
});

it.each(Object.entries(fileRules))("every file keeps the rule %s", (_name, rule) => {
  expectNone(sources.flatMap(rule));
});

it("files and functions keep their budgets, and no exception is stale", () => {
  expectNone([...sources.flatMap((source) => tooLong(source)), ...staleExceptions(sources)]);
});

it("every layer has a README of one screen with the fixed sections", () => {
  const inhabited = Object.keys(layers).filter((layer) =>
    code.some((path) => path.startsWith(`src/${layer}/`) && !isTestPath(path)),
  );
  expectNone(
    inhabited.flatMap((layer) => {
      const path = `src/${layer}/README.md`;
      return checkReadme(path, existsSync(join(ROOT, path)) ? read(path) : undefined);
    }),
  );
});

it("tests lie beside the code", () => {
  expectNone(testsBesideCode(code));
});

it("the top level holds only what belongs there", () => {
  const ignored = read(".gitignore").split("\n");
  expectNone(checkTopLevel(readdirSync(ROOT).filter((name) => !ignored.includes(name))));
});

it("the lockfile installs anywhere", () => {
  const lock = JSON.parse(read("package-lock.json")) as { packages: Parameters<typeof checkLockfile>[0] };
  expectNone(checkLockfile(lock.packages));
});
