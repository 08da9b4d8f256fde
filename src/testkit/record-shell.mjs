/**
 * Records what the real bash and the real tools of this machine do with the scripts of the fixtures, to be run on
 * Debian 12: `node src/testkit/record-shell.mjs src/userland/shell/fixtures/*.txt`. A fixture is a list of cases, each
 * `#### script`, `#### stdout`, `#### stderr` (where there is any) and `#### status N`; only the scripts are read.
 */
import { spawnSync } from "node:child_process";
import { constants } from "node:os";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const FOLDER = "/tmp/flannelgraph-shell";
const ENV = {
  HOME: "/root",
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LC_ALL: "C.UTF-8",
};

/** @param {string} text @returns {string[]} */
const scriptsOf = (text) =>
  text
    .split(/^#### script\n/m)
    .slice(1)
    .map((part) => part.split(/^#### (?:stdout|stderr|status)/m)[0] ?? "");

/** @param {string} name @param {string} text */
const section = (name, text) =>
  text === "" ? "" : `#### ${name}\n${text}${text.endsWith("\n") ? "" : "\n#### no newline\n"}`;

/** Process ids differ from run to run. @param {string} text */
const steady = (text) => text.replace(/(line \d+: ) *\d+ (Killed|Hangup|Aborted)/g, "$1PID $2");

/** @param {string} script */
function record(script) {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(`${FOLDER}/w`, { recursive: true });
  writeFileSync(`${FOLDER}/s.sh`, script);
  const run = spawnSync("setsid", ["-w", "bash", "../s.sh"], {
    cwd: `${FOLDER}/w`,
    env: ENV,
    timeout: 30_000,
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
  });
  return `#### script\n${script}${section("stdout", run.stdout)}${section("stderr", steady(run.stderr))}#### status ${run.status ?? 128 + constants.signals[run.signal ?? "SIGKILL"]}\n`;
}

for (const path of process.argv.slice(2)) {
  const scripts = scriptsOf(readFileSync(path, "utf8"));
  writeFileSync(path, scripts.map(record).join("\n"));
  process.stdout.write(`${path}: ${scripts.length} cases\n`);
}
