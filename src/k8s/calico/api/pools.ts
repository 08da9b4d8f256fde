import { inPrefix, type Ipv4, type Ipv4Prefix, parsePrefix } from "../../../wire/address.ts";
import type { CalicoClient } from "./client.ts";
import type { IpPoolSpec } from "./kinds.ts";

export const DEFAULT_BLOCK_SIZE = 26;

export type EncapMode = "Always" | "CrossSubnet" | "Never";

/** An IPv4 pool with its defaults filled in. */
export interface Pool {
  readonly name: string;
  readonly cidr: string;
  readonly prefix: Ipv4Prefix;
  readonly ipipMode: EncapMode;
  readonly vxlanMode: EncapMode;
  readonly natOutgoing: boolean;
  readonly disabled: boolean;
  readonly disableBgpExport: boolean;
  /** The prefix length of its blocks. */
  readonly blockSize: number;
  /** An expression over the labels of nodes. */
  readonly nodeSelector: string;
  readonly namespaceSelector: string;
  readonly allowedUses: readonly string[];
  readonly manual: boolean;
}

export function readPool(name: string, spec: IpPoolSpec): Pool | undefined {
  const prefix = parsePrefix(spec.cidr);
  if (prefix === undefined) return undefined;
  return {
    name,
    cidr: spec.cidr,
    prefix,
    ipipMode: spec.ipipMode ?? "Never",
    vxlanMode: spec.vxlanMode ?? "Never",
    natOutgoing: spec.natOutgoing ?? false,
    disabled: spec.disabled ?? false,
    disableBgpExport: spec.disableBGPExport ?? false,
    blockSize: spec.blockSize ?? DEFAULT_BLOCK_SIZE,
    nodeSelector: spec.nodeSelector ?? "all()",
    namespaceSelector: spec.namespaceSelector ?? "",
    allowedUses: spec.allowedUses ?? ["Workload", "Tunnel"],
    manual: spec.assignmentMode === "Manual",
  };
}

/** The IPv4 pools, in the order of their names. */
export function pools(client: CalicoClient): readonly Pool[] {
  return client.list("IPPool").flatMap(({ metadata, spec }) => readPool(metadata.name, spec) ?? []);
}

/** The pool that an address or block is from. */
export function poolOf<P extends Pick<Pool, "prefix">>(all: readonly P[], address: Ipv4): P | undefined {
  return all.find(({ prefix }) => inPrefix(address, prefix.address, prefix.length));
}
