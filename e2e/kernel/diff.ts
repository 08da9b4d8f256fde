// diff [NAME...]: play labs (all, or those named) on our engine and print where it departs from the recordings.
// FLANNELGRAPH_LAB is the engine's command if it is not `npm run -s flannelgraph -- lab`.
import { difference } from "./compare.ts";
import { labNames, playOnEngine, readLab, readRecording } from "./harness.ts";

const named = process.argv.slice(2);
let failures = 0;
for (const name of named.length > 0 ? named : labNames()) {
  const ours = await playOnEngine(readLab(name), process.env["FLANNELGRAPH_LAB"]);
  const differs = difference(readRecording(name), ours);
  const complaint = differs === "" ? "" : ours.stderr.replace(/^/gm, "! ");
  process.stdout.write(`${differs === "" ? "ok      " : "DIFFERS "}${name}\n${differs}${complaint}`);
  if (differs !== "") failures++;
}
process.exitCode = failures === 0 ? 0 : 1;
