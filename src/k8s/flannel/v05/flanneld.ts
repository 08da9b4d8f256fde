import { err, ok, type Result } from "../../../base/result.ts";
import { goErrno } from "../../../container/errno.ts";
import { writeText } from "../../../container/files.ts";
import { GoIptables } from "../../../container/iptables.ts";
import {
  type LinkInfo,
  type NetApi,
  PROTO_BOOT,
  SCOPE_UNIVERSE,
  TABLE_MAIN,
} from "../../../kernel/uapi/index.ts";
import { Interrupted, Signal, sleep, type Task } from "../../../sim/task.ts";
import { seconds } from "../../../sim/time.ts";
import { program, refuse } from "../../../userland/args/exit.ts";
import type { Process, Program } from "../../../userland/os/process.ts";
import {
  formatIpv4,
  formatMac,
  formatPrefix,
  type Ipv4,
  type Ipv4Prefix,
  network,
  parseIpv4,
} from "../../../wire/address.ts";
import { incompatibility } from "../backends/vxlan/device.ts";
import { type NetworkConfig, parseConfig, scalar } from "../config.ts";
import type { EtcdStore } from "../etcd.ts";
import type { ExternalInterface } from "../external.ts";
import { subnetFileText } from "../flanneld.ts";
import { Klog } from "../klog.ts";
import { type OldOptions, parseOldFlags } from "./flags.ts";
import { acquireLease, LeaseWatch } from "./leases.ts";
import { OldVxlan } from "./vxlan.ts";

export const OLD_FLANNEL_VERSION = "0.5.5";

/** How long it rests before it tries again what failed. */
const RETRY = seconds(1);

interface Daemon {
  readonly process: Process;
  readonly log: Klog;
  readonly options: OldOptions;
  readonly etcd: EtcdStore;
}

/** `--iface`, or the default route's; with its address. Models: lookupIface. */
function lookUp(net: NetApi, wanted: string): Result<{ link: LinkInfo; address: Ipv4 }, string> {
  const addresses = net.address.list();
  const given = parseIpv4(wanted);
  const route = net.route.list().find((r) => r.table === TABLE_MAIN && r.dst.length === 0);
  const index = given === undefined ? route?.nexthops[0]?.dev : addresses.find((a) => a.local === given)?.dev;
  const byIndex = index === undefined ? undefined : net.link.byIndex(index);
  const link = wanted === "" || given !== undefined ? byIndex : net.link.byName(wanted);
  if (link === undefined && wanted === "")
    return err("Failed to get default interface: Unable to find default route");
  if (link === undefined) {
    const why = given === undefined ? "no such network interface" : "No interface with given IP found";
    return err(`Error looking up interface ${wanted}: ${why}`);
  }
  const address = given ?? addresses.find((a) => a.dev === link.index)?.local;
  if (address === undefined) return err(`Failed to find IPv4 address for interface ${link.name}`);
  return ok({ link, address });
}

/** Models: lookupIface and initAndRun of main.go. */
function* external({ process, log, options }: Daemon): Task<Result<ExternalInterface, string>> {
  if (options.iface === "") yield* log.info("main.go:130", "Determining IP address of default interface");
  const found = lookUp(process.net, options.iface);
  if (!found.ok) return found;
  const { link, address } = found.value;
  const shown = options.publicIp ?? address;
  yield* log.info("main.go:188", `Using ${formatIpv4(address)} as external interface`);
  yield* log.info("main.go:189", `Using ${formatIpv4(shown)} as external endpoint`);
  return ok({ link, address, external: shown });
}

/** Models: Network.Init, its first two steps. */
function* configuration({
  log,
  options,
  etcd,
}: Daemon): Task<NetworkConfig & { readonly network: Ipv4Prefix }> {
  for (; ; yield* sleep(RETRY)) {
    const text = etcd.get(`${options.etcdPrefix}/config`);
    const parsed =
      text === undefined ? err(`100: Key not found (${options.etcdPrefix}) [0]`) : parseConfig(text);
    if (!parsed.ok) {
      yield* log.error("network.go:53", `Failed to retrieve network config: ${parsed.error}`);
      continue;
    }
    const { value } = parsed;
    if (value.backendType !== "vxlan")
      refuse(`flanneld ${OLD_FLANNEL_VERSION} with the backend ${value.backendType}`);
    if (value.network === undefined) refuse(`flanneld ${OLD_FLANNEL_VERSION} without a network`);
    return { ...value, network: value.network };
  }
}

/** The device as the kernel makes it when nothing but VNI, endpoint and port is named. Models: newVXLANDevice, ensureLink. */
function* makeDevice(
  daemon: Daemon,
  config: NetworkConfig,
  outer: ExternalInterface,
): Task<Result<LinkInfo, string>> {
  const { log, process } = daemon;
  const { net } = process;
  const vni = scalar<number>(config.backend, "", "VNI", 1);
  const port = scalar<number>(config.backend, "", "Port", 0);
  if (!vni.ok) return vni;
  if (!port.ok) return port;
  const name = `flannel.${vni.value}`;
  const options = {
    id: vni.value,
    dev: outer.link.index,
    local: outer.address,
    learning: false,
    ...(port.value > 0 && { dstPort: port.value }),
  };
  const spec = { kind: "vxlan", name, vxlan: options } as const;
  let added = net.link.add(spec);
  const existing = net.link.byName(name);
  if (!added.ok && added.error.errno === "EEXIST" && existing !== undefined) {
    const why = incompatibility(options, existing);
    if (why === "") return ok(existing);
    const text = `"${name}" already exists with incompatable configuration: ${why}; recreating device`;
    yield* log.warning("device.go:94", text);
    net.link.delete(existing.index);
    added = net.link.add(spec);
  }
  if (!added.ok) return err(goErrno(added.error));
  // ARP requests go to who listens instead of onto the wire.
  net.sysctl.set(`net/ipv4/neigh/${name}/app_solicit`, "3");
  const link = net.link.byName(name);
  return link === undefined ? err(`can't locate created vxlan device with index ${added.value}`) : ok(link);
}

/** The whole network on the device, not the machine's part of it. Models: vxlanDevice.Configure, setAddr4. */
function configureDevice(
  net: NetApi,
  link: LinkInfo,
  own: Ipv4Prefix,
  all: Ipv4Prefix,
): Result<void, string> {
  const { index: dev, name } = link;
  for (const old of net.address.list())
    if (old.dev === dev) net.address.delete(dev, old.local, old.prefixLength);
  net.address.add({ dev, local: own.address, prefixLength: all.length });
  const up = net.link.change(dev, { up: true });
  if (!up.ok) return err(`failed to set interface ${name} to UP state: ${goErrno(up.error)}`);
  const dst = { address: network(own.address, all.length), length: all.length };
  const route = { dst, protocol: PROTO_BOOT, scope: SCOPE_UNIVERSE, nexthops: [{ dev }] };
  const routed = net.route.add(route, "add");
  if (routed.ok || routed.error.errno === "EEXIST") return ok();
  return err(`failed to add route (${formatPrefix(dst)} -> ${name}): ${goErrno(routed.error)}`);
}

/** Models: network/ipmasq.go setupIPMasq. */
function* masquerade({ process, log }: Daemon, all: Ipv4Prefix): Task<void> {
  const iptables = new GoIptables(process.net);
  iptables.clearChain("nat", "FLANNEL");
  const c = formatPrefix(all);
  const rules = [
    ["FLANNEL", `-d ${c} -j ACCEPT`],
    ["FLANNEL", "! -d 224.0.0.0/4 -j MASQUERADE"],
    ["POSTROUTING", `-s ${c} -j FLANNEL`],
    ["POSTROUTING", `! -s ${c} -d ${c} -j MASQUERADE`],
  ] as const;
  for (const [chain, rule] of rules) {
    yield* log.info("ipmasq.go:50", `Adding iptables rule: ${chain} ${rule}`);
    iptables.appendUnique("nat", chain, rule);
  }
}

function* serve(daemon: Daemon): Task<void> {
  const { process, log, options, etcd } = daemon;
  const outer = yield* external(daemon);
  if (!outer.ok) {
    yield* log.error("main.go:169", outer.error);
    return;
  }
  const config = yield* configuration(daemon);
  let device = yield* makeDevice(daemon, config, outer.value);
  while (!device.ok) {
    yield* log.error("vxlan.go:104", `VXLAN init: ${device.error}`);
    yield* log.info("vxlan.go:105", "Retrying in 1 second...");
    yield* sleep(RETRY);
    device = yield* makeDevice(daemon, config, outer.value);
  }
  const { value: link } = device;
  const data = `{"VtepMAC":"${formatMac(link.mac)}"}`;
  const attributes = { publicIp: outer.value.external, backendType: "vxlan", backendData: data };
  const lease = yield* acquireLease(
    etcd,
    log,
    process.host.random,
    options.etcdPrefix,
    config.network,
    attributes,
  );
  const configured = configureDevice(process.net, link, lease.subnet, config.network);
  if (!configured.ok) {
    yield* log.error("network.go:71", `Failed to initialize network  (type VXLAN): ${configured.error}`);
    return;
  }
  if (options.ipMasq) yield* masquerade(daemon, config.network);
  const { mtu } = process.net.link.byIndex(link.index) ?? link;
  writeText(
    process.host.fs,
    options.subnetFile,
    subnetFileText(config.network, lease.subnet, mtu, options.ipMasq),
  );
  const work = new Signal();
  const watch = new LeaseWatch(etcd, options.etcdPrefix, lease.subnet, process.host.queue, work);
  try {
    yield* new OldVxlan(process.net, log, link, () => watch.changes(), work).run();
  } finally {
    watch.stop();
  }
}

/**
 * flanneld as it was from 2015 on, before 0.9: it answers the kernel's questions about single containers. Machines have it
 * under the name flanneld-0.5.5, beside the flanneld of today.
 *
 * Models: flannel v0.5.5 main.go, network/network.go. Departures: etcd is that of today (v3). Not modelled: backends but
 * vxlan, --listen and --remote, several networks, leases that run out; refused by name.
 */
export function oldFlanneld(etcd: EtcdStore): Program {
  return program(function* (process): Task<number> {
    const log = new Klog(process, 5);
    const options = parseOldFlags(process);
    if (!options.ok) {
      yield* process.printError(options.error.message);
      return options.error.status;
    }
    if (options.value.version) {
      yield* process.printError(`${OLD_FLANNEL_VERSION}\n`);
      return 0;
    }
    for (const signal of ["TERM", "INT"]) process.handle(signal);
    yield* log.info("main.go:275", "Installing signal handlers");
    try {
      yield* serve({ process, log, options: options.value, etcd });
      // What went wrong was said; the program stays until it is told to go.
      yield* new Signal().wait();
      return 0;
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      yield* log.info("main.go:292", "Exiting...");
      return 0;
    }
  });
}
