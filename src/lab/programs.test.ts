import { expect, test } from "vitest";
import { PROGRAM_NAMES } from "./program-names.ts";
import { userland } from "./userland.ts";

test("every program of the userland is known by its name before it is loaded", () => {
  expect([...PROGRAM_NAMES].sort()).toEqual([...userland.programs.keys()].sort());
});
