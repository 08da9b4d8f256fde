import { fsErrorText } from "../../container/files.ts";
import { Interrupted, sleep, type Task } from "../../sim/task.ts";
import { millis, NANOS_PER_MILLI, type Nanos, seconds } from "../../sim/time.ts";
import { program, refuse } from "../../userland/args/exit.ts";
import { resolvePath } from "../../userland/os/fs.ts";
import type { Process, Program } from "../../userland/os/process.ts";
import { ApiClient, type ApiStore } from "../api/index.ts";
import { timestampNanos } from "../api/time.ts";
import { Klog } from "../flannel/klog.ts";
import { Changes } from "./changes.ts";
import { type Health, serveHealth } from "./health.ts";
import { isPolicySet } from "./names.ts";
import { type Options, parseOptions } from "./options.ts";
import { compile } from "./pod-rules.ts";
import { destroyStaleSets, restoreSets } from "./sets.ts";
import { PolicyTable } from "./table.ts";

export const KUBE_ROUTER_VERSION = "v2.11.1";
/** The day of the release's tag; what it is built with. */
const BUILD = "built on 2026-08-17T04:00:49+0000, go1.26.6";

/** The informers' first lists. */
const CACHE_TIME = millis(300);
/** Some thirty calls of iptables look at the chains that stay. */
const CHECK_TIME = millis(60);
const SAVE_TIME = millis(4);
const SET_TIME = millis(8);
const RESTORE_TIME = millis(25);

interface Daemon {
  readonly process: Process;
  readonly log: Klog;
  readonly options: Options;
  readonly client: ApiClient;
  readonly nodeIp: string;
  readonly changes: Changes;
  readonly table: PolicyTable;
  readonly health: Health;
}

/**
 * kube-router that only enforces network policies (`--run-router=false --run-service-proxy=false`): chains and sets on
 * each node, beside whatever network plugin there is.
 *
 * Models: kube-router v2.11.1 cmd/kube-router, pkg/controllers/netpol with iptables.
 */
export function kubeRouter(store: ApiStore): Program {
  return program(function* (process): Task<number> {
    const parsed = parseOptions(process.argv);
    if (!parsed.ok) {
      if ("refused" in parsed.error) return refuse(parsed.error.refused);
      yield* process.printError(parsed.error.message);
      return parsed.error.status;
    }
    const options = parsed.value;
    const running = `Running ${process.argv[0] ?? ""} version ${KUBE_ROUTER_VERSION}, ${BUILD}\n`;
    if (options.flag("version")) {
      yield* process.printError(running);
      return 0;
    }
    const log = new Klog(process);
    if (options.flag("cleanup-config")) return yield* cleanUp(process, log, options);
    yield* log.info("version.go:75", running);
    return yield* start(process, log, options, store);
  });
}

function* fatal(process: Process, text: string): Task<number> {
  yield* process.printError(`${text}\n`);
  return 1;
}

/** Why the file of --kubeconfig cannot be used. What is in it is not looked at: the API server is the cluster's. */
function kubeconfigProblem(process: Process, path: string): string | undefined {
  if (path === "") return undefined;
  const { fs } = process.host;
  const full = resolvePath(process.cwd, path);
  if (fs.stat(full)?.kind === "directory")
    return `error loading config file "${path}": read ${path}: is a directory`;
  const read = fs.read(full);
  return read.ok ? undefined : `stat ${path}: ${fsErrorText(read.error)}`;
}

function* start(process: Process, log: Klog, options: Options, store: ApiStore): Task<number> {
  const problem = kubeconfigProblem(process, options.text("kubeconfig"));
  if (problem !== undefined)
    return yield* fatal(
      process,
      `failed to parse kube-router config: failed to build configuration from CLI: ${problem}`,
    );
  if (!options.flag("run-firewall")) {
    yield* log.info(
      "kube-router.go:131",
      "Router, Firewall or Service proxy functionality must be specified. Exiting!",
    );
    return 0;
  }
  const port = options.number("health-port");
  const health: Health = { healthy: false };
  const stopHealth = serveHealth(process, port, health);
  if (stopHealth === undefined)
    return yield* fatal(
      process,
      `failed to run kube-router: failed to listen on :${port} for heath controller: listen tcp :${port}: bind: address already in use`,
    );
  try {
    return yield* run(process, log, options, store, health);
  } finally {
    stopHealth();
  }
}

function* run(process: Process, log: Klog, options: Options, store: ApiStore, health: Health): Task<number> {
  const override = options.text("hostname-override");
  const node = override || process.env.get("NODE_NAME") || process.host.name;
  const client = new ApiClient(store, `kube-router ${node}`);
  const changes = new Changes();
  changes.watch(client);
  try {
    yield* sleep(CACHE_TIME);
    yield* announce(log, options);
    const found = client.get("Node", "", node);
    const nodeIp = found?.status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
    if (nodeIp === undefined)
      return yield* fatal(
        process,
        `failed to run kube-router: failed to create network policy controller: unable to get node ${node}, due to: nodes "${node}" not found`,
      );
    const table = new PolicyTable(process.net, options.ranges);
    return yield* untilStopped({ process, log, options, client, nodeIp, changes, table, health });
  } finally {
    changes.stop();
  }
}

/** What the log says before the controller begins. */
function* announce(log: Klog, options: Options): Task<void> {
  yield* log.info(
    "kube-router.go:203",
    "Metrics port must be over 0 and under 65535 in order to be enabled, given port: 0",
  );
  yield* log.info(
    "kube-router.go:205",
    "Disabling metrics for kube-router, set --metrics-port properly in order to enable",
  );
  if (!options.flag("strict-external-ip-validation")) {
    yield* log.info(
      "validator.go:166",
      "Strict external IP validation is disabled, all externalIPs and loadBalancerIPs will be accepted",
    );
  } else {
    yield* log.info("validator.go:171", "Strict external IP validation is enabled");
    yield* announceRange(
      log,
      options.ranges.externalIps,
      "externalIP",
      "service-external-ip-range",
      [175, 179],
    );
    yield* announceRange(
      log,
      options.ranges.loadBalancerIps,
      "loadBalancerIP",
      "loadbalancer-ip-range",
      [185, 189],
    );
  }
  const what = "NetworkPolicyController nftables configurations";
  yield* log.info("npc_nftables.go:1561", `Cleaning up ${what}...`);
  yield* log.info("npc_nftables.go:1586", `Successfully cleaned the ${what} done by kube-router`);
}

function* announceRange(
  log: Klog,
  ranges: readonly string[],
  kind: string,
  option: string,
  [none, some]: readonly [number, number],
): Task<void> {
  if (ranges.length === 0)
    yield* log.warning(
      `validator.go:${none}`,
      `No --${option} configured: all ${kind}s will be rejected in strict mode`,
    );
  for (const cidr of ranges) yield* log.info(`validator.go:${some}`, `Allowed ${kind} range: ${cidr}`);
}

function* untilStopped(daemon: Daemon): Task<number> {
  const { process, log } = daemon;
  for (const signal of ["TERM", "INT"]) process.handle(signal);
  try {
    return yield* loop(daemon);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    yield* log.info("kube-router.go:317", "Shutting down the controllers");
    yield* log.info("npc_iptables.go:92", "Shutting down network policies controller");
    yield* log.info("npc_iptables.go:71", "Shutting down network policies full sync goroutine");
    yield* log.info("health_controller.go:250", "Shutting down health controller");
    yield* log.info("health_controller.go:266", "Shutting down HealthController RunCheck");
    return 0;
  }
}

/** Syncs at the start, after each change that matters, and once a period. Models: Run. */
function* loop(daemon: Daemon): Task<number> {
  const { process, log, changes, table, options } = daemon;
  yield* log.info("npc_iptables.go:43", "Starting network policy controller");
  yield* sleep(CHECK_TIME);
  table.ensureFixed();
  table.ensureTail(true);
  yield* log.info("npc_iptables.go:63", "Starting network policy controller full sync goroutine");
  const { queue } = process.host;
  for (;;) {
    const due = queue.now + options.syncPeriod;
    changes.take();
    yield* fullSync(daemon);
    while (!changes.take()) {
      const left = due - queue.now;
      if (left <= 0) {
        yield* verbose(
          daemon,
          1,
          "npc_iptables.go:88",
          "Requesting periodic sync of iptables to reflect network policies",
        );
        break;
      }
      yield* changes.requested.waitAtMost(left as Nanos);
    }
  }
}

function* verbose({ options, log }: Daemon, level: number, place: string, text: string): Task<void> {
  if (options.number("v") >= level) yield* log.info(place, text);
}

const took = (span: Nanos): string => `${Math.round((span / NANOS_PER_MILLI) * 1000) / 1000}ms`;

/** Models: fullPolicySync. */
function* fullSync(daemon: Daemon): Task<void> {
  const { process, log, changes, table, health, nodeIp } = daemon;
  const { queue } = process.host;
  for (const [place, text] of changes.takeNotes()) yield* verbose(daemon, 2, place, text);
  health.healthy = true;
  const began = queue.now;
  const version = timestampNanos(began);
  yield* verbose(daemon, 1, "npc_iptables.go:134", `Starting sync of iptables with version: ${version}`);
  for (const chain of table.ensureFixed())
    yield* verbose(
      daemon,
      2,
      "npc_iptables.go:348",
      `Custom chain was missing, creating: ${chain} in filter table`,
    );
  yield* sleep(CHECK_TIME);
  if (table.ensureTail(false))
    yield* log.warning("npc_iptables.go:519", "KUBE-NWPLCY-TAIL chain was missing during sync; recreating");
  const plan = compile(changes.snapshot(), nodeIp, version);
  yield* sleep(SAVE_TIME);
  yield* verbose(daemon, 1, "npc_iptables.go:172", `Saving IPv4 iptables rules took ${took(SAVE_TIME)}`);
  yield* sleep(SET_TIME);
  const sets = restoreSets(process.net.ipset, plan);
  yield* verbose(daemon, 1, "policy.go:171", `Restoring IPv4 ipset took ${took(SET_TIME)}`);
  if (!sets.ok) {
    const why = `failed to perform ipset restore: ${sets.error}`;
    yield* log.error("npc_iptables.go:182", `Aborting sync. Failed to sync network policy chains: ${why}`);
    return;
  }
  yield* verbose(
    daemon,
    2,
    "policy.go:178",
    "Iptables chains in the filter table are synchronized with the network policies.",
  );
  yield* sleep(RESTORE_TIME);
  const restored = table.restore(plan);
  yield* verbose(
    daemon,
    1,
    "npc_iptables.go:218",
    `Restoring IPv4 iptables rules took ${took(RESTORE_TIME)}`,
  );
  if (!restored.ok) {
    yield* log.error(
      "npc_iptables.go:221",
      `Aborting sync. Failed to run iptables-restore: ${restored.error}`,
    );
    return;
  }
  const stale = destroyStaleSets(process.net.ipset, plan);
  if (!stale.ok) yield* log.error("npc_iptables.go:229", `Failed to cleanup stale ipsets: ${stale.error}`);
  yield* verbose(
    daemon,
    1,
    "npc_iptables.go:131",
    `sync iptables took ${took((queue.now - began) as Nanos)}`,
  );
}

/** `--cleanup-config`. Models: CleanupConfigAndExit, the part of the network policies. */
function* cleanUp(process: Process, log: Klog, options: Options): Task<number> {
  yield* log.info("npc_iptables.go:954", "Cleaning up NetworkPolicyController configurations...");
  yield* sleep(seconds(0.1));
  new PolicyTable(process.net, options.ranges).remove();
  for (const { name } of process.net.ipset.list()) if (isPolicySet(name)) process.net.ipset.destroy(name);
  yield* log.info(
    "npc_iptables.go:1010",
    "Successfully cleaned the NetworkPolicyController configurations done by kube-router",
  );
  return 0;
}
