// Holds what our engine did against what a kernel did, and says where they part.
import type { Run } from "./harness.ts";

/** An empty text means that the two runs agree. */
export function difference(kernel: Run, ours: Run): string {
  const parts = [unifiedDiff("stdout", comparableLines(kernel.stdout), comparableLines(ours.stdout))];
  if (kernel.exitCode !== ours.exitCode) {
    parts.push(`exit code: kernel ${String(kernel.exitCode)}, ours ${String(ours.exitCode)}\n`);
  }
  for (const name of [...new Set([...kernel.captures.keys(), ...ours.captures.keys()])].sort()) {
    parts.push(unifiedDiff(name, kernel.captures.get(name) ?? [], ours.captures.get(name) ?? []));
  }
  return parts.join("");
}

/** Without what differs between two runs of one kernel (times), and between tool builds (uid, iptables-save's dates). */
export function comparableLines(stdout: string): string[] {
  return stdout
    .replace(/time[= ][\d.]+ ?ms/g, "time")
    .replace(/rtt min.*/g, "rtt")
    .replace(/ uid 0/g, "")
    .replace(/^# (Generated|Completed).*\n/gm, "")
    .replace(/^unknown +2 .*\n/gm, "")
    .split("\n")
    .map((line) => line.trimEnd());
}

const contextLines = 3;
type Edit = { readonly mark: " " | "-" | "+"; readonly line: string };

/** `-` the kernel, `+` ours. */
export function unifiedDiff(name: string, kernel: readonly string[], ours: readonly string[]): string {
  const edits = script(kernel, ours);
  const changed = edits.flatMap((edit, at) => (edit.mark === " " ? [] : [at]));
  if (changed.length === 0) return "";
  let text = `--- ${name}: kernel\n+++ ${name}: ours\n`;
  let shownTo = 0;
  for (const at of changed) {
    const from = Math.max(shownTo, at - contextLines);
    if (from > shownTo || shownTo === 0) text += `@@ line ${String(kernelLine(edits, from))} @@\n`;
    const to = Math.min(edits.length, Math.max(at + 1, nextChange(edits, at)));
    for (const edit of edits.slice(from, to)) text += `${edit.mark}${edit.line}\n`;
    shownTo = to;
  }
  return text;
}

const kernelLine = (edits: readonly Edit[], at: number): number =>
  1 + edits.slice(0, at).filter((edit) => edit.mark !== "+").length;

/** Where the lines shown after the change at `at` end: at the next change, or after the lines of context. */
function nextChange(edits: readonly Edit[], at: number): number {
  const next = edits.findIndex((edit, i) => i > at && edit.mark !== " ");
  return next < 0 ? at + 1 + contextLines : Math.min(next, at + 1 + contextLines);
}

/** The shortest edit script by the table of longest common subsequences; labs are short. */
function script(a: readonly string[], b: readonly string[]): Edit[] {
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const edits: Edit[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      edits.push({ mark: " ", line: a[i++] ?? "" });
      j++;
    } else if (j === b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1)))
      edits.push({ mark: "-", line: a[i++] ?? "" });
    else edits.push({ mark: "+", line: b[j++] ?? "" });
  }
  return edits;
}
