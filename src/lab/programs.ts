import { NET_PROGRAMS } from "../userland/net.ts";
import { PROGRAMS as USERLAND } from "../userland/programs.ts";
import type { Program } from "../userland/os/process.ts";

/** Every program of every machine by the name that PATH finds. */
export const PROGRAMS: ReadonlyMap<string, Program> = new Map([...USERLAND, ...NET_PROGRAMS]);
