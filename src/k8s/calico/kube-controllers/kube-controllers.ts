import { readText, writeText } from "../../../container/files.ts";
import { Signal, sleep, type Task } from "../../../sim/task.ts";
import { addTime, type Nanos, seconds } from "../../../sim/time.ts";
import type { Program } from "../../../userland/os/process.ts";
import { formatIpv4, type Ipv4 } from "../../../wire/address.ts";
import { ApiClient, type ApiStore } from "../../api/index.ts";
import { CalicoClient } from "../api/index.ts";
import { ordinalAddress } from "../ipam/block.ts";
import { Ipam } from "../ipam/ipam.ts";
import { CalicoLog } from "../log.ts";

const STATUS_FILE = "/tmp/status.json";
/** How long an address that nobody has is only suspected: KubeControllersConfiguration's leakGracePeriod. */
const GRACE = seconds(15 * 60);
const CHECK = seconds(5 * 60);
const BATCH = seconds(1);

/** An address in a block, and who is said to hold it. */
interface Allocation {
  readonly address: Ipv4;
  readonly handle: string;
  readonly node: string;
  readonly pod: string | undefined;
  readonly namespace: string | undefined;
}

function allocations(ipam: Ipam): readonly Allocation[] {
  return ipam.blocks().flatMap(({ spec }) =>
    spec.allocations.flatMap((index, ordinal) => {
      const held = index === null ? undefined : spec.attributes[index];
      if (held === undefined) return [];
      const { node = "", pod, namespace } = held.secondary ?? {};
      return [{ address: ordinalAddress(spec, ordinal), handle: held.handle_id ?? "", node, pod, namespace }];
    }),
  );
}

/** The controller of nodes: frees what nodes and pods that are gone still hold. Models: kube-controllers/pkg/controllers/node ipam.go. */
class NodeController {
  private readonly api: ApiClient;
  private readonly ipam: Ipam;
  private readonly log: CalicoLog;
  /** Since when an address is suspected to be leaked, by handle. */
  private readonly suspects = new Map<string, Nanos>();

  constructor(store: ApiStore, log: CalicoLog) {
    this.api = new ApiClient(store, "calico-kube-controllers");
    this.ipam = new Ipam(store, "calico-kube-controllers");
    this.log = log;
  }

  *sync(now: Nanos): Task<void> {
    const nodes = new Set(this.api.list("Node").map(({ metadata }) => metadata.name));
    for (const held of allocations(this.ipam)) {
      if (held.node === "" || this.inUse(held)) {
        this.suspects.delete(held.handle);
        continue;
      }
      const since = this.suspects.get(held.handle) ?? now;
      this.suspects.set(held.handle, since);
      const gone = !nodes.has(held.node);
      if (!gone && now < addTime(since, GRACE)) continue;
      this.ipam.releaseByHandle(held.handle);
      this.suspects.delete(held.handle);
      yield* this.log.info("kube-controllers/ipam.go 1031", "Garbage collecting leaked IP address", {
        handle: held.handle,
        ip: formatIpv4(held.address),
        node: held.node,
      });
    }
    yield* this.releaseNodes(nodes);
  }

  /** Blocks of nodes that are no more become nobody's, or go. */
  private *releaseNodes(nodes: ReadonlySet<string>): Task<void> {
    const owners = new Set(this.ipam.client.list("BlockAffinity").map(({ spec }) => spec.node));
    for (const owner of owners) {
      if (nodes.has(owner) || owner === "") continue;
      this.ipam.releaseHostAffinities(owner);
      yield* this.log.info("kube-controllers/ipam.go 1129", "Cleaning up IPAM affinities for deleted node", {
        node: owner,
      });
    }
  }

  private inUse({ node, pod, namespace, address }: Allocation): boolean {
    if (this.api.get("Node", "", node) === undefined) return false;
    if (pod === undefined || namespace === undefined) return true;
    const found = this.api.get("Pod", namespace, pod);
    if (found === undefined || found.spec.nodeName !== node) return false;
    const ip = found.status?.podIP ?? found.metadata.annotations?.["cni.projectcalico.org/podIP"];
    return ip === undefined || ip.split("/")[0] === formatIpv4(address);
  }
}

/**
 * calico-kube-controllers with the controllers node and loadbalancer. Addresses of Services of type LoadBalancer are not
 * modelled: a pool that is for them alone is refused by name.
 * Models: kube-controllers v3.31.0.
 */
export function kubeControllers(store: ApiStore): Program {
  return function* (process): Task<number> {
    const log = new CalicoLog(process);
    const calico = new CalicoClient(store, "calico-kube-controllers");
    const enabled = process.env.get("ENABLED_CONTROLLERS") ?? "";
    yield* log.info("kube-controllers/main.go 104", "Loaded configuration from environment", {
      config: enabled,
    });
    while (!calico.served("IPPool")) yield* sleep(seconds(1));
    yield* log.info("kube-controllers/main.go 133", "Ensuring Calico datastore is initialized");
    if (calico.get("KubeControllersConfiguration", "default") === undefined)
      calico.create("KubeControllersConfiguration", { metadata: { name: "default" }, spec: {} });
    writeText(process.host.fs, STATUS_FILE, '{"readiness":true,"liveness":true}\n');
    const loadBalancer = calico.list("IPPool").some(({ spec }) => spec.allowedUses?.includes("LoadBalancer"));
    if (loadBalancer)
      yield* log.error(
        "kube-controllers/main.go 1",
        "flannelgraph: the controller loadbalancer is not modelled yet",
      );
    const controller = new NodeController(store, log);
    const wake = new Signal();
    const api = new ApiClient(store, "calico-kube-controllers");
    const stops = [
      api.watch("Node", ({ type }) => (type === "DELETED" ? wake.fire() : undefined)),
      api.watch("Pod", ({ type }) => (type === "DELETED" ? wake.fire() : undefined)),
    ];
    yield* log.info("kube-controllers/main.go 233", "Starting controller", { controllerType: "Node" });
    try {
      for (;;) {
        yield* controller.sync(process.host.queue.now);
        yield* wake.waitAtMost(CHECK);
        yield* sleep(BATCH);
      }
    } finally {
      for (const stop of stops) stop();
    }
  };
}

/** check-status -r, -l: what the controllers last said of themselves. */
export const checkStatus: Program = function* (process): Task<number> {
  const status = readText(process.host.fs, STATUS_FILE);
  if (status.ok && status.value.includes('"readiness":true')) {
    yield* process.print("Ready\n");
    return 0;
  }
  yield* process.print(
    `Failed to read status file ${STATUS_FILE}: open ${STATUS_FILE}: no such file or directory\n`,
  );
  return 1;
};
