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
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

type LockPackages = Readonly<Record<string, LockEntry>>;

/** What `name` means to the package at `path`: the nearest node_modules that holds it. */
function installed(packages: LockPackages, path: string, name: string): LockEntry | undefined {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf("node_modules/") - 1))) {
    const found = packages[at === "" ? `node_modules/${name}` : `${at}/node_modules/${name}`];
    if (found !== undefined || at === "") return found;
  }
}

/** Platform packages that an entry pins to one version, and that the lockfile lacks or has in another. */
function missingOptional(packages: LockPackages, path: string, entry: LockEntry): string[] {
  return Object.entries(entry.optionalDependencies ?? {})
    .filter(([name, pin]) => /^\d/.test(pin) && installed(packages, path, name)?.version !== pin)
    .map(([name, pin]) => `${name}@${pin}`);
}

/**
 * What `npm ci` refuses on some machine: an entry without a version, a platform package that the registry at hand did
 * not have. And no entry may name the registry that one machine happened to use.
 */
export function checkLockfile(packages: LockPackages): Finding[] {
  const found = (message: string): Finding => ({
    path: "package-lock.json",
    line: 1,
    rule: "lockfile",
    message,
  });
  return Object.entries(packages).flatMap(([path, entry]) => {
    const findings = missingOptional(packages, path, entry).map((name) =>
      found(`"${path}" needs ${name}, which is not there; take a release whose platform packages all exist`),
    );
    if (entry.version === undefined && entry.link !== true)
      findings.push(found(`"${path}" has no version; take a release whose platform packages all exist`));
    if (entry.resolved !== undefined)
      findings.push(found(`"${path}" names a host; keep omit-lockfile-registry-resolved=true in .npmrc`));
    return findings;
  });
}
