// Every lab, on our engine: text, exit code and frames must be those of a real kernel.
// FLANNELGRAPH_KERNEL=live holds the engine against this machine's kernel (root, or user namespaces) instead of the recordings;
// FLANNELGRAPH_LAB is the engine's command if it is not `npm run -s flannelgraph -- lab`.
import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { difference } from "./compare.ts";
import {
  labNames,
  pendingLabs,
  playOnEngine,
  playOnKernel,
  readLab,
  readRecording,
  type Run,
} from "./harness.ts";
import { storyNames } from "./rules/story.ts";

const live = process.env["FLANNELGRAPH_KERNEL"] === "live";
const command = process.env["FLANNELGRAPH_LAB"];
const timeoutMs = live ? 180_000 : 60_000;

/** Lets as many labs run side by side as there are processors: each is a process of its own. */
class Turnstile {
  private free = availableParallelism();
  private readonly waiting: (() => void)[] = [];
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free++;
    }
  }
}

const turnstile = new Turnstile();
const pending = pendingLabs();
const kernelRun = (name: string): Promise<Run> =>
  live ? playOnKernel(readLab(name)) : Promise.resolve(readRecording(name));

describe.concurrent(live ? "as the kernel at hand" : "as recorded on Linux 6.18", () => {
  for (const name of labNames()) {
    const awaits = pending.get(name);
    it(
      awaits === undefined ? name : `${name}, which awaits ${awaits}`,
      async () => {
        const [kernel, ours] = await turnstile.pass(
          async () => [await kernelRun(name), await playOnEngine(readLab(name), command)] as const,
        );
        const differs = difference(kernel, ours);
        if (awaits !== undefined) {
          if (differs === "") throw new Error(`${name} agrees now: take it off e2e/kernel/pending.json`);
          return;
        }
        // Thrown as it is: an assertion would wrap the diff in a diff of its own.
        if (differs !== "") throw new Error(`\n${differs}${ours.stderr}`);
      },
      // The wait at the turnstile counts, too.
      timeoutMs * Math.ceil(labNames().length / availableParallelism()),
    );
  }
});

it("every pending lab exists", () => {
  const names = [...labNames(), ...storyNames().map((name) => `rules/${name}`)];
  expect([...pending.keys()].filter((name) => !names.includes(name))).toEqual([]);
});
