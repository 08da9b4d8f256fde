import { utf8Encode } from "../../../../base/utf8.ts";
import { compareText } from "../../../../formats/json.ts";
import type { EndpointMarkBits, RulesConfig } from "./config.ts";
import { dispatch, divide } from "./dispatch.ts";
import {
  ENDPOINT,
  endpointChain,
  FORWARD_CHECK,
  FORWARD_ENDPOINT_MARK,
  FROM_ENDPOINT_MARK,
  SET_ENDPOINT_MARK,
  setName,
  SETS,
  TO_HEP_FORWARD,
  TO_WORKLOADS,
} from "./names.ts";
import {
  type Chain,
  clearMark,
  goTo,
  jump,
  markNotClear,
  markNotSet,
  markSet,
  RETURN,
  type Rule,
  setMark,
} from "./rule.ts";

/**
 * Beside kube-proxy in IPVS mode packets to Services pass INPUT and OUTPUT instead of FORWARD, and OUTPUT does not know
 * where they came in. INPUT writes it into the mark: a number for each endpoint.
 *
 * Models: felix/rules/epmark.go, and of static.go and dispatch.go what KubeIPVSSupportEnabled adds.
 */

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1 of 32 bits. */
function fnv32(text: string): number {
  let hash = FNV_OFFSET;
  for (const byte of utf8Encode(text)) hash = (Math.imul(hash, FNV_PRIME) ^ byte) >>> 0;
  return hash;
}

/** The bits of a number, laid onto the set bits of a mask. */
function onMask(number: number, mask: number): number {
  let out = 0;
  for (let bit = 0, left = number; bit < 32; bit++) {
    if (((mask >>> bit) & 1) === 0) continue;
    if ((left & 1) === 1) out |= 1 << bit;
    left >>>= 1;
  }
  return out >>> 0;
}

/** Which number an endpoint has: that of its hash, or the next that is free. Models: DefaultEPMarkManager. */
export class EndpointMarks {
  readonly bits: EndpointMarkBits;
  private readonly positions: number;
  private readonly taken = new Map<number, string>();
  private readonly byName = new Map<string, number>();

  constructor(bits: EndpointMarkBits) {
    this.bits = bits;
    this.positions = 2 ** bits.mask.toString(2).replace(/0/g, "").length;
    // The lowest bit alone is for packets of no endpoint.
    this.taken.set(1, "");
  }

  /** Keeps the numbers of these names and gives back all others. */
  keep(names: ReadonlySet<string>): void {
    for (const [name, position] of this.byName) {
      if (names.has(name)) continue;
      this.byName.delete(name);
      this.taken.delete(position);
    }
  }

  /** Undefined when all numbers are taken. */
  markOf(name: string): number | undefined {
    let position = this.byName.get(name);
    const hash = fnv32(name);
    for (let i = 0; position === undefined && i < this.positions; i++) {
      const candidate = (hash + i) % this.positions;
      if (candidate === 0 || this.taken.has(candidate)) continue;
      position = candidate;
      this.taken.set(candidate, name);
      this.byName.set(name, candidate);
    }
    return position === undefined ? undefined : onMask(position, this.bits.mask);
  }
}

/** INPUT: whether the packet is on its way to somewhere else. */
export function forwardCheckRules({ ipvs }: RulesConfig): readonly Rule[] {
  if (ipvs === undefined) return [];
  return [
    { action: clearMark(ipvs.mask) },
    { action: jump(FORWARD_CHECK) },
    { match: [markNotClear(ipvs.mask)], action: RETURN },
  ];
}

/** OUTPUT: packets that INPUT has marked. */
export function markedOutput({ ipvs }: RulesConfig): readonly Rule[] {
  return ipvs === undefined
    ? []
    : [{ match: [markNotClear(ipvs.mask)], action: goTo(FORWARD_ENDPOINT_MARK) }];
}

/** mangle POSTROUTING: they are not the node's own. */
export function markedPostrouting({ ipvs }: RulesConfig): readonly Rule[] {
  return ipvs === undefined ? [] : [{ match: [markNotClear(ipvs.mask)], action: RETURN }];
}

const NODE_PORTS = "30000:32767";

function forwardCheck(): Chain {
  const here = `--match-set ${setName(SETS.thisHost)} dst`;
  const nodePort = (protocol: string): Rule => ({
    match: [`-p ${protocol}`, `-m multiport --destination-ports ${NODE_PORTS}`, `-m set ${here}`],
    action: goTo(SET_ENDPOINT_MARK),
    comments: ["To kubernetes NodePort service"],
  });
  const rules: readonly Rule[] = [
    { match: ["-m conntrack --ctstate RELATED,ESTABLISHED"], action: RETURN },
    nodePort("tcp"),
    nodePort("udp"),
    { match: [`-m set ! ${here}`], action: jump(SET_ENDPOINT_MARK), comments: ["To kubernetes service"] },
  ];
  return { name: FORWARD_CHECK, rules };
}

function forwardEndpointMark(config: RulesConfig, bits: EndpointMarkBits): Chain {
  const rules: readonly Rule[] = [
    { match: [markNotSet(bits.none, bits.mask)], action: jump(FROM_ENDPOINT_MARK) },
    ...config.prefixes.map((prefix) => ({
      match: [`--out-interface ${prefix}+`],
      action: jump(TO_WORKLOADS),
    })),
    { action: jump(TO_HEP_FORWARD) },
    { action: clearMark(bits.mask) },
    {
      match: [markSet(config.marks.accept)],
      action: config.filterAllow,
      comments: ["Policy explicitly accepted packet."],
    },
  ];
  return { name: FORWARD_ENDPOINT_MARK, rules };
}

/** Chains that are there for any endpoints. */
export function staticIpvs(config: RulesConfig): readonly Chain[] {
  return config.ipvs === undefined ? [] : [forwardCheck(), forwardEndpointMark(config, config.ipvs)];
}

/** From interfaces to marks, and from marks to the chains of endpoints. Models: endpointMarkDispatchChains, endpointSetMarkChain. */
export function endpointMarkChains(
  config: RulesConfig,
  marks: EndpointMarks,
  workloads: readonly string[],
  hosts: readonly string[],
): readonly Chain[] {
  const { mask, none } = marks.bits;
  marks.keep(new Set([...workloads, ...hosts]));
  const trees = [workloads, hosts]
    .filter((names) => names.length > 0)
    .map((names) => dispatch(SET_ENDPOINT_MARK, divide(names), ENDPOINT.setMark, "in", []));
  const unknown = config.prefixes.map((prefix) => ({
    match: [`--in-interface ${prefix}+`],
    action: config.deny,
    comments: ["Unknown endpoint"],
  }));
  const root: readonly Rule[] = [
    ...trees.flatMap((chains) => chains.at(-1)?.rules ?? []),
    ...unknown,
    { action: setMark(none, mask), comments: ["Non-Cali endpoint mark"] },
  ];
  const from = (names: readonly string[], prefix: string): readonly Rule[] =>
    [...names].sort(compareText).flatMap((name) => {
      const mark = marks.markOf(name);
      return mark === undefined
        ? []
        : [{ match: [markSet(mark, mask)], action: goTo(endpointChain(prefix, name)) }];
    });
  const back: readonly Rule[] = [
    ...from(workloads, ENDPOINT.fromWorkload),
    ...from(hosts, ENDPOINT.fromHostForward),
    { action: config.deny, comments: ["Unknown interface"] },
  ];
  const own = [...workloads, ...hosts].map((name) => {
    const mark = marks.markOf(name);
    const rules = mark === undefined ? [] : [{ action: setMark(mark, mask) }];
    return { name: endpointChain(ENDPOINT.setMark, name), rules };
  });
  return [
    ...trees.flatMap((chains) => chains.slice(0, -1)),
    { name: SET_ENDPOINT_MARK, rules: root },
    { name: FROM_ENDPOINT_MARK, rules: back },
    ...own,
  ];
}
