import { Interrupted, Signal, sleep, type Task } from "../../../sim/task.ts";
import { addTime, millis, type Nanos, seconds } from "../../../sim/time.ts";
import { program, refuse } from "../../../userland/args/exit.ts";
import type { Process, Program } from "../../../userland/os/process.ts";
import type { ApiStore } from "../../api/index.ts";
import { CalicoClient } from "../api/index.ts";
import { CalicoLog } from "../log.ts";
import { CALICO_VERSION } from "../version.ts";
import { type FelixConfig, loadConfig } from "./config.ts";
import { Dataplane } from "./dataplane/dataplane.ts";
import { Datastore } from "./datastore.ts";
import { type Health, serveFelixHealth } from "./health.ts";

/** The watchers' first lists. */
const CACHE_TIME = millis(500);
/** From a change to what follows from it. */
const CALC_TIME = millis(10);
/** Writing sets and tables. */
const WRITE_TIME = millis(40);
const RETRY = seconds(10);
const LONGEST_CHECK = seconds(3600);

interface Daemon {
  readonly process: Process;
  readonly log: CalicoLog;
  readonly store: ApiStore;
  readonly node: string;
  readonly health: Health;
}

/**
 * Felix: enforces the policies of a node and keeps its pods' devices, routes and tunnels. calico-node runs it with its
 * own environment (FELIX_*, NODENAME).
 *
 * Models: felix of Calico v3.31.0 with the Kubernetes datastore, iptables and IPv4.
 */
export function felix(store: ApiStore): Program {
  return program(function* (process): Task<number> {
    const log = new CalicoLog(process);
    const { env } = process;
    const node = env.get("FELIX_FELIXHOSTNAME") ?? env.get("NODENAME") ?? process.host.name;
    yield* log.info("felix/daemon.go 132", "Felix starting up", { version: CALICO_VERSION });
    yield* log.info("felix/daemon.go 156", "Loading configuration...");
    const config = loadConfig(env, new CalicoClient(store, `felix ${node}`), node);
    if (!config.ok) {
      if ("refused" in config.error) return refuse(config.error.refused);
      yield* process.print(`${config.error.message}\n`);
      return 1;
    }
    const daemon: Daemon = { process, log, store, node, health: { ready: false } };
    return yield* untilStopped(daemon, config.value);
  });
}

function* untilStopped(daemon: Daemon, config: FelixConfig): Task<number> {
  const { process, log, health } = daemon;
  for (const signal of ["TERM", "INT"]) process.handle(signal);
  const port = config.number("HealthPort");
  const stop = config.flag("HealthEnabled")
    ? serveFelixHealth(process, config.text("HealthHost"), port, health)
    : undefined;
  try {
    return yield* run(daemon, config);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    yield* log.warning("felix/daemon.go 828", "Felix is shutting down", {
      reason: `Received OS signal ${error.signal === "TERM" ? "terminated" : "interrupt"}`,
    });
    return 0;
  } finally {
    stop?.();
  }
}

/** What asks for a round: the datastore, the node's devices and addresses, the configuration. */
class Wakes {
  readonly signal = new Signal();
  private dirty = true;
  private readonly stops: readonly (() => void)[];

  constructor({ process, store, node }: Daemon) {
    const wake = (): void => {
      this.dirty = true;
      this.signal.fire();
    };
    const client = new CalicoClient(store, `felix ${node}`);
    this.stops = [
      Datastore.of(store).subscribe(wake),
      process.net.subscribe(["link", "address"], wake),
      ...(client.served("FelixConfiguration") ? [client.watch("FelixConfiguration", wake)] : []),
    ];
  }

  /** Waits until somebody asks, at most so long; whether somebody did. */
  *next(atMost: Nanos): Task<boolean> {
    if (!this.dirty) yield* this.signal.waitAtMost(atMost);
    const { dirty } = this;
    this.dirty = false;
    return dirty;
  }

  stop(): void {
    for (const stop of this.stops) stop();
  }
}

function* run(daemon: Daemon, first: FelixConfig): Task<number> {
  const { log } = daemon;
  for (const mistake of first.mistakes)
    yield* log.error("felix/config_params.go 888", "Invalid config value", { parameter: mistake });
  yield* log.info("felix/daemon.go 355", "Successfully loaded configuration.");
  yield* log.info("felix/daemon.go 467", "Connect to the dataplane driver.");
  yield* log.info("felix/daemon.go 573", "Starting the datastore Syncer");
  const wakes = new Wakes(daemon);
  try {
    yield* sleep(CACHE_TIME);
    yield* log.info(
      "felix/int_dataplane.go 2368",
      "Datastore in sync, flushing the dataplane for the first time...",
    );
    return yield* loop(daemon, first, wakes);
  } finally {
    wakes.stop();
  }
}

/** When the kernel is looked at although nobody asked: some time after each write, then less and less often. */
class Checks {
  private readonly refresh: Nanos;
  private readonly first: Nanos;
  private interval: Nanos;
  private written: Nanos;
  private read: Nanos;

  constructor(config: FelixConfig, now: Nanos) {
    this.refresh = config.time("IptablesRefreshInterval");
    this.first = config.time("IptablesPostWriteCheckIntervalSecs");
    this.interval = this.first;
    this.written = now;
    this.read = now;
  }

  looked(now: Nanos, wrote: boolean): void {
    this.read = now;
    if (wrote) {
      this.written = now;
      this.interval = this.first;
    }
    while (this.interval > 0 && this.interval < LONGEST_CHECK && this.written + this.interval <= now)
      this.interval = (this.interval * 2) as Nanos;
  }

  /** Models: Table.Apply's rescheduleAfter. */
  get due(): Nanos {
    const after = addTime(this.written, this.interval);
    if (this.refresh <= 0) return after;
    return Math.min(addTime(this.read, this.refresh), after) as Nanos;
  }
}

function* loop(daemon: Daemon, first: FelixConfig, wakes: Wakes): Task<number> {
  const { process, log, store, node, health } = daemon;
  const { queue } = process.host;
  let config = first;
  let dataplane = new Dataplane(process.host, config, node);
  let checks = new Checks(config, queue.now);
  let failing = false;
  const told = new Set<string>();
  for (;;) {
    const due = Math.min(checks.due, dataplane.due ?? Infinity, failing ? queue.now + RETRY : Infinity);
    const asked = yield* wakes.next(Math.max(due - queue.now, 0) as Nanos);
    if (asked) yield* sleep(CALC_TIME);
    const now = loadConfig(process.env, new CalicoClient(store, `felix ${node}`), node);
    if (now.ok && !now.value.equals(config)) {
      yield* log.info(
        "felix/daemon.go 1420",
        "Configuration value changed; change DOES require Felix to restart.",
      );
      config = now.value;
      dataplane = new Dataplane(process.host, config, node);
      checks = new Checks(config, queue.now);
    } else if (!now.ok && "refused" in now.error) return refuse(now.error.refused);
    const applied = dataplane.apply(Datastore.of(store).snapshot(), queue.now);
    checks.looked(queue.now, applied.wrote);
    failing = applied.failures.length > 0;
    for (const failure of applied.failures)
      yield* log.warning("felix/int_dataplane.go 2735", "Failed to program the dataplane, will retry", {
        error: failure,
      });
    for (const what of applied.refused)
      if (!told.has(what)) yield* process.printError(`flannelgraph: ${what} is not modelled yet\n`);
    for (const what of applied.refused) told.add(what);
    if (applied.wrote) yield* sleep(WRITE_TIME);
    if (health.ready || failing) continue;
    health.ready = true;
    yield* log.info("felix/int_dataplane.go 1509", "Determined pod MTU", { mtu: String(applied.mtus.pod) });
    yield* log.info("felix/int_dataplane.go 2307", "Completed first update to dataplane.");
  }
}
