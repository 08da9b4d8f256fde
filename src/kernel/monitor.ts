import type { NetDevice } from "./device/device.ts";
import type { FibRule } from "./fib-rules.ts";
import type { InetAddress } from "./ipv4/address.ts";
import type { FibEntry } from "./ipv4/fib-table.ts";
import type { Kernel } from "./kernel.ts";
import type { Neighbour } from "./neigh/neighbour.ts";
import type { NoticeKind } from "./uapi/monitor.ts";
import type { NeighState } from "./uapi/types.ts";
import type { Ipv4, Mac } from "../wire/address.ts";

/** What changed, as the kernel has it; `gone`: it is no more. */
export type Change =
  | { readonly kind: "link"; readonly gone: boolean; readonly dev: NetDevice }
  | {
      readonly kind: "address";
      readonly gone: boolean;
      readonly dev: NetDevice;
      readonly address: InetAddress;
    }
  | { readonly kind: "route"; readonly gone: boolean; readonly entry: FibEntry }
  | { readonly kind: "neigh"; readonly gone: boolean; readonly neigh: Neighbour<Ipv4> }
  | {
      readonly kind: "fdb";
      readonly gone: boolean;
      readonly dev: NetDevice;
      readonly mac: Mac;
      readonly dst?: Ipv4;
      readonly states: readonly NeighState[];
    }
  | { readonly kind: "miss"; readonly gone: false; readonly dev: NetDevice; readonly question: Question }
  | { readonly kind: "rule"; readonly gone: boolean; readonly rule: FibRule<Ipv4> };

/** What the kernel wants to know of whoever listens: the MAC address of a neighbour, or where a MAC address lives. */
export interface Question {
  readonly dst?: Ipv4;
  readonly mac?: Mac;
  readonly state: NeighState;
}

interface Listener {
  readonly kinds: ReadonlySet<NoticeKind>;
  readonly hear: (change: Change) => void;
}

/** Those who listen to changes of one namespace's tables. Models: the RTNLGRP_* multicast groups of rtnetlink(7). */
export class Monitor {
  private readonly kernel: Kernel;
  private readonly listeners = new Set<Listener>();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** Nobody listens: nothing need be told. */
  get idle(): boolean {
    return this.listeners.size === 0;
  }

  subscribe(kinds: ReadonlySet<NoticeKind>, hear: (change: Change) => void): () => void {
    const listener = { kinds, hear };
    this.listeners.add(listener);
    this.kernel.listeners++;
    return () => {
      if (this.listeners.delete(listener)) this.kernel.listeners--;
    };
  }

  tell(change: Change): void {
    for (const { kinds, hear } of this.listeners) if (kinds.has(change.kind)) hear(change);
  }
}
