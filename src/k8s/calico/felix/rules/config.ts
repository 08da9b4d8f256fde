import { type Action } from "./rule.ts";

export interface ProtocolPort {
  readonly protocol: string;
  readonly port: number;
}

/** Bits of the packet mark. Models: felix/dataplane/driver.go, which takes them from the lowest of the mask on. */
export interface Marks {
  readonly accept: number;
  readonly pass: number;
  readonly drop: number;
  readonly scratch0: number;
  readonly scratch1: number;
}

/** Bits that tell the endpoint where a packet came in, and what they say of a packet of no endpoint. */
export interface EndpointMarkBits {
  readonly mask: number;
  readonly none: number;
}

/** What the other marks leave of `mask`. Models: felix/dataplane/driver.go. */
export function endpointMarkBits(mask: number, marks: Marks): EndpointMarkBits {
  const used = marks.accept | marks.pass | marks.drop | marks.scratch0 | marks.scratch1;
  const left = (mask & ~used) >>> 0;
  return { mask: left, none: (left & -left) >>> 0 };
}

/** The lowest set bits of `mask`, in order; undefined where there are not enough. */
export function allocateMarks(mask: number): Marks | undefined {
  const bits: number[] = [];
  for (let i = 0; i < 32; i++) if (((mask >>> i) & 1) === 1) bits.push((1 << i) >>> 0);
  const [accept, pass, drop, scratch0, scratch1] = bits;
  if (accept === undefined || pass === undefined || drop === undefined) return undefined;
  if (scratch0 === undefined || scratch1 === undefined) return undefined;
  return { accept, pass, drop, scratch0, scratch1 };
}

/** What the rules depend on beside policies and endpoints. Models: felix/rules Config. */
export interface RulesConfig {
  readonly marks: Marks;
  /** `cali`, in the order given. */
  readonly prefixes: readonly string[];
  readonly ipip: boolean;
  readonly vxlan: boolean;
  readonly vxlanPort: number;
  /** Whether this node has a tunnel address of the kind. */
  readonly ipipAddress: boolean;
  readonly vxlanAddress: boolean;
  readonly allowVxlanFromWorkloads: boolean;
  readonly allowIpipFromWorkloads: boolean;
  /** DefaultEndpointToHostAction. */
  readonly endpointToHost: Action;
  /** What accepting means in the filter and mangle tables: ACCEPT or RETURN. */
  readonly filterAllow: Action;
  readonly mangleAllow: Action;
  /** DROP or REJECT. */
  readonly deny: Action;
  readonly logPrefix: string;
  readonly dropInvalid: boolean;
  readonly natOutgoingAddress: string;
  /** `FIRST-LAST`, or empty. */
  readonly natPortRange: string;
  readonly natOutgoingInterface: string;
  readonly natExcludesHosts: boolean;
  readonly failsafeIn: readonly ProtocolPort[];
  readonly failsafeOut: readonly ProtocolPort[];
  readonly serviceLoop: Action | undefined;
  /** kube-proxy is in IPVS mode. */
  readonly ipvs?: EndpointMarkBits;
}

export function allMarks({ marks }: RulesConfig): number {
  return (marks.accept | marks.pass | marks.scratch0 | marks.scratch1) >>> 0;
}
