import { err, must, ok, type Result } from "../../base/result.ts";
import { fsErrorText, readText, readTextOr, writeText } from "../../container/files.ts";
import { Interrupted, sleep, type Task } from "../../sim/task.ts";
import type { Timer } from "../../sim/queue.ts";
import { seconds } from "../../sim/time.ts";
import { program, refuse } from "../../userland/args/exit.ts";
import type { Process, Program } from "../../userland/os/process.ts";
import {
  formatIpv4,
  formatPrefix,
  ipv4,
  IPV4_ANY,
  type Ipv4Prefix,
  network as maskNetwork,
  parseIpv4,
  parsePrefix,
} from "../../wire/address.ts";
import { ApiClient, type ApiStore, timestamp } from "../api/index.ts";
import type { BackendNetwork } from "./backend.ts";
import { backendFor } from "./backends/index.ts";
import { type NetworkConfig, parseConfig } from "./config.ts";
import { findExternal } from "./external.ts";
import { type Options, parseFlags } from "./flags.ts";
import { type Health, serveHealth } from "./health.ts";
import { Klog } from "./klog.ts";
import { annotationKeys } from "./lease.ts";
import { type EtcdStore, EtcdSubnetManager } from "./etcd.ts";
import { KubeSubnetManager, type SubnetManager } from "./subnet-manager.ts";
import {
  cleanIptables,
  cleanNftables,
  ensureRules,
  forwardRules,
  masqueradeRules,
  nftablesForward,
  nftablesInit,
  nftablesMasquerade,
  type Traffic,
} from "./traffic.ts";

export const FLANNEL_VERSION = "v0.28.9";

/** The informer's first list and the poll that notices it. */
const SYNC_TIME = seconds(1);

/** Where leases are kept, and the network that they are of. */
interface Managed {
  readonly manager: SubnetManager;
  readonly config: NetworkConfig;
}

interface Daemon {
  readonly process: Process;
  readonly log: Klog;
  readonly options: Options;
}

/** Which node this is: NODE_NAME, or the node of the pod that POD_NAME and POD_NAMESPACE name. */
function nodeName(process: Process, store: ApiStore): Result<string, string> {
  const given = process.env.get("NODE_NAME") ?? "";
  if (given !== "") return ok(given);
  const pod = process.env.get("POD_NAME") ?? "";
  const namespace = process.env.get("POD_NAMESPACE") ?? "";
  if (pod === "" || namespace === "") return err("env variables POD_NAME and POD_NAMESPACE must be set");
  const found = new ApiClient(store, "flanneld").get("Pod", namespace, pod);
  if (found === undefined)
    return err(`error retrieving pod spec for '${namespace}/${pod}': pods "${pod}" not found`);
  const name = found.spec.nodeName ?? "";
  return name === "" ? err(`node name not present in pod spec '${namespace}/${pod}'`) : ok(name);
}

/** Models: flannel pkg/subnet/kube NewSubnetManager. */
function* newSubnetManager(daemon: Daemon, store: ApiStore): Task<Result<Managed, string>> {
  const { process, log, options } = daemon;
  const node = nodeName(process, store);
  if (!node.ok) return node;
  const text = readTextOr(process.host.fs, options.text("net-config-path"));
  if (!text.ok) return err(`failed to read net conf: ${text.error}`);
  const config = parseConfig(text.value);
  if (!config.ok) return err(`error parsing subnet config: ${config.error}`);
  const prefix = options.text("kube-annotation-prefix");
  const keys = annotationKeys(prefix);
  if (!keys.ok) return err(`error creating network manager: ${keys.error}`);
  const client = new ApiClient(store, `flanneld ${node.value}`);
  const manager = new KubeSubnetManager(client, log, node.value, prefix, keys.value);
  yield* log.info("kube.go:139", "Waiting 10m0s for node controller to sync");
  yield* log.info("kube.go:634", "Starting kube subnet manager");
  manager.watch();
  yield* sleep(SYNC_TIME);
  yield* log.info("kube.go:163", "Node controller sync successful");
  return ok({ manager, config: config.value });
}

/** Models: flannel pkg/subnet/etcd NewLocalManager, and main.go getConfig. */
function* inEtcd(daemon: Daemon, store: EtcdStore): Task<Result<Managed, string>> {
  const { process, log, options } = daemon;
  const text = readText(process.host.fs, options.text("subnet-file"));
  const line = /^FLANNEL_SUBNET=(.*)$/m.exec(text.ok ? text.value : "")?.[1];
  const before = line === undefined ? undefined : parsePrefix(line);
  const previous = before && { address: maskNetwork(before.address, before.length), length: before.length };
  const manager = new EtcdSubnetManager(
    store,
    log,
    process.host.random,
    options.text("etcd-prefix"),
    previous,
  );
  const config = yield* manager.config();
  return config.ok
    ? ok({ manager, config: config.value })
    : err(`error parsing subnet config: ${config.error}`);
}

/** What we do not do, said by name; or undefined. */
function refusal(config: NetworkConfig): string | undefined {
  if (!config.enableIpv4 && !config.enableIpv6) return "none defined stack";
  if (config.enableIpv6) return "flannelgraph: EnableIPv6 is not modelled yet";
  return undefined;
}

/** Values of an earlier run. Models: ReadCIDRFromSubnetFile. */
function* previousCidr(daemon: Daemon, key: string): Task<string> {
  const path = daemon.options.text("subnet-file");
  const text = readText(daemon.process.host.fs, path);
  const line = (text.ok ? text.value : "").split("\n").find((l) => l.startsWith(`${key}=`));
  if (line === undefined)
    yield* daemon.log.warning("main.go:610", `no subnet found for key: ${key} in file: ${path}`);
  const range = parsePrefix(line?.slice(key.length + 1) ?? "");
  if (range === undefined) return "0.0.0.0/0";
  return formatPrefix({ address: maskNetwork(range.address, range.length), length: range.length });
}

/** Masquerading and forwarding rules, and their upkeep. Models: flannel pkg/trafficmngr. */
function* trafficRules(daemon: Daemon, config: NetworkConfig, network: BackendNetwork): Task<() => void> {
  const { log, options } = daemon;
  yield* log.info("main.go:392", "Cleaning-up unused traffic manager rules");
  const manager = config.enableNftables ? "nftables" : "iptables";
  const other = config.enableNftables ? "iptables" : "nftables";
  yield* log.info(
    config.enableNftables ? "iptables.go:59" : "nftables.go:280",
    `Cleaning-up ${other} rules...`,
  );
  yield* log.info(
    `${manager}.go:${config.enableNftables ? 43 : 50}`,
    `Starting flannel in ${manager} mode...`,
  );
  if (config.enableNftables) cleanIptables(daemon.process.net);
  else cleanNftables(daemon.process.net);
  if (options.flag("ip-masq")) {
    const before = yield* previousCidr(daemon, "FLANNEL_NETWORK");
    const subnetBefore = yield* previousCidr(daemon, "FLANNEL_SUBNET");
    yield* previousCidr(daemon, "FLANNEL_IPV6_NETWORK");
    yield* previousCidr(daemon, "FLANNEL_IPV6_SUBNET");
    const now = `${config.network === undefined ? "0.0.0.0/0" : formatPrefix(config.network)}, ${formatPrefix(network.lease.subnet)}`;
    const old = `${before}, ${subnetBefore}`;
    if (!config.enableNftables && now !== old) {
      const text = `Current network or subnet (${now}) is not equal to previous one (${old}), trying to recycle old iptables rules`;
      yield* log.info("iptables.go:101", text);
    }
  }
  const traffic: Traffic = {
    network: config.network ?? { address: IPV4_ANY, length: 0 },
    subnet: network.lease.subnet,
    fullyRandom: !options.flag("ip-masq-fully-random-disable"),
  };
  if (config.enableNftables) return yield* writeNftables(daemon, traffic);
  if (options.flag("ip-masq")) yield* log.info("iptables.go:111", "Setting up masking rules");
  if (options.flag("iptables-forward-rules"))
    yield* log.info("iptables.go:212", "Changing default FORWARD chain policy to ACCEPT");
  const sets = [
    ...(options.flag("ip-masq") ? [masqueradeRules(traffic)] : []),
    ...(options.flag("iptables-forward-rules") ? [forwardRules(traffic)] : []),
  ];
  return keepRules(daemon, sets);
}

/** Writes the rules and looks after them every few seconds. The result stops that. */
function keepRules({ process, options }: Daemon, sets: ReturnType<typeof masqueradeRules>[]): () => void {
  const { queue } = process.host;
  const period = seconds(options.number("iptables-resync"));
  const { net } = process;
  let timer: Timer | null = null;
  const round = (): void => {
    for (const set of sets) ensureRules(net, set);
    timer = queue.after(period, round);
  };
  round();
  return () => timer?.cancel();
}

function* writeNftables({ process, log, options }: Daemon, traffic: Traffic): Task<() => void> {
  const { nft } = process.net;
  nft.commit(nftablesInit());
  if (options.flag("ip-masq")) {
    yield* log.info("nftables.go:155", "nftables: setting up masking rules (ipv4)");
    nft.commit(nftablesMasquerade(traffic));
  }
  if (options.flag("iptables-forward-rules")) {
    yield* log.info("nftables.go:80", "Changing default FORWARD chain policy to ACCEPT");
    nft.commit(nftablesForward(traffic));
  }
  return () => undefined;
}

/** Models: flannel pkg/subnet WriteSubnetFile. */
export function subnetFileText(
  network: Ipv4Prefix,
  subnet: Ipv4Prefix,
  mtu: number,
  ipMasq: boolean,
): string {
  const first = formatIpv4(ipv4(subnet.address + 1));
  return (
    `FLANNEL_NETWORK=${formatPrefix(network)}\nFLANNEL_SUBNET=${first}/${subnet.length}\n` +
    `FLANNEL_MTU=${mtu}\nFLANNEL_IPMASQ=${ipMasq}\n`
  );
}

/** True once it is written. */
function* writeSubnetFile(daemon: Daemon, config: NetworkConfig, network: BackendNetwork): Task<boolean> {
  const { process, log, options } = daemon;
  const path = options.text("subnet-file");
  const range = config.network ?? network.lease.subnet;
  const text = subnetFileText(range, network.lease.subnet, network.mtu, options.flag("ip-masq"));
  const written = writeText(process.host.fs, path, text);
  if (!written.ok) {
    yield* log.warning(
      "main.go:479",
      `Failed to write subnet file: open ${path}: ${fsErrorText(written.error)}`,
    );
    return false;
  }
  yield* log.info("main.go:481", `Wrote subnet file to ${path}`);
  yield* log.info("main.go:484", "flannel is ready");
  return true;
}

/** Opens the health port, if there is to be one; the result closes it. */
function* startHealth({ process, log, options }: Daemon, health: Health): Task<Result<() => void, string>> {
  const port = options.number("healthz-port");
  if (port <= 0) return ok(() => {});
  const ip = options.text("healthz-ip");
  yield* log.info("main.go:554", `Start healthz server on ${ip}:${port}`);
  const stop = serveHealth(process, parseIpv4(ip) ?? IPV4_ANY, port, health);
  return stop === undefined
    ? err(`Start healthz server error. listen tcp ${ip}:${port}: bind: address already in use`)
    : ok(stop);
}

/** From the configuration to a network that runs; the text of a fatal error with its place. */
function* setUp(
  daemon: Daemon,
  manager: SubnetManager,
  config: NetworkConfig,
): Task<Result<BackendNetwork, readonly [string, string]>> {
  const { process, log, options } = daemon;
  const { net } = process;
  yield* log.info("main.go:540", `Found network config - Backend type: ${config.backendType}`);
  const refused = refusal(config);
  if (refused !== undefined) return err(["main.go:283", refused]);
  const bridgeNf = "net/bridge/bridge-nf-call-iptables";
  if (!config.enableNftables && !net.sysctl.get(bridgeNf).ok)
    return err([
      "main.go:292",
      `Failed to check br_netfilter: stat /proc/sys/${bridgeNf}: no such file or directory`,
    ]);
  const annotated = yield* manager.storedPublicIp();
  const external = yield* findExternal(
    net,
    log,
    options,
    annotated === "" ? options.text("public-ip") : annotated,
  );
  if (!external.ok) return err(["main.go:328", external.error]);
  const backend = backendFor(config.backendType);
  if (!backend.ok) return err(["main.go:376", `Error fetching backend: ${backend.error}`]);
  const unfit = backend.value.refuses?.(external.value);
  if (unfit !== undefined) return err(["main.go:376", `Error fetching backend: ${unfit}`]);
  const network = yield* backend.value.register({
    net,
    process,
    log,
    random: process.host.random,
    external: external.value,
    config,
    storedMac: () => manager.storedMac(),
    acquireLease: (attributes) => manager.acquireLease(attributes, config),
  });
  return network.ok ? network : err(["main.go:384", `Error registering network: ${network.error}`]);
}

function* serve(daemon: Daemon, manager: SubnetManager, config: NetworkConfig): Task<number> {
  const { log, process } = daemon;
  const health: Health = { ready: false };
  const deaf = yield* startHealth(daemon, health);
  if (!deaf.ok) {
    yield* log.error("main.go:557", deaf.error);
    return 2;
  }
  const network = yield* setUp(daemon, manager, config);
  if (!network.ok) {
    deaf.value();
    yield* log.error(network.error[0], network.error[1]);
    return 1;
  }
  const forget = yield* trafficRules(daemon, config, network.value);
  health.ready = yield* writeSubnetFile(daemon, config, network.value);
  yield* log.info("main.go:488", "Running backend.");
  const stop = yield* network.value.start();
  if (daemon.options.flag("set-node-network-unavailable"))
    manager.completeLease(timestamp(process.host.queue.now));
  yield* log.info("main.go:509", "Waiting for all goroutines to exit");
  try {
    for (;;) yield* network.value.handle(yield* manager.next(network.value.lease));
  } finally {
    stop();
    forget();
    deaf.value();
  }
}

/**
 * flanneld: waits for this node's range, makes the overlay's device, tells the other nodes about it in annotations and
 * keeps a neighbour, a forwarding entry and a route for each of them.
 *
 * Models: flannel main.go v0.28.9. With --kube-subnet-mgr leases are kept in the API server's nodes, else in etcd; either may
 * be absent. Not modelled: IPv6.
 */
export function flanneld(store: ApiStore | undefined, etcd?: EtcdStore): Program {
  return program(function* (process): Task<number> {
    const log = new Klog(process);
    const options = parseFlags(process.argv);
    if (!options.ok) {
      yield* process.printError(options.error.message);
      return options.error.status;
    }
    if (options.value.flag("version")) {
      yield* process.printError(`${FLANNEL_VERSION}\n`);
      return 0;
    }
    yield* log.info("main.go:229", `CLI flags config: ${options.value.dump()}`);
    const margin = options.value.number("subnet-lease-renew-margin");
    if (margin >= 24 * 60 || margin <= 0) {
      yield* log.error("main.go:233", "Invalid subnet-lease-renew-margin option, out of acceptable range");
      return 1;
    }
    const daemon: Daemon = { process, log, options: options.value };
    const inApi = options.value.flag("kube-subnet-mgr");
    if (inApi ? store === undefined : etcd === undefined)
      return refuse(
        inApi ? "flanneld --kube-subnet-mgr on a machine that is no node" : "flanneld with etcd on a node",
      );
    const manager = yield* inApi
      ? newSubnetManager(daemon, must(store, "API server"))
      : inEtcd(daemon, must(etcd, "etcd"));
    if (!manager.ok) {
      yield* log.error("main.go:251", `Failed to create SubnetManager: ${manager.error}`);
      return 1;
    }
    yield* log.info("main.go:255", `Created subnet manager: ${manager.value.manager.name}`);
    yield* log.info("main.go:258", "Installing signal handlers");
    return yield* untilStopped(daemon, manager.value.manager, manager.value.config);
  });
}

function* untilStopped(daemon: Daemon, manager: SubnetManager, config: NetworkConfig): Task<number> {
  const { process, log } = daemon;
  for (const signal of ["TERM", "INT"]) process.handle(signal);
  try {
    return yield* serve(daemon, manager, config);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    yield* log.info("main.go:524", "shutdownHandler sent cancel signal...");
    yield* log.info("main.go:512", "Exiting cleanly...");
    return 0;
  } finally {
    manager.stop();
  }
}
