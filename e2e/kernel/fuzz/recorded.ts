// Random labs with what a kernel did with them, one text file each: the script, then the run.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folder, type Run } from "../harness.ts";
import { runFromText, runToText, scriptText, type Script } from "./play.ts";

const directory = join(folder, "fuzz/recorded");
const [probeMark, runMark] = ["### probe\n", "### stdout\n"];

export const recordedNames = (): string[] =>
  readdirSync(directory)
    .filter((file) => file.endsWith(".txt"))
    .map((file) => file.slice(0, -".txt".length))
    .sort();

export function writeRecorded(name: string, script: Script, seen: Run): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `${name}.txt`), scriptText(script) + runToText(seen));
}

export function readRecorded(name: string): { script: Script; run: Run } {
  const text = readFileSync(join(directory, `${name}.txt`), "utf8");
  const [probeAt, runAt] = [text.indexOf(probeMark), text.indexOf(runMark)];
  const run = runFromText(text);
  if (probeAt < 0 || runAt < 0 || run === undefined) throw new Error(`${name}: not a recorded lab`);
  const lines = (part: string): string[] => part.split("\n").filter((line) => line !== "");
  const script = {
    setup: lines(text.slice(0, probeAt)),
    probe: lines(text.slice(probeAt + probeMark.length, runAt)),
  };
  return { script, run };
}
