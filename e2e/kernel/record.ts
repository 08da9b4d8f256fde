// record [--check] [NAME...]: play labs (all, or those named) on this machine's kernel and keep what they showed.
// Each is played twice, and kept only if the two plays agree: what differs between them is no fact about Linux.
// --check plays once and holds the result against the recording, which tells whether this kernel is like the recorded one.
import { difference } from "./compare.ts";
import { isRecorded, labNames, playOnKernel, readLab, readRecording, writeRecording } from "./harness.ts";

async function check(name: string): Promise<string> {
  return difference(readRecording(name), await playOnKernel(readLab(name)));
}

/** What machine.sh, uml.sh and the harness end with when the lab was not played to its end. */
const notPlayed: readonly number[] = [125, 128];

async function record(name: string): Promise<string> {
  const lab = readLab(name);
  const first = await playOnKernel(lab);
  if (notPlayed.includes(first.exitCode)) return `not played: status ${first.exitCode}\n${first.stderr}`;
  if (first.stderr !== "") process.stdout.write(`${name}: standard error (not recorded):\n${first.stderr}`);
  const differs = difference(first, await playOnKernel(lab));
  if (differs === "") writeRecording(name, first);
  return differs;
}

async function main(words: string[]): Promise<number> {
  const checking = words.includes("--check");
  const named = words.filter((word) => !word.startsWith("--"));
  let failures = 0;
  for (const name of named.length > 0 ? named : labNames()) {
    if (checking && !isRecorded(name)) continue;
    const differs = await (checking ? check(name) : record(name));
    process.stdout.write(`${differs === "" ? "ok      " : "DIFFERS "}${name}\n${differs}`);
    if (differs !== "") failures++;
  }
  return failures === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
