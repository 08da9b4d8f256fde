import type { Ipv4, Ipv4Prefix } from "../../wire/address.ts";
import type { Nanos } from "../../sim/time.ts";
import type { IfIndex, KernelResult } from "./types.ts";

/** IPsec as ip-xfrm(8) has it: NETLINK_XFRM. IPv4 and ESP only; the rest is the caller's to refuse by name. */

export type XfrmMode = "transport" | "tunnel";
export type XfrmDirection = "in" | "out" | "fwd";

/** Which packets a policy or a state is for. Models: struct xfrm_selector. */
export interface XfrmSelector {
  readonly src: Ipv4Prefix;
  readonly dst: Ipv4Prefix;
  /** 0 for any. */
  readonly protocol: number;
  /** Of ICMP: the type, and the code. */
  readonly sport?: number | undefined;
  readonly dport?: number | undefined;
  readonly dev?: IfIndex | undefined;
}

/** Limits that are not there are infinite; times are seconds and 0 is never. Models: struct xfrm_lifetime_cfg. */
export interface XfrmLimits {
  readonly softBytes?: number;
  readonly hardBytes?: number;
  readonly softPackets?: number;
  readonly hardPackets?: number;
  readonly softAdd?: number;
  readonly hardAdd?: number;
  readonly softUse?: number;
  readonly hardUse?: number;
}

export interface XfrmLifetime {
  readonly bytes: number;
  readonly packets: number;
  readonly added: Nanos;
  readonly used: Nanos | undefined;
}

export interface XfrmAlgorithm {
  /** The kernel's crypto name: `cbc(aes)`, `hmac(sha256)`, `rfc4106(gcm(aes))`. */
  readonly name: string;
  readonly key: Uint8Array;
}

/** UDP around ESP (RFC 3948). */
export interface XfrmEncap {
  readonly sport: number;
  readonly dport: number;
  readonly address: Ipv4;
}

export type XfrmFlag = "noecn" | "decap-dscp" | "nopmtudisc" | "icmp" | "af-unspec";

/** What names a state: the receiver's address, the protocol (ESP here) and the SPI. */
export interface XfrmStateId {
  readonly dst: Ipv4;
  readonly spi: number;
}

export interface XfrmStateSpec extends XfrmStateId {
  readonly src: Ipv4;
  readonly mode: XfrmMode;
  readonly reqid: number;
  readonly seq: number;
  readonly replayWindow: number;
  readonly replay?: { readonly seq: number; readonly oseq: number; readonly bitmap: number };
  readonly flags: readonly XfrmFlag[];
  readonly selector: XfrmSelector;
  readonly limits: XfrmLimits;
  /** ICV lengths are in bits; absent: the algorithm's own. */
  readonly auth?: XfrmAlgorithm & { readonly icvBits?: number };
  readonly enc?: XfrmAlgorithm;
  readonly aead?: XfrmAlgorithm & { readonly icvBits: number };
  readonly encap?: XfrmEncap;
}

export interface XfrmStateInfo extends XfrmStateSpec {
  /** A larval state waits for its keys: somebody was asked (acquire), or an SPI was reserved. */
  readonly larval: boolean;
  readonly replay: { readonly seq: number; readonly oseq: number; readonly bitmap: number };
  readonly current: XfrmLifetime;
  readonly statistics: { readonly replayWindow: number; readonly replay: number; readonly failed: number };
}

/** What a policy asks for. Models: struct xfrm_user_tmpl. */
export interface XfrmTemplate {
  readonly src: Ipv4;
  readonly dst: Ipv4;
  readonly spi: number;
  readonly reqid: number;
  readonly mode: XfrmMode;
  /** `level use`: without a state, in the clear. */
  readonly optional: boolean;
}

export interface XfrmPolicySpec {
  readonly selector: XfrmSelector;
  readonly dir: XfrmDirection;
  readonly action: "allow" | "block";
  readonly priority: number;
  /** 0: the kernel chooses. */
  readonly index: number;
  readonly flags: readonly ("localok" | "icmp")[];
  readonly limits: XfrmLimits;
  readonly template: XfrmTemplate | undefined;
}

export interface XfrmPolicyInfo extends XfrmPolicySpec {
  readonly current: XfrmLifetime;
}

export type XfrmPolicyKey =
  | { readonly dir: XfrmDirection; readonly selector: XfrmSelector }
  | { readonly dir: XfrmDirection; readonly index: number };

/** What listeners of the group XFRMNLGRP_* hear. */
export type XfrmNotice =
  | { readonly kind: "state"; readonly what: "new" | "updated" | "deleted"; readonly state: XfrmStateInfo }
  | { readonly kind: "policy"; readonly what: "new" | "updated" | "deleted"; readonly policy: XfrmPolicyInfo }
  | { readonly kind: "flushed"; readonly what: "state" | "policy" }
  | { readonly kind: "expire"; readonly hard: boolean; readonly state: XfrmStateInfo }
  | { readonly kind: "acquire"; readonly state: XfrmStateInfo; readonly policy: XfrmPolicyInfo };

/** The netlink family XFRM. Lists: the newest first. */
export interface XfrmApi {
  states(): readonly XfrmStateInfo[];
  addState(spec: XfrmStateSpec, verb: "add" | "update"): KernelResult<void>;
  /** Reserves an SPI of [min, max] at the receiver; keys come with an update. */
  allocSpi(spec: XfrmStateSpec, min: number, max: number): KernelResult<XfrmStateInfo>;
  getState(id: XfrmStateId): KernelResult<XfrmStateInfo>;
  deleteState(id: XfrmStateId): KernelResult<void>;
  flushStates(): void;
  policies(): readonly XfrmPolicyInfo[];
  addPolicy(spec: XfrmPolicySpec, verb: "add" | "update"): KernelResult<void>;
  getPolicy(key: XfrmPolicyKey): KernelResult<XfrmPolicyInfo>;
  deletePolicy(key: XfrmPolicyKey): KernelResult<void>;
  flushPolicies(): void;
  /** /proc/net/xfrm_stat, in its order. */
  counters(): readonly (readonly [name: string, count: number])[];
  /** A key manager listens: who lacks a state asks it. The returned function ends it. */
  listen(sink: (notice: XfrmNotice) => void): () => void;
}
