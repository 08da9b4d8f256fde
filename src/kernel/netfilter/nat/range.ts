/**
 * Where a NAT mapping may land, in numbers: IPv4 addresses, or for IPv6 the numbers of `AddressBook`.
 * Models: struct nf_nat_range2.
 */
export interface NatTarget {
  /** Address range given. */
  readonly hasAddress: boolean;
  readonly minAddress: number;
  readonly maxAddress: number;
  /** Port range given (for ICMP: ids). */
  readonly hasPort: boolean;
  readonly minPort: number;
  readonly maxPort: number;
  readonly random: boolean;
  readonly randomFully: boolean;
  readonly persistent: boolean;
}

export const MANIP_SRC = 0;
export const MANIP_DST = 1;
export type Manip = typeof MANIP_SRC | typeof MANIP_DST;
