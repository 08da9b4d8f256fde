import { expect, test } from "vitest";
import { firstLight } from "../scenario/first-light.ts";
import { type LabRun, needsUserland, openLab } from "./index.ts";
import { loadUserland } from "./programs.ts";

function finish(run: LabRun): number {
  for (;;) {
    const status = run.step();
    if (status !== undefined) return status;
  }
}

function opened(): ReturnType<typeof openLab> & { ok: true } {
  const lab = openLab(firstLight);
  if (!lab.ok) throw new Error(lab.error.message);
  return lab;
}

test("the first scenario starts without the userland, and goes on alike when that comes later", async () => {
  expect(needsUserland(firstLight)).toBe(false);
  const early = opened().value;
  // No shell and no command is loaded yet: running one would throw.
  expect(finish(early.start)).toBe(0);
  const before = { now: early.lab.now(), records: early.lab.traceLength() };
  await loadUserland();
  const late = opened().value;
  expect(finish(late.start)).toBe(0);
  expect({ now: late.lab.now(), records: late.lab.traceLength() }).toEqual(before);
  const after = [early, late].map(({ lab }) => {
    let text = "";
    const run = lab.act({ kind: "shell", at: "", command: "ip -br link; hostname" }, (_, part) => {
      text += part;
    });
    if (!run.ok) throw new Error(run.error.message);
    return [finish(run.value), text, lab.now(), lab.traceLength()];
  });
  expect(after[0]).toEqual(after[1]);
  expect(after[0]?.[1]).toContain("lo");
});
