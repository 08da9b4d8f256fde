/**
 * Finds the Chromium that the browser tests drive. Run as a program it also installs Debian's when there is none and it
 * may, and prints the path.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "@playwright/test";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const FOLDERS = ["/usr/bin", "/usr/local/bin", "/snap/bin", "/opt/google/chrome"];
const MACOS = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** @returns {string[]} */
function candidates() {
  const folders = [...new Set([...(process.env["PATH"] ?? "").split(delimiter), ...FOLDERS])];
  return [
    ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))),
    ...MACOS,
    chromium.executablePath(),
  ];
}

/** @returns {string | undefined} */
export function findChromium() {
  const chosen = process.env["CHROMIUM_PATH"];
  if (chosen !== undefined && chosen !== "") return chosen;
  return candidates().find((path) => existsSync(path));
}

function install() {
  const apt = ["/usr/bin/apt-get", "/bin/apt-get"].find((path) => existsSync(path));
  if (apt === undefined || process.getuid?.() !== 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const words of [
    ["update", "-q"],
    ["install", "-q", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
  ])
    spawnSync(apt, words, { env, stdio: ["ignore", 2, 2] });
}

/** @returns {string} */
function ensureChromium() {
  if (findChromium() === undefined) install();
  const path = findChromium();
  if (path === undefined)
    throw new Error(
      "no Chromium: install one (Debian: apt-get install chromium; elsewhere: npx playwright install chromium), " +
        "or set CHROMIUM_PATH to one",
    );
  if (!existsSync(path)) throw new Error(`CHROMIUM_PATH is ${path}, which does not exist`);
  return path;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    process.stdout.write(`${ensureChromium()}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
