// What Docker's engine does is, frame by frame and rule by rule, what the same commands typed by hand do on a kernel.
import { expect, it } from "vitest";
import { difference } from "./compare.ts";
import { type Lab, labNames, playOnEngine, readLab, readRecording } from "./harness.ts";

/** `#$ docker ...` stands for the lines below it up to `##`. */
function withDocker(script: string): string {
  return script.replace(/^#\$ (.*\n)(?:(?!##\n).*\n)*##\n/gm, "$1");
}

function dockerized(lab: Lab): Lab {
  return { ...lab, setup: withDocker(lab.setup), probe: withDocker(lab.probe) };
}

it.each(labNames().filter((name) => name.includes("-docker-")))(
  "%s: docker does what was typed",
  async (name) => {
    const lab = dockerized(readLab(name));
    expect(lab.setup).toContain("docker run");
    expect(difference(readRecording(name), await playOnEngine(lab))).toBe("");
  },
  60_000,
);
