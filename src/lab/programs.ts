import type { DockerSurroundings } from "../container/docker/types.ts";
import type { completeKubectl } from "../k8s/cli/complete.ts";
import type { Command } from "../k8s/cli/session.ts";
import { XFRM, type XfrmModule } from "../kernel/xfrm/late.ts";
import { cp } from "../userland/coreutils/files.ts";
import type { Process, Program } from "../userland/os/process.ts";
import type { Shell } from "../userland/shell/shell.ts";
import { Late } from "../base/late.ts";
import { must } from "../base/result.ts";
import { LATE_PLUGINS, type LatePlugins } from "../container/cni/plugins/late.ts";
import { LATE_SERVERS, type LateServers } from "../container/servers/late.ts";
import { type Extras, EXTRAS } from "../k8s/extras.ts";
import { PROGRAM_NAMES } from "./program-names.ts";
import type { readKind, startCluster } from "./cluster.ts";
import type { wrongUnderlay } from "./underlay/check.ts";
import type { BuiltUnderlay } from "./underlay/index.ts";

/** The commands and the shell, which the page's worker loads when they are first asked for. */
export interface Userland {
  readonly programs: ReadonlyMap<string, Program>;
  readonly Shell: typeof Shell;
  /** `docker` of one machine. */
  readonly docker: (surroundings: DockerSurroundings) => Program;
  /** The verbs of `kubectl`. */
  readonly kubectl: readonly Command[];
  /** IPsec, which the kernel has no use for before somebody types `ip xfrm` or a key manager runs. */
  readonly ipsec: XfrmModule;
  /** What Tab offers after `kubectl`. */
  readonly completeKubectl: typeof completeKubectl;
}

/** Every cluster's code; `cluster.ts` as a whole. */
export interface ClusterParts {
  readonly readKind: typeof readKind;
  readonly startCluster: typeof startCluster;
}

/** What only some clusters run. */
export interface Parts {
  readonly cluster: ClusterParts;
  readonly extras: Extras;
  readonly plugins: LatePlugins;
  readonly servers: LateServers;
  readonly underlay: UnderlayParts;
}

/** Machines and switches below a cluster, or in the place of one. */
export interface UnderlayParts {
  readonly Underlay: typeof BuiltUnderlay;
  readonly wrong: typeof wrongUnderlay;
}

/** Only worlds with an underlay of their own ask for it. */
export const UNDERLAY = new Late<UnderlayParts>("the underlay");
/** Only worlds with a cluster ask for it. */
export const CLUSTER = new Late<ClusterParts>("the cluster");
const USERLAND = new Late<Userland>("the userland");

/** Code only, the same for every world: having it changes nothing of what a world does. */
export function provideUserland(
  userland: Userland,
  { cluster, extras, plugins, servers, underlay }: Parts,
): void {
  USERLAND.provide(userland);
  XFRM.provide(userland.ipsec);
  CLUSTER.provide(cluster);
  EXTRAS.provide(extras);
  LATE_PLUGINS.provide(plugins);
  LATE_SERVERS.provide(servers);
  UNDERLAY.provide(underlay);
}

/** What was provided; asking before that is a bug of the caller. */
export function loadedUserland(): Userland {
  return USERLAND.get();
}

/** Fetches the commands and what only some clusters run, once. */
export async function loadUserland(): Promise<void> {
  if (USERLAND.loaded) return;
  const [{ userland }, { parts }] = await Promise.all([import("./userland.ts"), import("./more.ts")]);
  provideUserland(userland, parts);
}

/** Fetches what a cluster is made of, once. */
export async function loadCluster(): Promise<void> {
  if (!CLUSTER.loaded) CLUSTER.provide(await import("./cluster.ts"));
}

function standIn(name: string): Program {
  const program = (): Program => must(loadedUserland().programs.get(name), `program ${name}`);
  return Object.assign((process: Process) => program()(process), {
    complete: (process: Process, words: readonly string[]) => program().complete?.(process, words),
  });
}

/** `docker`, whose code and whose daemon come when it is first asked. */
export function dockerProgram(surroundings: DockerSurroundings): Program {
  let docker: Program | undefined;
  const program = (): Program => (docker ??= loadedUserland().docker(surroundings));
  return Object.assign((process: Process) => program()(process), {
    complete: (process: Process, words: readonly string[]) => program().complete?.(process, words),
  });
}

/** What the containers of the first scenario run. */
const AT_ONCE: ReadonlyMap<string, Program> = new Map([["cp", cp]]);

/** Every program of every machine by the name that PATH finds: there from the start, whether its code is or not. */
export const PROGRAMS: ReadonlyMap<string, Program> = new Map(
  PROGRAM_NAMES.map((name) => [name, AT_ONCE.get(name) ?? standIn(name)] as const),
);
