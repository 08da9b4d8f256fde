/**
 * The checks of the project, the same here and in CI: `node .ci/checks.mjs [CHECK...]`, all of them without words.
 * Each runs even when one before it failed, except those that need its result; the last line counts.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const node = process.execPath;
const REPORTS = "test-results/reports";
const PRETTIER = [
  node,
  "node_modules/prettier/bin/prettier.cjs",
  "--cache",
  "--check",
  "--log-level",
  "warn",
  ".",
];
const TSC = [node, "node_modules/ts7/bin/tsc", "-p", "."];
const VITE = [node, "node_modules/vite/bin/vite.js", "build"];
const PLAYWRIGHT = [
  node,
  "node_modules/@playwright/test/cli.js",
  "test",
  "--config",
  "e2e/playwright.config.ts",
];

/**
 * @param {string} name
 * @param {string[]} words
 */
const vitest = (name, ...words) => [
  ...[node, "node_modules/vitest/vitest.mjs", "run", "--passWithNoTests", ...words],
  ...["--reporter=default", "--reporter=json", `--outputFile.json=${REPORTS}/${name}.json`],
];

/**
 * A check: its command; `report` where the runner counts its tests, `needs` a check whose result it uses.
 * @typedef {{ command: string[], report?: "vitest" | "playwright", needs?: string, byName?: boolean }} Check
 * @type {Record<string, Check>}
 */
const CHECKS = {
  format: { command: PRETTIER },
  types: { command: TSC },
  lint: { command: ["npm", "run", "--silent", "lint"] },
  architecture: {
    command: vitest("architecture", "--project", "unit", "src/testkit/architecture"),
    report: "vitest",
    byName: true, // without words `unit` holds it
  },
  unit: { command: vitest("unit", "--project", "unit"), report: "vitest" },
  build: { command: VITE },
  size: { command: [node, ".ci/bundle-size.mjs"], needs: "build" },
  kernel: { command: vitest("kernel", "--project", "kernel"), report: "vitest" },
  chromium: { command: [node, "e2e/browser.mjs"] },
  browser: { command: PLAYWRIGHT, report: "playwright", needs: "build" },
};

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */

/**
 * What a runner's JSON report counts; undefined when it wrote none.
 * @param {string} name
 * @param {"vitest" | "playwright"} runner
 * @returns {Count | undefined}
 */
function readReport(name, runner) {
  try {
    const report = JSON.parse(readFileSync(`${root}/${REPORTS}/${name}.json`, "utf8"));
    if (runner === "vitest")
      return {
        passed: report.numPassedTests,
        failed: report.numFailedTests,
        skipped: report.numPendingTests + report.numTodoTests,
      };
    const { expected, flaky, unexpected, skipped } = report.stats;
    return { passed: expected + flaky, failed: unexpected, skipped };
  } catch {
    return undefined;
  }
}

/**
 * @param {string} name
 * @param {Check} check
 * @returns {Count}
 */
function run(name, { command: [program = "", ...words], report }) {
  const env = process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: "1" };
  const { status, error } = spawnSync(program, words, {
    cwd: root,
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (error !== undefined) process.stderr.write(`${error.message}\n`);
  const count = report === undefined ? undefined : readReport(name, report);
  if (count === undefined) return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 };
  // A file that does not load fails the runner and counts no test.
  return status === 0 ? count : { ...count, failed: Math.max(1, count.failed) };
}

/** @param {string[]} names */
function runAll(names) {
  /** @type {Map<string, Count & { seconds: number }>} */
  const results = new Map();
  for (const name of names) {
    const check = CHECKS[name];
    if (check === undefined) throw new Error(`no check ${name}; there are ${Object.keys(CHECKS).join(", ")}`);
    process.stdout.write(`\n== ${name}\n`);
    const start = performance.now();
    const blocked = check.needs !== undefined && (results.get(check.needs)?.failed ?? 0) > 0;
    if (blocked) process.stdout.write(`not run: ${check.needs} failed\n`);
    const count = blocked ? { passed: 0, failed: 1, skipped: 0 } : run(name, check);
    results.set(name, { ...count, seconds: (performance.now() - start) / 1000 });
  }
  return results;
}

rmSync(`${root}/${REPORTS}`, { recursive: true, force: true });
mkdirSync(`${root}/${REPORTS}`, { recursive: true });
const chosen = process.argv.slice(2);
const results = runAll(
  chosen.length > 0 ? chosen : Object.keys(CHECKS).filter((name) => CHECKS[name]?.byName !== true),
);
const total = { passed: 0, failed: 0, skipped: 0 };
process.stdout.write("\n");
for (const [name, { passed, failed, skipped, seconds }] of results) {
  const counts = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
  process.stdout.write(
    `${failed > 0 ? "FAIL" : "ok  "} ${name.padEnd(13)}${seconds.toFixed(1).padStart(7)} s  ${counts}\n`,
  );
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}
process.stdout.write(`\nflannelgraph: ${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed > 0 ? 1 : 0;
