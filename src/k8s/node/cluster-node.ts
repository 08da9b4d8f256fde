import type { KindNode } from "../../formats/kind.ts";
import type { NetnsId } from "../../kernel/uapi/index.ts";
import type { Host } from "../../userland/os/host.ts";
import { type Nanos, seconds } from "../../sim/time.ts";
import type { Ipv4 } from "../../wire/address.ts";
import type { ApiStore } from "../api/index.ts";
import type { HollowKubelet } from "../hollow/kubelet.ts";
import type { Arrival, Kubelet } from "../kubelet/kubelet.ts";
import { freshMemory } from "./node.ts";
import { bringUpNetwork, type NodeNetwork } from "./power.ts";

/** From the power button to the network, and to the kubelet. */
const NETWORK_UP = seconds(10);
const KUBELET_UP = seconds(14);

export interface ClusterNodeOptions {
  readonly name: string;
  readonly role: KindNode["role"];
  readonly address: Ipv4;
  readonly netns: NetnsId;
  readonly network: NodeNetwork;
  readonly store: ApiStore;
  readonly boot: () => { readonly host: Host; readonly kubelet: Kubelet };
  /** Speaks for the node while it sleeps; absent: the node is awake from the start. */
  readonly hollow?: ((wake: () => void) => HollowKubelet) | undefined;
}

/**
 * A node of the cluster. In a large cluster it sleeps: its namespace answers ARP, a hollow kubelet tells the API server
 * what the real one would, and nothing else of it exists. Whoever asks for its host or its kubelet, and the first packet
 * to one of its addresses, wakes it: it relives what it missed, each thing at its time, and is then as if it had always
 * been there.
 */
export class ClusterNode {
  readonly name: string;
  readonly role: KindNode["role"];
  readonly address: Ipv4;
  readonly netns: NetnsId;
  private readonly options: ClusterNodeOptions;
  private living: { readonly host: Host; readonly kubelet: Kubelet } | null = null;
  private hollow: HollowKubelet | null = null;
  private began: ApiStore["now"] | null = null;
  /** The kernel's settings as the machine's start leaves them. */
  private settings: ReadonlyMap<string, string> = new Map();
  private hasPower = true;
  /** How often the power has come or gone: what a start was about to do counts only while it lasts. */
  private switched = 0;

  constructor(options: ClusterNodeOptions) {
    const { name, role, address, netns, hollow } = options;
    this.options = options;
    this.name = name;
    this.role = role;
    this.address = address;
    this.netns = netns;
    if (hollow === undefined) this.living = this.boot();
    else this.hollow = hollow(() => void this.wake());
  }

  get asleep(): boolean {
    return this.living === null;
  }

  get host(): Host {
    return this.wake().host;
  }

  get kubelet(): Kubelet {
    return this.wake().kubelet;
  }

  /** The machine, if it is awake. */
  get awake(): { readonly host: Host; readonly kubelet: Kubelet } | undefined {
    return this.living ?? undefined;
  }

  /** The kubelet starts, or who speaks for it. */
  start(): void {
    this.began = this.options.store.now;
    if (this.living !== null) this.living.kubelet.start();
    else this.hollow?.start();
  }

  get isOn(): boolean {
    return this.hasPower;
  }

  /** The power is cut: whatever ran here is gone, and what was only in memory; nobody is told. */
  off(): void {
    if (!this.hasPower) return;
    const { host, kubelet } = this.wake();
    const { network } = this.options;
    const { kernel } = host;
    this.hasPower = false;
    this.switched++;
    const cards = network.cards.map(({ name }) => name);
    kernel.losePower(this.netns, cards, this.settings);
    kubelet.context.runtime.losePower();
    kubelet.losePower();
    if (this.role === "control-plane") this.options.store.suspend();
    for (const process of [...host.processes.values()]) process.kill("KILL");
    for (const netns of host.netnsNames.values()) {
      kernel.losePower(netns, [], new Map());
      kernel.releaseNetns(netns);
    }
    host.netnsNames.clear();
  }

  /** The machine starts: its cards come up, then containerd and the kubelet, which finds its pods on the disk. */
  on(): void {
    if (this.hasPower || this.living === null) return;
    const { host, kubelet } = this.living;
    const { queue } = this.options.store;
    this.hasPower = true;
    const start = ++this.switched;
    const later = (after: Nanos, act: () => void): void => {
      queue.after(after, () => {
        if (this.switched === start) act();
      });
    };
    freshMemory(host.fs);
    later(NETWORK_UP, () => bringUpNetwork(host.kernel, this.netns, this.options.network));
    later(KUBELET_UP, () => {
      // etcd and the API server are this kubelet's own pods: it starts them before it can tell anybody.
      if (this.role === "control-plane") this.options.store.resume();
      kubelet.reboot();
    });
  }

  private boot(): { readonly host: Host; readonly kubelet: Kubelet } {
    this.settings = this.options.network.settings();
    return this.options.boot();
  }

  wake(): { readonly host: Host; readonly kubelet: Kubelet } {
    if (this.living !== null) return this.living;
    const { store } = this.options;
    const missed = this.hollow?.retire() ?? [];
    this.hollow = null;
    const living = this.boot();
    this.living = living;
    const { host, kubelet } = living;
    host.kernel.onFirstPacket(this.netns, null);
    if (this.began !== null) relive(store, this.began, kubelet, missed);
    return living;
  }
}

function relive(store: ApiStore, from: ApiStore["now"], kubelet: Kubelet, missed: readonly Arrival[]): void {
  store.relive(() => store.queue.pocket(from, () => kubelet.start(missed)));
  kubelet.live();
}
