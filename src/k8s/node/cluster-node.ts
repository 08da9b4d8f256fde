import type { KindNode } from "../../formats/kind.ts";
import type { NetnsId } from "../../kernel/uapi/index.ts";
import type { Host } from "../../userland/os/host.ts";
import type { Ipv4 } from "../../wire/address.ts";
import type { ApiStore } from "../api/index.ts";
import type { HollowKubelet } from "../hollow/kubelet.ts";
import type { Arrival, Kubelet } from "../kubelet/kubelet.ts";

export interface ClusterNodeOptions {
  readonly name: string;
  readonly role: KindNode["role"];
  readonly address: Ipv4;
  readonly netns: NetnsId;
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

  constructor(options: ClusterNodeOptions) {
    const { name, role, address, netns, hollow, boot } = options;
    this.options = options;
    this.name = name;
    this.role = role;
    this.address = address;
    this.netns = netns;
    if (hollow === undefined) this.living = boot();
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

  wake(): { readonly host: Host; readonly kubelet: Kubelet } {
    if (this.living !== null) return this.living;
    const { boot, store } = this.options;
    const missed = this.hollow?.retire() ?? [];
    this.hollow = null;
    const living = boot();
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
