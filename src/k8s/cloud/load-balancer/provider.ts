import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { utf8Encode } from "../../../base/utf8.ts";
import { Signal, sleep, type Task } from "../../../sim/task.ts";
import { millis } from "../../../sim/time.ts";
import { program } from "../../../userland/args/exit.ts";
import type { Process, Program } from "../../../userland/os/process.ts";
import { formatIpv4, type Ipv4, parseIpv4, parsePrefix } from "../../../wire/address.ts";
import { ApiClient, type ApiStore, EventRecorder, type Node, type Service } from "../../api/index.ts";
import { sameJson } from "../../../formats/json.ts";
import { Klog } from "../../flannel/klog.ts";
import { containerAddress, type Underlay } from "../../node/underlay.ts";
import { Box } from "./box.ts";
import type { BalancerConfig } from "./envoy.ts";

const FINALIZER = "service.kubernetes.io/load-balancer-cleanup";
const EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers";
const KUBE_PROXY_HEALTH = 10_256;
/** Docker makes the container and starts it; then it is started anew with its configuration. */
const CREATE_COST = millis(900);
const CONFIGURE_COST = millis(700);

export interface ProviderOptions {
  readonly store: ApiStore;
  readonly underlay: Underlay;
  readonly cluster: string;
  readonly programs: ReadonlyMap<string, Program>;
  /** The addresses of the kind network that are taken already. */
  readonly taken: () => readonly Ipv4[];
}

interface Balanced {
  readonly box: Box;
  config: BalancerConfig | undefined;
}

/** Services wait for it as long as nobody starts it: `cloud-provider-kind &`. */
export function cloudProviderKind(options: ProviderOptions): Program {
  return program(function* (process: Process): Task<number> {
    return yield* new Provider(process, options).run();
  });
}

/**
 * Gives every Service of type LoadBalancer a balancer of its own outside the cluster: a container on the nodes' network.
 * Models: sigs.k8s.io/cloud-provider-kind with the service controller of k8s.io/cloud-provider. Not modelled: Gateways,
 * Ingress, tunnels to the machine (the boxes are reached directly), SCTP.
 */
class Provider {
  private readonly options: ProviderOptions;
  private readonly client: ApiClient;
  private readonly events: EventRecorder;
  private readonly log: Klog;
  private readonly boxes = new Map<string, Balanced>();
  private readonly due = new Set<string>();
  private readonly arrived = new Signal();

  constructor(process: Process, options: ProviderOptions) {
    this.options = options;
    this.client = new ApiClient(options.store, "cloud-provider-kind");
    this.events = new EventRecorder(this.client, "service-controller");
    this.log = new Klog(process);
  }

  *run(): Task<number> {
    const { cluster } = this.options;
    yield* this.log.info("app.go:46", 'FLAG: --enable-lb-port-mapping="false"');
    yield* this.log.info("controller.go:174", `probe HTTP address https://${cluster}-control-plane:6443`);
    const stops = [
      this.client.watch("Service", ({ object }) => this.add(object)),
      this.client.watch("Node", ({ type, object, before }) => {
        if (type === "MODIFIED" && sameJson(facts(object), before && facts(before))) return;
        for (const service of this.client.list("Service")) this.add(service);
      }),
    ];
    try {
      for (;;) {
        while (this.due.size === 0) yield* this.arrived.wait();
        const [key = ""] = this.due;
        this.due.delete(key);
        yield* this.sync(key);
      }
    } finally {
      for (const stop of stops) stop();
      for (const { box } of this.boxes.values()) box.remove();
    }
  }

  private add(service: Service): void {
    const key = `${service.metadata.namespace ?? "default"}/${service.metadata.name}`;
    if (service.spec.type !== "LoadBalancer" && !this.boxes.has(key)) return;
    this.due.add(key);
    this.arrived.fire();
  }

  private *sync(key: string): Task<void> {
    const [namespace = "", name = ""] = key.split("/");
    const service = this.client.get("Service", namespace, name);
    if (service === undefined) {
      this.drop(key);
      return;
    }
    const { spec, metadata } = service;
    const wanted =
      spec.type === "LoadBalancer" &&
      spec.loadBalancerClass === undefined &&
      metadata.deletionTimestamp === undefined;
    if (wanted) yield* this.ensure(key, service);
    else if (metadata.finalizers?.includes(FINALIZER) === true) yield* this.release(key, service);
  }

  private *ensure(key: string, service: Service): Task<void> {
    const config = configOf(service, this.client.list("Node"));
    const known = this.boxes.get(key);
    if (known !== undefined && sameJson(known.config, config)) return;
    this.note(service, "EnsuringLoadBalancer", "Ensuring load balancer");
    this.finalizers(service, (list) => [...new Set([...list, FINALIZER])]);
    let balanced = known;
    if (balanced === undefined) {
      yield* sleep(CREATE_COST);
      balanced = { box: this.newBox(key, service), config: undefined };
      this.boxes.set(key, balanced);
    }
    yield* sleep(CONFIGURE_COST);
    balanced.box.configure(config);
    balanced.config = config;
    const { address } = balanced.box;
    const { namespace = "", name } = service.metadata;
    const ports = (service.spec.ports ?? []).map(({ port, protocol = "TCP" }) => ({ port, protocol }));
    const ingress = [{ ip: formatIpv4(address), ipMode: "Proxy", ports }];
    this.client.updateStatus("Service", namespace, name, (now) => ({
      ...now,
      status: { ...now.status, loadBalancer: { ingress } },
    }));
    this.note(service, "EnsuredLoadBalancer", "Ensured load balancer");
  }

  private *release(key: string, service: Service): Task<void> {
    this.note(service, "DeletingLoadBalancer", "Deleting load balancer");
    yield* sleep(CONFIGURE_COST);
    this.drop(key);
    const { namespace = "", name } = service.metadata;
    this.client.updateStatus("Service", namespace, name, (now) => ({
      ...now,
      status: { ...now.status, loadBalancer: {} },
    }));
    this.note(service, "DeletedLoadBalancer", "Deleted load balancer");
    this.finalizers(service, (list) => list.filter((each) => each !== FINALIZER));
  }

  private drop(key: string): void {
    this.boxes.get(key)?.box.remove();
    this.boxes.delete(key);
  }

  private newBox(key: string, service: Service): Box {
    const { cluster, underlay, programs } = this.options;
    const hash = bytesToHex(sha256(utf8Encode(`${cluster}/${key}`)).slice(0, 6));
    return new Box({
      name: `kindccm-${hash}`,
      address: parseIpv4(service.spec.loadBalancerIP ?? "") ?? this.freeAddress(),
      underlay,
      programs,
    });
  }

  /** Docker hands out the lowest address that is free. */
  private freeAddress(): Ipv4 {
    const { underlay, taken } = this.options;
    const used = new Set<number>([...taken(), ...[...this.boxes.values()].map(({ box }) => box.address)]);
    for (let index = 0; ; index++) {
      const address = containerAddress(underlay.subnet, index);
      if (!used.has(address)) return address;
    }
  }

  private finalizers(service: Service, change: (list: readonly string[]) => readonly string[]): void {
    const { namespace = "", name } = service.metadata;
    this.client.modify("Service", namespace, name, (now) => ({
      ...now,
      metadata: { ...now.metadata, finalizers: change(now.metadata.finalizers ?? []) },
    }));
  }

  private note(service: Service, reason: string, message: string): void {
    this.events.record(service, { type: "Normal", reason, message });
  }
}

/** What of a node matters to a balancer. */
function facts({ metadata, status }: Node): unknown {
  return { excluded: metadata.labels?.[EXCLUDED], addresses: status?.addresses };
}

function configOf(service: Service, nodes: readonly Node[]): BalancerConfig {
  const { spec } = service;
  const local = spec.externalTrafficPolicy === "Local";
  return {
    ports: (spec.ports ?? []).flatMap(({ port, nodePort = 0, protocol = "TCP" }) =>
      protocol === "TCP" || protocol === "UDP" ? [{ port, nodePort, protocol }] : [],
    ),
    nodes: nodes
      .filter((node) => node.metadata.labels?.[EXCLUDED] === undefined)
      .flatMap((node) => {
        const internal = node.status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
        return parseIpv4(internal ?? "") ?? [];
      }),
    healthCheckPort: local ? (spec.healthCheckNodePort ?? 0) : KUBE_PROXY_HEALTH,
    sticky: spec.sessionAffinity === "ClientIP",
    sourceRanges: (spec.loadBalancerSourceRanges ?? []).flatMap((range) => parsePrefix(range.trim()) ?? []),
  };
}
