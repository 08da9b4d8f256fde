import type { LowerFiles } from "../userland/os/memfs.ts";
import type { Scenario } from "../scenario/schema.ts";
import { seconds } from "../sim/time.ts";
import { readKind, startCluster } from "./cluster.ts";
import type { CaptureFile } from "./captures.ts";
import { openIn } from "./index.ts";
import { parts } from "./more.ts";
import { provideUserland } from "./programs.ts";
import { runScripts, type Script, traceLines } from "./script.ts";
import { KNOWN_IMAGES } from "../container/images/index.ts";
import { userland } from "./userland.ts";
import { World } from "./world.ts";

/** `kind create cluster` returns when the API answers; the nodes have registered by then. */
const CLUSTER_START = seconds(20);

export interface LabOptions {
  readonly scripts: readonly Script[];
  readonly cwd: string;
  readonly seed: number;
  readonly captures: boolean;
  readonly traced: boolean;
  readonly lower?: LowerFiles;
  /** A kind configuration: the cluster is started first. */
  readonly kind?: { readonly path: string; readonly text: string };
  /** A saved scenario: brought up first. */
  readonly scenario?: Scenario;
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
  const config = options.kind === undefined ? undefined : readKind(options.kind.path, options.kind.text);
  if (config?.ok === false)
    return { status: 2, captures: [], trace: [], message: `flannelgraph lab: ${config.error}\n` };
  const world = new World({
    seed: options.seed,
    traced: options.traced,
    ipv6: config === undefined && options.scenario === undefined,
    ...(options.lower === undefined ? {} : { lower: options.lower }),
  });
  provideUserland(userland, parts);
  if (options.scenario !== undefined) {
    const opened = openIn(world, options.scenario);
    if (!opened.ok)
      return { status: 2, captures: [], trace: [], message: `flannelgraph lab: ${opened.error.message}\n` };
    while (opened.value.start.step() === undefined);
  } else if (config !== undefined) {
    // What sleeps has no devices that could be captured.
    startCluster(world, config.value, { images: KNOWN_IMAGES, ...(options.captures && { sleep: false }) });
    world.pass(CLUSTER_START);
  }
  const result = runScripts(world, options);
  return {
    status: result.status,
    captures: result.captures,
    trace: traceLines(world),
    ...(result.stuck === undefined ? {} : { message: result.stuck }),
  };
}
