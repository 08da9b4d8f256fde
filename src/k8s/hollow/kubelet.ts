import { err, ok, type Result } from "../../base/result.ts";
import { normalizeReference } from "../../container/runtime/images.ts";
import type { EventQueue, Timer } from "../../sim/queue.ts";
import type { Random } from "../../sim/random.ts";
import { addTime, millis, type Nanos, nanos, seconds } from "../../sim/time.ts";
import { parseIpv4, parsePrefix } from "../../wire/address.ts";
import {
  ApiClient,
  type ApiStore,
  EventRecorder,
  type Pod,
  timestamp,
  type WatchEvent,
} from "../api/index.ts";
import type { Arrival } from "../kubelet/kubelet.ts";
import { newNode, nodeConditions, type NodeFacts } from "../kubelet/node-status.ts";
import { NodeAddresses } from "./addresses.ts";
import { foresee, type ImageKnowledge } from "./foresight.ts";
import type { NetworkForesight } from "./networks.ts";
import { runningStatus } from "./status.ts";

const HEX = "0123456789abcdef";
/** Upper bounds of what the kubelet and the runtime take; the true times come out when the node wakes. */
const SANDBOX = millis(300);
const START = millis(200);
const FIRST_PULL = millis(2100);
const LATER_PULL = millis(320);
const STOP = millis(1500);
/** The kubelet looks at the network's condition every second until it is ready. */
const NOTICE = seconds(1);
/** nodeStatusReportFrequency. */
const REPORT = seconds(300);

interface HollowPod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly arrived: Nanos;
  readonly generation: number | undefined;
  ip: string | undefined;
  stopping: boolean;
}

export interface HollowOptions {
  readonly store: ApiStore;
  readonly queue: EventQueue;
  readonly random: Random;
  readonly node: NodeFacts;
  /** What its images are like. */
  readonly images: ImageKnowledge;
  /** Something came whose outcome only the real thing can tell. */
  readonly wake: () => void;
}

/**
 * Speaks for a node that sleeps: it tells the API server what the node's kubelet and its network plugin would have told,
 * and wakes the node when it cannot know that. Models: kubemark's hollow kubelet.
 */
export class HollowKubelet {
  private readonly options: HollowOptions;
  private readonly client: ApiClient;
  private readonly events: EventRecorder;
  private readonly pods = new Map<string, HollowPod>();
  /** Those that wait for the node's network. */
  private waiting: HollowPod[] = [];
  private addresses: NodeAddresses | null = null;
  private readonly pulled = new Map<string, Nanos>();
  private pullsDone = nanos(0);
  private stopWatch: (() => void) | null = null;
  private heartbeat: Timer | null = null;
  private retired = false;

  constructor(options: HollowOptions) {
    this.options = options;
    const { store, node } = options;
    this.client = new ApiClient(store, `kubelet ${node.name}`);
    this.events = new EventRecorder(this.client, "kubelet", node.name);
  }

  start(): void {
    const { queue, node } = this.options;
    const made = this.client.create("Node", newNode(node, this, timestamp(queue.now)));
    if (made.ok) this.say(made.value, "Starting", "Starting kubelet.");
    this.stopWatch = this.client.watch("Pod", (event) => this.onPod(event), { nodeName: node.name });
    this.beat();
  }

  networkReady(): Result<void, string> {
    return this.addresses === null ? err("cni plugin not initialized") : ok();
  }

  /** Says nothing more; the result is what the node has missed, in order. */
  retire(): readonly Arrival[] {
    this.retired = true;
    this.stopWatch?.();
    this.heartbeat?.cancel();
    return [...this.pods.values()].flatMap(({ uid, namespace, name, arrived, ip }): Arrival[] => {
      const pod = this.client.get("Pod", namespace, name);
      if (pod?.metadata.uid !== uid) return [];
      const { deletionTimestamp: _, deletionGracePeriodSeconds: __, ...metadata } = pod.metadata;
      return [{ time: arrived, pod: { ...pod, metadata }, ip }];
    });
  }

  private onPod({ type, object: pod }: WatchEvent<Pod>): void {
    const { uid, generation, deletionTimestamp } = pod.metadata;
    const known = this.pods.get(uid);
    if (type === "DELETED") this.forget(uid);
    else if (known === undefined) this.arrive(pod);
    else if (deletionTimestamp !== undefined) this.stop(known);
    else if (generation !== known.generation) this.wake();
  }

  private wake(): void {
    this.options.queue.after(nanos(0), () => {
      if (!this.retired) this.options.wake();
    });
  }

  private arrive(pod: Pod): void {
    const { store, queue, images } = this.options;
    const { uid, namespace = "default", name, generation } = pod.metadata;
    const entry: HollowPod = {
      uid,
      namespace,
      name,
      arrived: queue.now,
      generation,
      ip: undefined,
      stopping: false,
    };
    this.pods.set(uid, entry);
    const foresight = foresee(store, pod, images);
    if (foresight === undefined) this.wake();
    else if (foresight.kind === "stands") this.launch(entry, pod);
    else {
      const { after, network } = foresight;
      this.later(after, () => {
        if (!this.publish(entry, this.options.node.address) || network === undefined) return;
        network.announce(store, pod, this.options.node.address, this.options.random);
        this.later(NOTICE, () => this.connect(network));
      });
    }
  }

  /** The node has its network: those who waited for it may start. */
  private connect(network: NetworkForesight): void {
    if (this.addresses !== null) return;
    const range = parsePrefix(this.client.get("Node", "", this.options.node.name)?.spec?.podCIDR ?? "");
    if (range === undefined) {
      this.later(NOTICE, () => this.connect(network));
      return;
    }
    this.addresses = new NodeAddresses(range);
    const written = this.report();
    if (written.ok)
      this.say(written.value, "NodeReady", `Node ${this.options.node.name} status is now: NodeReady`);
    const { waiting } = this;
    this.waiting = [];
    for (const entry of waiting) {
      const pod = this.client.get("Pod", entry.namespace, entry.name);
      if (pod?.metadata.uid === entry.uid) this.launch(entry, pod);
    }
  }

  private launch(entry: HollowPod, pod: Pod): void {
    if (this.addresses === null) {
      this.waiting.push(entry);
      return;
    }
    const ip = this.addresses.take();
    if (ip === undefined) {
      this.wake();
      return;
    }
    entry.ip = ip;
    const { now } = this.options.queue;
    let ready = addTime(now, SANDBOX);
    for (const { image = "", imagePullPolicy } of pod.spec.containers)
      ready = addTime(this.pull(normalizeReference(image), imagePullPolicy === "Always", ready), START);
    this.later(nanos(ready - now), () => this.publish(entry, ip));
  }

  /** When the image is there: pulls go one after the other. */
  private pull(image: string, always: boolean, from: Nanos): Nanos {
    const had = this.pulled.get(image);
    if (had !== undefined && had <= from && !always) return from;
    const begin = nanos(Math.max(from, this.pullsDone));
    this.pullsDone = addTime(begin, had === undefined ? FIRST_PULL : LATER_PULL);
    if (had === undefined) this.pulled.set(image, this.pullsDone);
    return this.pullsDone;
  }

  /** Writes that the pod runs; false when it is gone or about to go. */
  private publish(entry: HollowPod, ip: string): boolean {
    if (entry.stopping || !this.pods.has(entry.uid)) return false;
    const { queue, node, random } = this.options;
    const times = { arrived: timestamp(entry.arrived), now: timestamp(queue.now) };
    const written = this.client.updateStatus("Pod", entry.namespace, entry.name, (pod) =>
      pod.metadata.uid === entry.uid
        ? { ...pod, status: runningStatus(pod, node.address, ip, times, () => random.text(64, HEX)) }
        : pod,
    );
    return written.ok;
  }

  private stop(entry: HollowPod): void {
    if (entry.stopping) return;
    entry.stopping = true;
    this.later(STOP, () => this.client.delete("Pod", entry.namespace, entry.name, { gracePeriodSeconds: 0 }));
  }

  private forget(uid: string): void {
    const address = parseIpv4(this.pods.get(uid)?.ip ?? "");
    if (address !== undefined) this.addresses?.release(address);
    this.pods.delete(uid);
  }

  private report() {
    const now = timestamp(this.options.queue.now);
    return this.client.updateStatus("Node", "", this.options.node.name, (node) => ({
      ...node,
      status: { ...node.status, conditions: nodeConditions(node.status?.conditions ?? [], this, now) },
    }));
  }

  private beat(): void {
    this.heartbeat = this.options.queue.after(REPORT, () => {
      if (this.report().ok) this.beat();
    });
  }

  private later(delay: Nanos, action: () => void): void {
    this.options.queue.after(delay, () => {
      if (!this.retired) action();
    });
  }

  private say(about: Parameters<EventRecorder["record"]>[0], reason: string, message: string): void {
    this.events.record(about, { type: "Normal", reason, message });
  }
}
