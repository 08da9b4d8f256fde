import { sameJson } from "../../formats/json.ts";
import { sleep, type Task } from "../../sim/task.ts";
import { addTime, type Nanos, seconds } from "../../sim/time.ts";
import type { ApiClient } from "../api/index.ts";
import { isReady } from "../api/pods.ts";
import { parseTimestamp } from "../api/time.ts";
import type { Klog } from "../flannel/klog.ts";
import type { Options } from "./options.ts";
import { type Store, structured } from "./store.ts";

const ELECTION_TTL = seconds(30);
const RETRY = seconds(7.5);

export interface PodIdentity {
  readonly namespace: string;
  readonly name: string;
}

type Address = { readonly ip?: string; readonly hostname?: string };

const addressOf = (text: string): Address => (/^[\d.]+$|:/.test(text) ? { ip: text } : { hostname: text });

/**
 * Writes where the controller can be reached into the status of its Ingresses, as long as it is the leader of its
 * replicas. Models: internal/ingress/status and client-go's leader election with a Lease.
 */
export class StatusSync {
  private readonly client: ApiClient;
  private readonly options: Options;
  private readonly store: Store;
  private readonly pod: PodIdentity;
  private readonly log: Klog;
  private leading = false;

  constructor(parts: { client: ApiClient; options: Options; store: Store; pod: PodIdentity; log: Klog }) {
    this.client = parts.client;
    this.options = parts.options;
    this.store = parts.store;
    this.pod = parts.pod;
    this.log = parts.log;
  }

  *run(): Task<void> {
    const { namespace } = this.pod;
    const lock = `${namespace}/${this.options.text("election-id")}`;
    yield* this.log.info("leaderelection.go:257", `attempting to acquire leader lease ${lock}...`);
    let known = "";
    let due = this.client.store.now;
    const interval = seconds(this.options.number("status-update-interval"));
    for (;;) {
      const holder = this.elect();
      if (holder === this.pod.name && !this.leading) {
        this.leading = true;
        yield* this.log.info("leaderelection.go:271", `successfully acquired lease ${lock}`);
        due = this.client.store.now;
      }
      if (holder !== known) {
        known = holder;
        yield* this.log.info(
          "status.go:85",
          structured("New leader elected", { identity: JSON.stringify(holder) }),
        );
      }
      if (this.leading && this.client.store.now >= due) {
        yield* this.write(this.addresses());
        due = addTime(due, interval);
      }
      yield* sleep(RETRY);
    }
  }

  /** Takes or renews the lease; who holds it is the value. */
  private elect(): string {
    const { namespace, name } = this.pod;
    const id = this.options.text("election-id");
    const { now } = this.client.store;
    const time = this.client.store.timestamp().replace("Z", ".000000Z");
    const lease = this.client.get("Lease", namespace, id);
    const spec = { holderIdentity: name, leaseDurationSeconds: 30, renewTime: time };
    if (lease === undefined) {
      const metadata = { namespace, name: id };
      const first = { ...spec, acquireTime: time, leaseTransitions: 0 };
      this.client.create("Lease", {
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata,
        spec: first,
      });
      return name;
    }
    const { holderIdentity = "", renewTime = "", leaseTransitions = 0 } = lease.spec ?? {};
    const own = holderIdentity === name;
    const renewed = parseTimestamp(renewTime) ?? (0 as Nanos);
    if (!own && holderIdentity !== "" && addTime(renewed, ELECTION_TTL) > now) return holderIdentity;
    this.client.modify("Lease", namespace, id, (current) => ({
      ...current,
      spec: {
        ...current.spec,
        ...spec,
        ...(own ? {} : { acquireTime: time, leaseTransitions: leaseTransitions + 1 }),
      },
    }));
    return name;
  }

  /** Models: runningAddresses. */
  private addresses(): readonly Address[] {
    const published = this.options.text("publish-status-address");
    if (published !== "") return published.split(/,\s*/).map(addressOf);
    const service = this.options.text("publish-service");
    return sorted(service === "" ? this.nodeAddresses() : this.serviceAddresses(service));
  }

  private serviceAddresses(key: string): readonly Address[] {
    const [namespace = "", name = ""] = key.split("/");
    const service = this.client.get("Service", namespace, name);
    if (service === undefined) return [];
    const { type, externalIPs = [], clusterIP = "", externalName = "" } = service.spec;
    if (type === "ExternalName") return [{ hostname: externalName }];
    const external = externalIPs.map((ip) => ({ ip }));
    if (type === "LoadBalancer") {
      const given = (service.status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }): Address => ({
        ...(ip === undefined ? {} : { ip }),
        ...(hostname === undefined ? {} : { hostname }),
      }));
      return [...given, ...external.filter(({ ip }) => given.every((each) => each.ip !== ip))];
    }
    return type === "NodePort" && external.length > 0 ? external : [{ ip: clusterIP }];
  }

  /** The addresses of the nodes on which ready replicas run. */
  private nodeAddresses(): readonly Address[] {
    const own = this.client.get("Pod", this.pod.namespace, this.pod.name);
    const labels = Object.entries(own?.metadata.labels ?? {});
    const replicas = this.client
      .list("Pod", { namespace: this.pod.namespace })
      .filter(({ metadata }) => labels.every(([key, value]) => metadata.labels?.[key] === value))
      .filter((pod) => pod.status?.phase === "Running");
    for (const pod of replicas.filter((each) => !isReady(each))) {
      const name = JSON.stringify(`${this.pod.namespace}/${pod.metadata.name}`);
      const node = JSON.stringify(pod.spec.nodeName ?? "");
      this.store.say("status.go:224", structured("POD is not ready", { pod: name, node }));
    }
    const found = replicas.filter(isReady).flatMap(({ spec }) => {
      const addresses = this.client.get("Node", "", spec.nodeName ?? "")?.status?.addresses ?? [];
      const external = addresses.filter(({ type }) => type === "ExternalIP");
      const internal = addresses.filter(({ type }) => type === "InternalIP");
      const inside = this.options.flag("report-node-internal-ip-address") || external.length === 0;
      return (inside ? internal : external).map(({ address }) => address);
    });
    return [...new Set(found)].map((ip) => ({ ip }));
  }

  private *write(addresses: readonly Address[]): Task<void> {
    for (const { metadata } of this.store.sorted()) {
      const { namespace = "", name } = metadata;
      const current = this.client.get("Ingress", namespace, name)?.status?.loadBalancer?.ingress;
      const plain = (current ?? []).map(({ ip, hostname }) => [ip, hostname]);
      if (
        sameJson(
          plain,
          addresses.map(({ ip, hostname }) => [ip, hostname]),
        )
      )
        continue;
      const value = addresses.length === 0 && current === undefined ? "null" : JSON.stringify(addresses);
      const fields = {
        namespace: JSON.stringify(namespace),
        ingress: JSON.stringify(name),
        currentValue: current === undefined ? "null" : JSON.stringify(current),
        newValue: value,
      };
      yield* this.log.info("status.go:311", structured("updating Ingress status", fields));
      this.client.updateStatus("Ingress", namespace, name, (ingress) => ({
        ...ingress,
        status: { ...ingress.status, loadBalancer: addresses.length === 0 ? {} : { ingress: addresses } },
      }));
    }
  }

  /** The last replica takes its address away. Models: Shutdown. */
  *end(): Task<void> {
    if (!this.leading || !this.options.flag("update-status-on-shutdown")) return;
    const own = this.client.get("Pod", this.pod.namespace, this.pod.name);
    const labels = Object.entries(own?.metadata.labels ?? {}).filter(([key]) => key !== "pod-template-hash");
    const replicas = this.client
      .list("Pod", { namespace: this.pod.namespace })
      .filter(({ metadata }) => labels.every(([key, value]) => metadata.labels?.[key] === value));
    const addresses = this.addresses();
    if (addresses.length > 1) {
      yield* this.log.info("status.go:131", '"leaving status update for next leader"');
      return;
    }
    if (replicas.length > 1) return;
    yield* this.log.info(
      "status.go:140",
      structured("removing value from ingress status", { address: JSON.stringify(addresses) }),
    );
    yield* this.write([]);
  }
}

function sorted(addresses: readonly Address[]): readonly Address[] {
  const key = ({ hostname = "", ip = "" }: Address): string => `${hostname} ${ip}`;
  return addresses.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}
