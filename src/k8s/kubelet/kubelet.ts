import { ContainerRuntime, type RuntimeOptions } from "../../container/runtime/cri.ts";
import { readText } from "../../container/files.ts";
import type { RuntimeContainer, Sandbox } from "../../container/runtime/types.ts";
import { sleep, type Task } from "../../sim/task.ts";
import { type Nanos, seconds } from "../../sim/time.ts";
import { formatIpv4 } from "../../wire/address.ts";
import {
  ApiClient,
  type ApiStore,
  EventRecorder,
  type Pod,
  timestamp,
  type WatchEvent,
} from "../api/index.ts";
import { nodeMonitor } from "../controllers/node-monitor.ts";
import { type KubeletContext, Tasks, Turnstile } from "./context.ts";
import { parseResolvConf } from "./dns.ts";
import { isReady, newNode, nodeConditions, type NodeFacts } from "./node-status.ts";
import type { PodState } from "./pod-state.ts";
import { PodWorker } from "./pod-worker.ts";

/** How often the runtime's condition is looked at: often until the node is ready, then as updateRuntimeUp does. */
const POLL_NOT_READY = seconds(1);
const POLL_READY = seconds(5);
/** nodeStatusReportFrequency: a status that says nothing new is still written this often. */
const REPORT = seconds(300);
const HEX = "0123456789abcdef";

/** A pod that came to the node while it slept. */
export interface Arrival {
  readonly time: Nanos;
  readonly pod: Pod;
  /** The address that the cluster knows already. */
  readonly ip: string | undefined;
}

export interface KubeletOptions extends RuntimeOptions {
  readonly store: ApiStore;
  readonly node: NodeFacts;
  /** --cluster-dns and --cluster-domain. */
  readonly clusterDns: readonly string[];
  readonly clusterDomain: string;
}

/** Whether the API server answers and the device with the node's address is up; the server is on the control plane's own node. */
function reachesOthers({ host, node, store }: KubeletOptions): boolean {
  if (store.down) return false;
  if ("node-role.kubernetes.io/control-plane" in node.labels) return true;
  const { address, link } = host.kernel.open(host.netns, { name: "kubelet", detail: "" });
  const own = address.list().find(({ local }) => formatIpv4(local) === node.address);
  const device = own === undefined ? undefined : link.byIndex(own.dev);
  return device?.up === true && device.lowerUp;
}

/**
 * The agent of one node: it registers the node, says whether it is ready, and runs the pods bound to it.
 *
 * Models: kubelet v1.36. Not modelled: resources and eviction, static pod files, tokens, gRPC and HTTPS probes.
 */
export class Kubelet {
  readonly context: KubeletContext;
  private readonly options: KubeletOptions;
  private readonly workers = new Map<string, PodWorker>();
  /** What the disk remembers of the pods of a machine that lost its power, by uid. */
  private readonly remembered = new Map<string, PodState>();
  private isOff = false;
  private stopWatch: (() => void) | null = null;
  private reported = 0 as Nanos;
  /** The node's own network is gone: nothing is heard of the API server, and nothing is told. */
  private cutOff = false;

  constructor(options: KubeletOptions) {
    const { host, node, store } = options;
    const client = new ApiClient(store, `kubelet ${node.name}`);
    const runtime = new ContainerRuntime(options);
    runtime.onExit = (sandbox) => this.workers.get(sandbox.config.pod.uid)?.poke();
    this.options = options;
    this.context = {
      host,
      hostIp: node.address,
      runtime,
      client,
      events: new EventRecorder(client, "kubelet", node.name),
      dns: () => {
        const file = readText(host.fs, "/etc/resolv.conf");
        const own = parseResolvConf(file.ok ? file.value : "");
        return { servers: options.clusterDns, domain: options.clusterDomain, node: own };
      },
      pulls: new Turnstile(),
      tasks: new Tasks(host.queue),
      promised: new Map(),
    };
  }

  get name(): string {
    return this.options.node.name;
  }

  /**
   * Registers the node and begins to look after its pods. With `past`, those come first that came while the node slept,
   * each at its time; `live` follows then.
   */
  start(past?: readonly Arrival[]): void {
    const { client, host, runtime, events } = this.context;
    const now = timestamp(host.queue.now);
    const made = client.create("Node", newNode(this.options.node, runtime, now));
    if (made.ok)
      events.record(made.value, { type: "Normal", reason: "Starting", message: "Starting kubelet." });
    this.reported = host.queue.now;
    for (const { time, pod, ip } of past ?? []) {
      if (ip !== undefined) this.context.promised.set(pod.metadata.uid, ip);
      host.queue.at(time, () => this.onPod({ type: "ADDED", object: pod }));
    }
    if (past === undefined) this.attend();
  }

  /** The past is over: from now on what the API server says counts, and it is told how things are. */
  live(): void {
    this.attend();
    for (const worker of this.workers.values()) worker.poke();
  }

  private attend(): void {
    const { client } = this.context;
    this.stopWatch = client.watch("Pod", (event) => this.onPod(event), { nodeName: this.name });
    this.context.tasks.start(this.statusLoop());
  }

  /** The kubelet's process ends; what runs on the node goes on. */
  stop(): void {
    this.stopWatch?.();
    this.context.tasks.kill();
  }

  /** Whether the machine has power. */
  get off(): boolean {
    return this.isOff;
  }

  /** Everything in memory is gone, and nothing more is heard of the node. */
  losePower(): void {
    this.isOff = true;
    this.stop();
    this.context.pulls.reset();
    for (const [uid, { state }] of this.workers) this.remembered.set(uid, state);
    this.workers.clear();
    nodeMonitor(this.context.client.store).lost(this.name);
  }

  /** Starts again after `losePower`, from what the disk remembers. Models: kubelet updateNodeStatus, rebooted nodes. */
  reboot(): void {
    const { client, host, runtime, events } = this.context;
    runtime.recover();
    const bootId = host.random.text(32, HEX);
    const now = timestamp(host.queue.now);
    this.isOff = false;
    this.cutOff = false;
    nodeMonitor(client.store).heard(this.name);
    const written = client.updateStatus("Node", "", this.name, (node) => ({
      ...node,
      status: {
        ...node.status,
        conditions: nodeConditions(node.status?.conditions ?? [], runtime, now),
        ...(node.status?.nodeInfo !== undefined && { nodeInfo: { ...node.status.nodeInfo, bootID: bootId } }),
      },
    }));
    this.reported = host.queue.now;
    if (written.ok) {
      const say = (type: "Normal" | "Warning", reason: string, message: string): void =>
        events.record(written.value, { type, reason, message });
      say("Normal", "Starting", "Starting kubelet.");
      say("Warning", "Rebooted", `Node ${this.name} has been rebooted, boot id: ${bootId}`);
      if (isReady(written.value)) say("Normal", "NodeReady", `Node ${this.name} status is now: NodeReady`);
    }
    this.attend();
    const still = new Set(client.list("Pod", { nodeName: this.name }).map(({ metadata }) => metadata.uid));
    for (const [uid, state] of this.remembered) if (!still.has(uid)) this.look(uid, state.pod).forget();
  }

  /** The sandbox of a pod, by namespace and name. */
  sandboxOf(namespace: string, name: string): Sandbox | undefined {
    return this.worker(namespace, name)?.state.sandbox;
  }

  /** An instance of a container: the one that runs or ran last, or the one before it. */
  containerOf(
    namespace: string,
    pod: string,
    container: string,
    previous = false,
  ): RuntimeContainer | undefined {
    const record = this.worker(namespace, pod)?.state.containers.find((c) => c.spec.name === container);
    return previous ? record?.last : record?.current;
  }

  private worker(namespace: string, name: string): PodWorker | undefined {
    return [...this.workers.values()].find(
      ({ state: { pod } }) =>
        pod.metadata.name === name && (pod.metadata.namespace ?? "default") === namespace,
    );
  }

  private onPod({ type, object: pod }: WatchEvent<Pod>): void {
    const { uid } = pod.metadata;
    const known = this.workers.get(uid);
    if (type === "DELETED") known?.forget();
    else if (known !== undefined) known.update(pod);
    else this.look(uid, pod);
  }

  private look(uid: string, pod: Pod): PodWorker {
    const worker = new PodWorker(this.context, pod, this.remembered.get(uid));
    this.remembered.delete(uid);
    this.workers.set(uid, worker);
    this.context.tasks.start(this.until(uid, worker));
    return worker;
  }

  private *until(uid: string, worker: PodWorker): Task<void> {
    yield* worker.run();
    this.workers.delete(uid);
  }

  private *statusLoop(): Task<void> {
    const { client, runtime } = this.context;
    for (;;) {
      yield* sleep(runtime.networkReady().ok ? POLL_READY : POLL_NOT_READY);
      const node = client.get("Node", "", this.name);
      if (node === undefined) return;
      if (this.cutOff !== !reachesOthers(this.options)) this.cut(!this.cutOff);
      if (this.cutOff) continue;
      const due = this.context.host.queue.now - this.reported >= REPORT;
      if (isReady(node) !== runtime.networkReady().ok || due) this.report(isReady(node));
    }
  }

  /** The connection to the API server breaks, or is there again: then what was missed is caught up with. */
  private cut(isCut: boolean): void {
    const { client, host } = this.context;
    this.cutOff = isCut;
    const monitor = nodeMonitor(client.store);
    if (isCut) {
      monitor.lost(this.name);
      this.stopWatch?.();
      return;
    }
    monitor.heard(this.name);
    this.stopWatch = client.watch("Pod", (event) => this.onPod(event), { nodeName: this.name });
    const still = new Set(client.list("Pod", { nodeName: this.name }).map(({ metadata }) => metadata.uid));
    for (const [uid, worker] of this.workers) if (!still.has(uid)) worker.forget();
    this.reported = (host.queue.now - REPORT) as Nanos;
    for (const worker of this.workers.values()) worker.poke();
  }

  private report(before: boolean): void {
    const { client, host, runtime, events } = this.context;
    this.reported = host.queue.now;
    const now = timestamp(host.queue.now);
    const written = client.updateStatus("Node", "", this.name, (node) => ({
      ...node,
      status: { ...node.status, conditions: nodeConditions(node.status?.conditions ?? [], runtime, now) },
    }));
    if (!written.ok || isReady(written.value) === before) return;
    const reason = before ? "NodeNotReady" : "NodeReady";
    events.record(written.value, {
      type: "Normal",
      reason,
      message: `Node ${this.name} status is now: ${reason}`,
    });
  }
}
