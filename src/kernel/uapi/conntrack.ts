import type { Ipv4 } from "../../wire/address.ts";
import type { Ipv6 } from "../../wire/address6.ts";
import type { KernelResult } from "./types.ts";

/** One direction of a flow. For ICMP the ports are: `sport` the echo id, `dport` 0, with type and code beside. */
export interface CtTuple {
  readonly src: Ipv4 | Ipv6;
  readonly dst: Ipv4 | Ipv6;
  readonly sport: number;
  readonly dport: number;
  readonly icmp?: { readonly type: number; readonly code: number; readonly id: number };
}

/** A conntrack entry as `conntrack -L` shows it. */
export interface CtInfo {
  /** Never reused in one world. */
  readonly id: number;
  readonly family: "ip" | "ip6";
  readonly protocol: number;
  readonly original: CtTuple;
  readonly reply: CtTuple;
  /** TCP's state; absent for other protocols. */
  readonly state?: string;
  /** Whole seconds until it is forgotten. */
  readonly timeout: number;
  readonly mark: number;
  readonly zone: number;
  readonly seenReply: boolean;
  readonly assured: boolean;
  readonly srcNat: boolean;
  readonly dstNat: boolean;
}

export interface CtEvent {
  readonly type: "NEW" | "UPDATE" | "DESTROY";
  readonly entry: CtInfo;
}

export interface ConntrackApi {
  list(): readonly CtInfo[];
  /** ENOENT when it is gone. */
  delete(id: number): KernelResult<void>;
  update(id: number, change: { readonly mark?: number; readonly timeout?: number }): KernelResult<void>;
  count(): number;
  /** The returned function ends it. */
  subscribe(sink: (event: CtEvent) => void): () => void;
}
