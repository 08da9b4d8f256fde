// diff [NAME...]: play labs (all, or those named) on our engine and print where it departs from the recordings.
// FLANNELGRAPH_LAB is the engine's command if it is not `npm run -s flannelgraph -- lab`.
import { difference } from "./compare.ts";
import { labNames, pendingLabs, playOnEngine, readLab, readRecording } from "./harness.ts";

const named = process.argv.slice(2);
const pending = pendingLabs();
let failures = 0;
for (const name of named.length > 0 ? named : labNames()) {
  const ours = await playOnEngine(readLab(name), process.env["FLANNELGRAPH_LAB"]);
  const differs = difference(readRecording(name), ours);
  const complaint = differs === "" ? "" : ours.stderr.replace(/^/gm, "! ");
  const awaits = pending.get(name);
  // A whole comparison is about regressions: what awaits something is only counted.
  const brief = named.length === 0 && awaits !== undefined;
  const verdict = differs === "" ? "ok      " : brief ? "pending " : "DIFFERS ";
  process.stdout.write(`${verdict}${name}${awaits === undefined ? "" : ` (awaits ${awaits})`}\n`);
  if (!brief) process.stdout.write(`${differs}${complaint}`);
  if (differs !== "" && !brief) failures++;
}
process.exitCode = failures === 0 ? 0 : 1;
