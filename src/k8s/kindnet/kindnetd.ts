import { background } from "../../container/background.ts";
import { Interrupted, sleep, type Task } from "../../sim/task.ts";
import { millis, seconds } from "../../sim/time.ts";
import { program } from "../../userland/args/exit.ts";
import type { Process, Program } from "../../userland/os/process.ts";
import { parseIpv4, parsePrefix } from "../../wire/address.ts";
import { ApiClient, type ApiStore, type Node } from "../api/index.ts";
import { Klog } from "../flannel/klog.ts";
import { CniConfigWriter } from "./cni-config.ts";
import { PolicyDataplane } from "./dataplane.ts";
import { syncMasquerade, syncRoute } from "./network.ts";

const PERIOD = seconds(10);
const MASQUERADE_PERIOD = seconds(60);
const CACHE_TIME = millis(100);

interface Daemon {
  readonly process: Process;
  readonly log: Klog;
  readonly client: ApiClient;
  readonly hostIp: string;
  readonly mtu: number | undefined;
  readonly config: CniConfigWriter;
}

/**
 * kind's network plugin: it writes a CNI configuration (ptp, host-local, portmap) with the node's own range, a route to
 * the range of every other node, the rules of masquerading, and has network policies enforced.
 *
 * Models: kind images/kindnetd of August 2026. Not modelled: IPv6 and dual-stack clusters.
 */
export function kindnetd(store: ApiStore): Program {
  return program(function* (process): Task<number> {
    const log = new Klog(process);
    const subnets = process.env.get("POD_SUBNET")?.trim().split(",") ?? [];
    const client = new ApiClient(store, `kindnetd ${process.host.name}`);
    const endpoint = process.env.get("CONTROL_PLANE_ENDPOINT") ?? "";
    if (endpoint !== "") yield* log.info("main.go:413", `probe TCP address ${endpoint}`);
    const server = endpoint === "" ? "10.96.0.1:443" : endpoint;
    yield* log.info("main.go:114", `connected to apiserver: https://${server}`);
    const hostIp = process.env.get("HOST_IP") ?? "";
    const podIp = process.env.get("POD_IP") ?? "";
    yield* log.info("main.go:144", `hostIP = ${hostIp}\npodIP = ${podIp}`);
    if (hostIp !== podIp)
      yield* log.warning(
        "main.go:146",
        `hostIP(= "${hostIp}") != podIP(= "${podIp}") but must be running with host network: `,
      );
    const mtu = process.net.link.byName("eth0")?.mtu;
    yield* log.info("main.go:153", `setting mtu ${mtu ?? 0} for CNI `);
    if (subnets.length === 0) {
      yield* process.printError("panic: missing environment variable POD_SUBNET\n");
      return 2;
    }
    yield* log.info("main.go:183", `kindnetd IP family: "ipv4"`);
    yield* log.info("main.go:187", `noMask IPv4 subnets: [${subnets.join(" ")}]`);
    return yield* run({ process, log, client, hostIp, mtu, config: new CniConfigWriter() }, subnets);
  });
}

function* keepMasquerade(process: Process, subnets: readonly string[]): Task<void> {
  for (;;) {
    syncMasquerade(process.net, subnets);
    yield* sleep(MASQUERADE_PERIOD);
  }
}

function* run(daemon: Daemon, subnets: readonly string[]): Task<number> {
  const { process, log, client } = daemon;
  const masquerade = background(process.host.queue, keepMasquerade(process, subnets));
  const policies = new PolicyDataplane(process, log, client);
  policies.start();
  process.handle("INT");
  try {
    yield* sleep(CACHE_TIME);
    for (;;) {
      for (const node of client.list("Node")) {
        const failed = yield* reconcile(daemon, node);
        if (failed === undefined) continue;
        yield* log.info("main.go:295", `Failed to reconcile routes, retrying after error: ${failed}`);
      }
      yield* sleep(PERIOD);
    }
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    yield* log.info("main.go:131", "Exiting: received signal");
    yield* sleep(seconds(1));
    return 0;
  } finally {
    policies.stop();
    masquerade.kill("KILL");
  }
}

/** One node: the own one's range goes into the CNI configuration, another's into a route. Models: makeNodesReconciler. */
function* reconcile(daemon: Daemon, node: Node): Task<string | undefined> {
  const { process, log, config, hostIp, mtu } = daemon;
  const addresses = (node.status?.addresses ?? [])
    .filter(({ type }) => type === "InternalIP")
    .map(({ address }) => address);
  const list = addresses.map((address) => `${address}:{}`).join(" ");
  yield* log.info("main.go:320", `Handling node with IPs: map[${list}]`);
  const podCidr = node.spec?.podCIDR ?? "";
  if (addresses.includes(hostIp)) {
    yield* log.info("main.go:324", "handling current node");
    if (podCidr !== "") config.write(process.host.fs, { podCidr, mtu });
    return undefined;
  }
  if (podCidr === "") {
    yield* process.print(`Node ${node.metadata.name} has no CIDR, ignoring\n`);
    return undefined;
  }
  yield* log.info("main.go:347", `Node ${node.metadata.name} has CIDR [${podCidr}] `);
  const dst = parsePrefix(podCidr);
  const gateway = addresses.map(parseIpv4).find((address) => address !== undefined);
  if (dst === undefined || gateway === undefined) return undefined;
  const synced = syncRoute(process.net, dst, gateway);
  if (!synced.ok) return synced.error;
  for (const note of synced.value)
    yield* log.info(note.startsWith("A") ? "routes.go:62" : "routes.go:54", note);
  return undefined;
}
