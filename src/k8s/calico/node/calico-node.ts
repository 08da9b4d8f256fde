import { Signal, sleep, type Task } from "../../../sim/task.ts";
import { type Nanos, seconds } from "../../../sim/time.ts";
import type { Host } from "../../../userland/os/host.ts";
import type { Process, Program } from "../../../userland/os/process.ts";
import { ApiClient, type ApiStore } from "../../api/index.ts";
import { CalicoClient } from "../api/index.ts";
import { bird } from "../bird/bird.ts";
import { confd } from "../confd/confd.ts";
import { felix } from "../felix/felix.ts";
import { CalicoLog } from "../log.ts";
import { CALICO_VERSION } from "../version.ts";
import { checkHealth } from "./health.ts";
import { runServices, type Service } from "./runit.ts";
import { configureAddress, startup, startupOf } from "./startup.ts";
import { reconcileTunnelAddresses } from "./tunnel-addresses.ts";

/** How often addresses are looked at. Models: MonitorIPAddressSubnets. */
const ADDRESS_CHECK = seconds(60);
const STARTED = new WeakMap<Host, Nanos>();

const nodeOf = (process: Process): string => process.env.get("NODENAME") ?? process.host.name;

/** Looks again when pools or the node change. */
function* allocateTunnelAddresses(process: Process, store: ApiStore): Task<number> {
  const node = nodeOf(process);
  const wake = new Signal();
  let dirty = true;
  const changed = (): void => {
    dirty = true;
    wake.fire();
  };
  const stops = [
    new CalicoClient(store, "tunnel-ip-allocator").watch("IPPool", changed),
    new ApiClient(store, "tunnel-ip-allocator").watch("Node", changed, { name: node }),
  ];
  try {
    for (;;) {
      while (!dirty) yield* wake.wait();
      dirty = false;
      if (!(yield* reconcileTunnelAddresses(process, store, node))) return 1;
    }
  } finally {
    for (const stop of stops) stop();
  }
}

function* monitorAddresses(process: Process, store: ApiStore): Task<number> {
  for (;;) {
    yield* sleep(ADDRESS_CHECK);
    if (process.env.get("IP") === "autodetect") yield* configureAddress(startupOf(process, store));
  }
}

/** The node's condition NetworkUnavailable, which clouds set and Calico clears. Models: -complete-startup. */
function* completeStartup(process: Process, store: ApiStore): Task<number> {
  const client = new ApiClient(store, `calico-node ${nodeOf(process)}`);
  const status = process.env.get("CALICO_NETWORKING_BACKEND") !== "none";
  yield* sleep(seconds(1));
  if (status)
    client.updateStatus("Node", "", nodeOf(process), (node) => {
      const now = store.timestamp();
      const condition = {
        type: "NetworkUnavailable",
        status: "False",
        lastHeartbeatTime: now,
        lastTransitionTime: now,
        reason: "CalicoIsUp",
        message: "Calico is running on this node",
      };
      const others = (node.status?.conditions ?? []).filter(({ type }) => type !== condition.type);
      return { ...node, status: { ...node.status, conditions: [condition, ...others] } };
    });
  for (;;) yield* sleep(seconds(86_400));
}

/** calico-node: one binary, and what its flag says. Models: node/cmd/calico-node. */
export function calicoNode(store: ApiStore): Program {
  return function* (process): Task<number> {
    const flags = process.argv.slice(1);
    const has = (flag: string): boolean => flags.includes(flag);
    if (has("-v")) {
      yield* process.print(`${CALICO_VERSION}\n`);
      return 0;
    }
    if (has("-init") || has("-shutdown") || has("-monitor-token")) return 0;
    if (has("-startup")) return yield* startup(process, store);
    if (has("-felix")) return yield* felix(store)(process);
    if (has("-confd")) return yield* confd(process, store, nodeOf(process));
    if (has("-monitor-addresses")) return yield* monitorAddresses(process, store);
    if (has("-complete-startup")) return yield* completeStartup(process, store);
    if (has("-allocate-tunnel-addrs"))
      return has("-allocate-tunnel-addrs-run-once")
        ? (yield* reconcileTunnelAddresses(process, store, nodeOf(process)))
          ? 0
          : 1
        : yield* allocateTunnelAddresses(process, store);
    const checks = flags.filter((flag) => /^-(bird|felix)-(ready|live)$/.test(flag));
    if (checks.length > 0 && checks.length === flags.length)
      return yield* checkHealth(process, flags, STARTED.get(process.host) ?? process.host.queue.now);
    yield* process.printError(`flannelgraph: calico-node ${flags.join(" ")} is not modelled yet\n`);
    return 95;
  };
}

/** The image's services, as rc.local enables them. */
function services(process: Process, store: ApiStore): readonly Service[] {
  const backend = process.env.get("CALICO_NETWORKING_BACKEND") ?? "";
  const own = calicoNode(store);
  const node = (name: string, flag: string): Service => ({
    name,
    argv: [name === "felix" ? "felix" : name === "confd" ? "confd" : "calico-node", flag],
    program: own,
  });
  const birdArgv = [
    "bird",
    "-R",
    "-s",
    "/var/run/calico/bird.ctl",
    "-d",
    "-c",
    "/etc/calico/confd/config/bird.cfg",
  ];
  return [
    node("complete-startup", "-complete-startup"),
    ...((process.env.get("CALICO_DISABLE_FELIX") ?? "") === "" ? [node("felix", "-felix")] : []),
    ...(backend === "none" ? [] : [node("monitor-addresses", "-monitor-addresses")]),
    node("allocate-tunnel-addrs", "-allocate-tunnel-addrs"),
    ...(backend === "none" || backend === "vxlan"
      ? []
      : [{ name: "bird", argv: birdArgv, program: bird }, node("confd", "-confd")]),
  ];
}

const BACKENDS: Readonly<Record<string, string>> = {
  none: "CALICO_NETWORKING_BACKEND is none - no BGP daemon running",
  vxlan: "CALICO_NETWORKING_BACKEND is vxlan - no need to run a BGP daemon",
};

/** start_runit: prepares the node, then runs the services until the container ends. Models: sbin/start_runit, rc.local. */
export function startRunit(store: ApiStore): Program {
  return function* (process): Task<number> {
    const failed = (yield* startup(process, store)) !== 0;
    const log = new CalicoLog(process);
    if (failed) {
      yield* process.printError("Calico node failed to start\n");
      return 1;
    }
    STARTED.set(process.host, process.host.queue.now);
    if (!(yield* reconcileTunnelAddresses(process, store, nodeOf(process)))) return 1;
    const note = BACKENDS[process.env.get("CALICO_NETWORKING_BACKEND") ?? ""];
    if (note !== undefined) yield* process.print(`${note}\n`);
    yield* process.print("Calico node started successfully\n");
    yield* log.info("status-reporter/startup.go 427", "Early log level set to info");
    return yield* runServices(process, services(process, store));
  };
}
