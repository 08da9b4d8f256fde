import { COREUTILS } from "./coreutils/index.ts";
import { NET_PROGRAMS } from "./net.ts";
import type { Program } from "./os/process.ts";
import { bash } from "./shell/bash.ts";

/** Every program of the userland by the name that PATH finds. */
export const PROGRAMS: ReadonlyMap<string, Program> = new Map<string, Program>([
  ...COREUTILS,
  ...NET_PROGRAMS,
  ["bash", bash],
  ["sh", bash],
]);
