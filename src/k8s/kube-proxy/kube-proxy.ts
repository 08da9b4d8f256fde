import type { Address } from "../../formats/iptables/address.ts";
import { readText } from "../../container/files.ts";
import type { NetApi } from "../../kernel/uapi/index.ts";
import { sleep, type Task } from "../../sim/task.ts";
import { addTime, millis, type Nanos, seconds } from "../../sim/time.ts";
import { refuse } from "../../userland/args/exit.ts";
import { program } from "../../userland/args/exit.ts";
import type { Process, Program } from "../../userland/os/process.ts";
import { parseIpv4 } from "../../wire/address.ts";
import { ApiClient, type ApiStore } from "../api/index.ts";
import { Klog } from "../flannel/klog.ts";
import { cleanUp } from "./cleanup.ts";
import { Changes } from "./changes.ts";
import { detectorOf, type KubeProxyConfig, readConfig } from "./config.ts";
import { cleanStaleFlows } from "./conntrack.ts";
import { serveHealthz } from "./healthz.ts";
import { type Mode, MODES } from "./modes.ts";
import { HealthChecks } from "./health-check.ts";
import type { Proxier, ProxyConfig } from "./proxier.ts";
import type { Range } from "./service-port.ts";

export const KUBE_PROXY_VERSION = "v1.36.2";

/** The informers' first lists. */
const SYNC_TIME = millis(300);
/** minSyncPeriod: rules are written at most this often. */
const MIN_SYNC = seconds(1);
/** What one run costs before the rules stand. */
const SYNC_COST = millis(20);
const LARGE_CLUSTER = 1000;
/** 32768 for each core, and at least for four. */
const CONNTRACK_MAX = 131_072;

interface Daemon {
  readonly process: Process;
  readonly log: Klog;
  readonly config: KubeProxyConfig;
  readonly node: string;
  readonly client: ApiClient;
}

function option(process: Process, name: string): string | undefined {
  const { argv } = process;
  const joined = argv.find((word) => word.startsWith(`--${name}=`));
  if (joined !== undefined) return joined.slice(name.length + 3);
  const at = argv.indexOf(`--${name}`);
  return at < 0 ? undefined : argv[at + 1];
}

/** kube-proxy of Kubernetes v1.36. Models: cmd/kube-proxy, pkg/proxy. */
export function kubeProxy(store: ApiStore): Program {
  return program(function* (process: Process): Task<number> {
    const log = new Klog(process);
    const path = option(process, "config") ?? "";
    const text = readText(process.host.fs, path);
    if (!text.ok) return yield* failed(process, `failed complete: open ${path}: ${text.error}`);
    const config = readConfig(text.value);
    if (!config.ok) return yield* failed(process, `failed complete: ${config.error}`);
    const node = option(process, "hostname-override") ?? process.host.name;
    const client = new ApiClient(store, `kube-proxy ${node}`);
    return yield* serve({ process, log, config: config.value, node, client });
  });
}

function* failed(process: Process, text: string): Task<number> {
  yield* process.printError(`E${text}\n`);
  return 1;
}

function* serve(daemon: Daemon): Task<number> {
  const { log, config, node, client, process } = daemon;
  const mode = MODES[config.mode] ?? refuse(`kube-proxy's mode ${config.mode}`);
  const facts = yield* waitForNode(daemon);
  yield* log.info("server.go:228", `"Successfully retrieved NodeIPs" NodeIPs=["${facts.text}"]`);
  prepareSysctls(process.net, config);
  cleanUp(process.net, config.mode);
  yield* log.info("sysctls.go:147", `"Setting nf_conntrack_max" nfConntrackMax=${CONNTRACK_MAX}`);
  if (config.nodePortAddresses !== "primary" && config.nodePortAddresses.length === 0) {
    const why =
      "nodePortAddresses is unset; NodePort connections will be accepted on all local IPs. " +
      "Consider using `--nodeport-addresses primary`";
    yield* log.error(
      "server.go:265",
      `"Kube-proxy configuration may be incomplete or incorrect" err="${why}"`,
    );
  }
  yield* mode.announce(log);
  const changes = new Changes("ip", node);
  const common = commonConfig(daemon, facts, changes);
  const proxier = mode.proxier(common, config, process);
  const health = new HealthChecks(process);
  const stopHealthz = serveHealthz(process, client, node);
  changes.watch(client);
  yield* sleep(SYNC_TIME);
  yield* log.info("shared_informer.go:356", `"Caches are synced" controller="service config"`);
  try {
    return yield* loop(daemon, mode, { changes, common, proxier, health });
  } finally {
    stopHealthz();
    changes.stop();
    health.stop();
    proxier.stop?.();
  }
}

function commonConfig({ config, node }: Daemon, facts: NodeFacts, changes: Changes): ProxyConfig {
  const { address } = facts;
  const primary: readonly Range[] = typeof address === "number" ? [{ address, length: 32 }] : [];
  const ranges = config.nodePortAddresses === "primary" ? primary : config.nodePortAddresses;
  return {
    family: "ip",
    node: { name: node, ...facts.zone },
    nodeIp: address,
    masqueradeAll: config.masqueradeAll,
    detector: detectorOf(config, facts.podCidr),
    localhostNodePorts: config.localhostNodePorts,
    nodePortAddresses: ranges.some(({ length }) => length === 0) ? [] : ranges,
    large: changes.endpointCount > LARGE_CLUSTER,
  };
}

interface NodeFacts {
  readonly text: string;
  readonly address: Address | undefined;
  readonly podCidr: string | undefined;
  readonly zone: { readonly zone?: string };
}

/** The node object comes with the kubelet's registration. */
function* waitForNode({ client, node }: Daemon): Task<NodeFacts> {
  for (;;) {
    const found = client.get("Node", "", node);
    const text = found?.status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
    if (text !== undefined) {
      const zone = found?.metadata.labels?.["topology.kubernetes.io/zone"];
      return {
        text,
        address: parseIpv4(text),
        podCidr: found?.spec?.podCIDR,
        zone: zone === undefined ? {} : { zone },
      };
    }
    yield* sleep(seconds(1));
  }
}

/** Models: pkg/proxy/conntrack/sysctls.go; route_localnet for node ports on 127.0.0.1. */
function prepareSysctls(net: NetApi, config: KubeProxyConfig): void {
  if (config.mode === "iptables" && config.localhostNodePorts)
    net.sysctl.set("net.ipv4.conf.all.route_localnet", "1");
  net.sysctl.set("net.netfilter.nf_conntrack_max", String(CONNTRACK_MAX));
  net.sysctl.set("net.netfilter.nf_conntrack_tcp_timeout_established", "86400");
  net.sysctl.set("net.netfilter.nf_conntrack_tcp_timeout_close_wait", "3600");
}

/** The node's own addresses within the ranges that answer node ports. */
function nodePortAddresses(net: NetApi, ranges: readonly Range[]): readonly Address[] {
  return net.address.list().flatMap(({ local }): Address[] => {
    const inside = ranges.some(
      ({ address, length }) =>
        typeof address === "number" &&
        (length === 0 || local >>> (32 - length) === address >>> (32 - length)),
    );
    return inside ? [local] : [];
  });
}

interface Work {
  readonly changes: Changes;
  readonly common: ProxyConfig;
  readonly proxier: Proxier;
  readonly health: HealthChecks;
}

/** Something changed, or the proxier has something left to do. */
function* nextWork({ process }: Daemon, { changes, proxier }: Work): Task<void> {
  while (!changes.take()) {
    const { due } = proxier;
    if (due === undefined) {
      yield* changes.arrived.wait();
      continue;
    }
    const left = due - process.host.queue.now;
    if (left <= 0) return;
    yield* changes.arrived.waitAtMost(left as Nanos);
  }
}

/** Writes the rules once the caches are there, then after changes, not more often than minSyncPeriod. */
function* loop(daemon: Daemon, mode: Mode, work: Work): Task<number> {
  const { process, log } = daemon;
  const { changes, common, proxier, health } = work;
  const { queue } = process.host;
  let next = queue.now;
  for (;;) {
    yield* nextWork(daemon, work);
    if (next > queue.now) yield* sleep((next - queue.now) as Nanos);
    changes.take();
    yield* sleep(SYNC_COST);
    next = addTime(queue.now, MIN_SYNC);
    const backed = changes.backed();
    const nodeAddresses = nodePortAddresses(process.net, common.nodePortAddresses);
    const { serviceCidrs } = changes;
    const result = proxier.sync({ backed, nodeAddresses, serviceCidrs, now: queue.now });
    if (!result.ok) {
      const [place, text] = mode.failure;
      yield* log.error(place, `"${text}" err="${result.error}"`);
    }
    health.sync(backed, nodeAddresses);
    const forgotten = mode.relays === true ? 0 : cleanStaleFlows(process.net, backed);
    if (forgotten > 0)
      yield* log.info("cleanup.go:97", `"Deleted conntrack stale entries" count=${forgotten}`);
  }
}
