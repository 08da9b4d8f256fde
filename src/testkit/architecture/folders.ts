import { posix } from "node:path";
import type { Finding } from "./rules.ts";
import { isTestPath } from "./source.ts";
import { budgets } from "./table.ts";

/** Sections of a layer's README, in this order; a heading may go on after these words. */
export const README_HEADINGS = [
  "What this is",
  "What it models",
  "What it does not model",
  "Public door",
  "How to add one",
  "Decisions",
] as const;

const TOP_LEVEL = [
  "package.json",
  "package-lock.json",
  "vite.config.ts",
  "tsconfig.json",
  "index.html",
  "src",
  "public",
  "e2e",
  "README.md",
  "LICENSE",
];

/** What is wrong with the README of a layer's folder; `text` is undefined when there is none. */
export function checkReadme(path: string, text: string | undefined): Finding[] {
  const found = (line: number, message: string): Finding => ({ path, line, rule: "readme", message });
  const headings = README_HEADINGS.map((heading) => `## ${heading}`).join(", ");
  if (text === undefined) return [found(1, `is missing; write one with the sections ${headings}`)];
  const lines = text.trimEnd().split("\n");
  const findings: Finding[] = [];
  if (lines.length > budgets.readme)
    findings.push(
      found(lines.length, `has ${lines.length} lines, ${budgets.readme} are allowed; keep to one screen`),
    );
  let from = 0;
  for (const heading of README_HEADINGS) {
    const at = lines.findIndex((line, i) => i >= from && line.startsWith(`## ${heading}`));
    if (at < 0)
      findings.push(found(1, `has no section "## ${heading}" in its place; the order is ${headings}`));
    else from = at + 1;
  }
  return findings;
}

/** A test lies beside what it tests, not in a folder of tests. */
export function testsBesideCode(paths: readonly string[]): Finding[] {
  const code = new Set(paths.filter((path) => !isTestPath(path)).map((path) => posix.dirname(path)));
  return paths
    .filter((path) => isTestPath(path) && !code.has(posix.dirname(path)))
    .map((path) => ({
      path,
      line: 1,
      rule: "tests-beside-code",
      message: "lies in a folder without code; put it beside the file that it tests",
    }));
}

/** The repository's front door stays short; dot-files may join. */
export function checkTopLevel(names: readonly string[]): Finding[] {
  return names
    .filter((name) => !name.startsWith(".") && !TOP_LEVEL.includes(name))
    .map((name) => ({
      path: name,
      line: 1,
      rule: "top-level",
      message: `does not belong at the top; only ${TOP_LEVEL.join(", ")} and dot-files do`,
    }));
}

interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly link?: boolean;
}

/** Every entry has a version (`npm ci` refuses others), and none names the registry that one machine happened to use. */
export function checkLockfile(packages: Readonly<Record<string, LockEntry>>): Finding[] {
  const found = (message: string): Finding => ({
    path: "package-lock.json",
    line: 1,
    rule: "lockfile",
    message,
  });
  return Object.entries(packages).flatMap(([name, entry]) => {
    const findings: Finding[] = [];
    if (entry.version === undefined && entry.link !== true)
      findings.push(found(`"${name}" has no version; install a release whose platform packages all exist`));
    if (entry.resolved !== undefined)
      findings.push(found(`"${name}" names a host; keep omit-lockfile-registry-resolved=true in .npmrc`));
    return findings;
  });
}
