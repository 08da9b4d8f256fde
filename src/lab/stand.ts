import { err, ok, type Result } from "../base/result.ts";
import { nodeNamer } from "../k8s/node/names.ts";
import { ssh } from "../k8s/node/ssh.ts";
import type { Scenario } from "../scenario/schema.ts";
import type { Host } from "../userland/os/host.ts";
import type { RunningCluster } from "./cluster.ts";
import { CLUSTER, UNDERLAY } from "./programs.ts";
import type { World } from "./world.ts";

/** What a world stands on when it begins. */
export interface Standing {
  readonly cluster: RunningCluster | undefined;
  /** The underlay's machines, by name. */
  readonly machines: ReadonlyMap<string, Host>;
  /** What of the underlay the kernel refused. */
  readonly complaints: readonly string[];
}

/** The machine that a place belongs to: a node, one of the underlay, or with a pod's or container's place the one that runs it. */
export function hostAt({ cluster, machines }: Standing, label: string): Host | undefined {
  const name = label.split(".")[0] ?? label;
  return machines.get(name) ?? cluster?.cluster.nodeNamed(name)?.host;
}

/** Whether a place is on a node that has no power. */
export function isDark({ cluster }: Standing, label: string): boolean {
  return cluster?.cluster.nodes.get(label.split(".")[0] ?? label)?.isOn === false;
}

/** Switches, machines and the cluster's nodes, wired and started; nothing has been applied yet. */
export function standUp(world: World, scenario: Scenario): Result<Standing, string> {
  const { name, cluster: kind, underlay, machines = [] } = scenario;
  const config = kind === undefined ? undefined : CLUSTER.get().readKind(name, kind);
  if (config?.ok === false) return config;
  if (underlay === undefined && machines.length === 0) {
    const cluster = config === undefined ? undefined : CLUSTER.get().startCluster(world, config.value);
    return ok({ cluster, machines: new Map(), complaints: [] });
  }
  const { Underlay, wrong } = UNDERLAY.get();
  const spec = underlay ?? { switches: [], cables: [], nodes: [] };
  const nameFor = nodeNamer(config?.value.name ?? "kind");
  const nodes = config?.value.nodes.map(({ role }) => nameFor(role)) ?? [];
  const problem = wrong(spec, machines, nodes);
  if (problem !== undefined) return err(`${name}: ${problem}`);
  const built = new Underlay(world, spec, machines);
  const cluster =
    config === undefined
      ? undefined
      : CLUSTER.get().startCluster(world, config.value, {
          attachments: built.attachments(nodes),
          cloudRouter: () => built.cloudRouter(),
        });
  const standing: Standing = { cluster, machines: built.machines, complaints: built.complaints };
  world.programs.set(
    "ssh",
    ssh(
      (name) => {
        const host = built.machines.get(name);
        return host === undefined ? cluster?.cluster.nodeNamed(name) : { host, isOn: true };
      },
      () => [...built.machines.keys(), ...(cluster?.cluster.nodes.keys() ?? [])],
    ),
  );
  built.start();
  return ok(standing);
}
