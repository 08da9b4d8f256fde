import { sameJson } from "../../../formats/json.ts";
import { type Ipv4, ipv4, type Ipv4Prefix, parsePrefix } from "../../../wire/address.ts";
import { must } from "../../../base/result.ts";
import type { IpamBlockSpec } from "../api/index.ts";

/** What is filed with an address: who holds it. */
export type AllocationAttributes = {
  readonly handle_id: string;
  readonly secondary: Readonly<Record<string, string>>;
};

/** A new block without allocations. Models: ipam_block.go newBlock. */
export function newBlock(cidr: string, affinity: string, sequenceNumber: number): IpamBlockSpec {
  const size = 2 ** (32 - blockPrefix(cidr).length);
  return {
    cidr,
    affinity,
    allocations: Array.from({ length: size }, () => null),
    attributes: [],
    unallocated: Array.from({ length: size }, (_, i) => i),
    strictAffinity: false,
    sequenceNumber,
    sequenceNumberForAllocation: {},
    deleted: false,
  };
}

export function blockPrefix(cidr: string): Ipv4Prefix {
  return must(parsePrefix(cidr), `block ${cidr}`);
}

/** The node that the block belongs to; undefined when nobody's. */
export function blockHost({ affinity }: IpamBlockSpec): string | undefined {
  return affinity?.startsWith("host:") === true ? affinity.slice("host:".length) : undefined;
}

export function ordinalAddress(block: IpamBlockSpec, ordinal: number): Ipv4 {
  return ipv4(blockPrefix(block.cidr).address + ordinal);
}

/** Where an address is in the block, or undefined. */
export function addressOrdinal(block: IpamBlockSpec, address: Ipv4): number | undefined {
  const ordinal = address - blockPrefix(block.cidr).address;
  return ordinal >= 0 && ordinal < block.allocations.length ? ordinal : undefined;
}

function withAllocation(
  block: IpamBlockSpec,
  ordinals: readonly number[],
  attributes: AllocationAttributes,
): IpamBlockSpec {
  const found = block.attributes.findIndex((known) => sameJson(known, attributes));
  const index = found < 0 ? block.attributes.length : found;
  const taken = new Set(ordinals);
  const { sequenceNumber = 0 } = block;
  return {
    ...block,
    attributes: found < 0 ? [...block.attributes, attributes] : block.attributes,
    allocations: block.allocations.map((old, i) => (taken.has(i) ? index : old)),
    unallocated: block.unallocated.filter((ordinal) => !taken.has(ordinal)),
    sequenceNumber: sequenceNumber + 1,
    sequenceNumberForAllocation: {
      ...block.sequenceNumberForAllocation,
      ...Object.fromEntries(ordinals.map((ordinal) => [String(ordinal), sequenceNumber])),
    },
  };
}

/** The free address that has waited longest, given to `attributes`; undefined when the block is full. */
export function autoAssign(
  block: IpamBlockSpec,
  attributes: AllocationAttributes,
  reserved: (address: Ipv4) => boolean,
): { block: IpamBlockSpec; address: Ipv4 } | undefined {
  const ordinal = block.unallocated.find((each) => !reserved(ordinalAddress(block, each)));
  if (ordinal === undefined) return undefined;
  return { block: withAllocation(block, [ordinal], attributes), address: ordinalAddress(block, ordinal) };
}

/** One certain address; undefined when it is taken or not of this block. */
export function assign(
  block: IpamBlockSpec,
  address: Ipv4,
  attributes: AllocationAttributes,
): IpamBlockSpec | undefined {
  const ordinal = addressOrdinal(block, address);
  if (ordinal === undefined || block.allocations[ordinal] !== null) return undefined;
  return withAllocation(block, [ordinal], attributes);
}

/** Frees some addresses: each goes to the end of the queue, attributes without an address go. */
export function releaseOrdinals(block: IpamBlockSpec, ordinals: readonly number[]): IpamBlockSpec {
  const freed = new Set(ordinals.filter((ordinal) => block.allocations[ordinal] !== null));
  const left = block.allocations.map((index, i) => (freed.has(i) ? null : index));
  const used = block.attributes.map((_, i) => left.includes(i));
  let next = 0;
  const moved = used.map((keep) => (keep ? next++ : -1));
  const numbers = Object.entries(block.sequenceNumberForAllocation ?? {});
  return {
    ...block,
    attributes: block.attributes.filter((_, i) => used[i]),
    allocations: left.map((index) => (index === null ? null : moved[index]!)),
    unallocated: [...block.unallocated, ...freed],
    sequenceNumber: (block.sequenceNumber ?? 0) + 1,
    sequenceNumberForAllocation: Object.fromEntries(numbers.filter(([key]) => !freed.has(Number(key)))),
  };
}

/** The places of the addresses that a handle holds. */
export function ordinalsOf(block: IpamBlockSpec, handle: string): readonly number[] {
  return block.allocations.flatMap((index, ordinal) =>
    index !== null && block.attributes[index]?.handle_id === handle ? [ordinal] : [],
  );
}

export function isEmptyBlock(block: IpamBlockSpec): boolean {
  return block.allocations.every((index) => index === null);
}
