// Delta debugging over the lines of a script: the smallest script found that still shows a disagreement.
// Models: ddmin (Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002), by complements only.
import type { Script } from "./play.ts";

type Line = { readonly part: "setup" | "probe"; readonly text: string };

const linesOf = (script: Script): Line[] => [
  ...script.setup.map((text) => ({ part: "setup", text }) as const),
  ...script.probe.map((text) => ({ part: "probe", text }) as const),
];
const scriptOf = (lines: readonly Line[]): Script => ({
  setup: lines.flatMap((line) => (line.part === "setup" ? [line.text] : [])),
  probe: lines.flatMap((line) => (line.part === "probe" ? [line.text] : [])),
});

/**
 * `disagrees` is asked about several candidates at once and answers for each; it must be true of `script`.
 * Ends when no single line can be left out.
 */
export async function shrink(
  script: Script,
  disagrees: (candidates: readonly Script[]) => Promise<boolean[]>,
): Promise<Script> {
  let lines = linesOf(script);
  let pieces = 2;
  while (lines.length > 1) {
    const size = Math.ceil(lines.length / pieces);
    const starts = Array.from({ length: Math.ceil(lines.length / size) }, (_, i) => i * size);
    const candidates = starts.map((at) => [...lines.slice(0, at), ...lines.slice(at + size)]);
    const verdicts = await disagrees(candidates.map(scriptOf));
    const chosen = joinRemovable(lines, size, verdicts);
    const joint = chosen.length > 1 ? await disagrees([scriptOf(without(lines, size, chosen))]) : [true];
    const first = chosen[0];
    if (first === undefined) {
      if (size === 1) break;
      pieces = Math.min(lines.length, pieces * 2);
    } else {
      lines = joint[0] === true ? without(lines, size, chosen) : without(lines, size, [first]);
      pieces = Math.max(2, Math.min(lines.length, pieces - 1));
    }
  }
  return scriptOf(lines);
}

/** The pieces that can each be left out; mostly they can all be left out together. */
const joinRemovable = (lines: readonly Line[], size: number, verdicts: readonly boolean[]): number[] =>
  verdicts.flatMap((still, i) => (still && i * size < lines.length ? [i] : []));

const without = (lines: readonly Line[], size: number, pieces: readonly number[]): Line[] =>
  lines.filter((_, at) => !pieces.includes(Math.floor(at / size)));
