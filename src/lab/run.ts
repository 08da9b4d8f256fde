import type { LowerFiles } from "../userland/os/memfs.ts";
import type { CaptureFile } from "./captures.ts";
import { runScripts, type Script, traceLines } from "./script.ts";
import { World } from "./world.ts";

export interface LabOptions {
  readonly scripts: readonly Script[];
  readonly cwd: string;
  readonly seed: number;
  readonly captures: boolean;
  readonly traced: boolean;
  readonly lower?: LowerFiles;
  /** A kind configuration: the cluster is started first. */
  readonly kind?: { readonly path: string; readonly text: string };
  readonly output: (stream: "stdout" | "stderr", bytes: Uint8Array) => void;
}

export interface LabResult {
  readonly status: number;
  readonly captures: readonly CaptureFile[];
  /** JSON lines. */
  readonly trace: readonly string[];
  /** What went wrong outside the scripts. */
  readonly message?: string;
}

/** The lab contract from start to end. */
export function runLab(options: LabOptions): LabResult {
  if (options.kind !== undefined) {
    const message = `flannelgraph lab: --kind ${options.kind.path}: clusters cannot be started from the command line yet\n`;
    return { status: 2, captures: [], trace: [], message };
  }
  const world = new World({
    seed: options.seed,
    traced: options.traced,
    ...(options.lower === undefined ? {} : { lower: options.lower }),
  });
  const result = runScripts(world, options);
  return {
    status: result.status,
    captures: result.captures,
    trace: traceLines(world),
    ...(result.stuck === undefined ? {} : { message: result.stuck }),
  };
}
