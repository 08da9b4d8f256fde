import * as v from "valibot";
import { err, ok, type Result } from "../../../../base/result.ts";
import {
  broadcast,
  formatIpv4,
  formatPrefix,
  type Ipv4,
  type Ipv4Prefix,
  ipv4,
  network,
} from "../../../../wire/address.ts";
import type { JsonObject } from "../../json.ts";
import { type CniRoute, firstIssue, schemas } from "../../result.ts";

/** A range to allocate from, both ends included; the gateway is never handed out. */
export interface Range {
  readonly subnet: Ipv4Prefix;
  readonly start: Ipv4;
  readonly end: Ipv4;
  readonly gateway: Ipv4;
}

export type RangeSet = readonly Range[];

export interface IpamConfig {
  readonly network: string;
  readonly dataDir: string;
  readonly ranges: readonly RangeSet[];
  readonly routes: readonly CniRoute[];
}

const RangeSchema = v.object({
  subnet: schemas.prefix,
  rangeStart: v.optional(schemas.address),
  rangeEnd: v.optional(schemas.address),
  gateway: v.optional(schemas.address),
});
const IpamSchema = v.object({
  name: v.optional(v.string(), ""),
  ipam: v.optional(
    v.object({
      type: v.optional(v.string()),
      ...v.partial(RangeSchema).entries,
      ranges: v.optional(v.array(v.array(RangeSchema)), []),
      routes: v.optional(v.array(schemas.route), []),
      dataDir: v.optional(v.string(), "/var/lib/cni/networks"),
      resolvConf: v.optional(v.literal("", 'host-local: "resolvConf" is not modelled yet')),
    }),
  ),
});

export function rangeContains(range: Range, address: Ipv4): boolean {
  return address >= range.start && address <= range.end;
}

/** `10.0.0.1-10.0.0.254`, several joined by commas. */
export function rangeSetText(set: RangeSet): string {
  return set.map((r) => `${formatIpv4(r.start)}-${formatIpv4(r.end)}`).join(",");
}

/** Fills in what a range leaves out. Models: host-local allocator Range.Canonicalize. */
function canonical(raw: v.InferOutput<typeof RangeSchema>): Result<Range, string> {
  const { subnet } = raw;
  if (subnet.length > 30) return err(`Network ${formatPrefix(subnet)} too small to allocate from`);
  const base = network(subnet.address, subnet.length);
  if (base !== subnet.address)
    return err(
      `Network has host bits set. For a subnet mask of length ${subnet.length} the network address is ${formatIpv4(base)}`,
    );
  const last = broadcast(base, subnet.length);
  const inside = (a: Ipv4): boolean => a >= base && a <= last;
  if (raw.rangeStart !== undefined && !inside(raw.rangeStart))
    return err(`RangeStart ${formatIpv4(raw.rangeStart)} not in network ${formatPrefix(subnet)}`);
  const start = raw.rangeStart ?? ipv4(base + 1);
  if (raw.rangeEnd !== undefined && (!inside(raw.rangeEnd) || raw.rangeEnd < start))
    return err(`RangeEnd ${formatIpv4(raw.rangeEnd)} not in network ${formatPrefix(subnet)}`);
  return ok({ subnet, start, end: raw.rangeEnd ?? ipv4(last - 1), gateway: raw.gateway ?? ipv4(base + 1) });
}

function overlap(a: RangeSet, b: RangeSet): boolean {
  return a.some((x) => b.some((y) => x.start <= y.end && y.start <= x.end));
}

/** Models: host-local allocator LoadIPAMConfig. */
export function loadIpamConfig(config: JsonObject): Result<IpamConfig, string> {
  const parsed = v.safeParse(IpamSchema, config);
  if (!parsed.success) return err(firstIssue(parsed.issues));
  const { ipam, name } = parsed.output;
  if (ipam === undefined) return err("IPAM config missing 'ipam' key");
  const raw = [...ipam.ranges];
  if (ipam.subnet !== undefined) raw.unshift([{ ...ipam, subnet: ipam.subnet }]);
  if (raw.length === 0) return err("no IP ranges specified");
  const ranges: RangeSet[] = [];
  for (const [i, set] of raw.entries()) {
    if (set.length === 0) return err(`invalid range set ${i}: empty range set`);
    const members: Range[] = [];
    for (const member of set) {
      const range = canonical(member);
      if (!range.ok) return err(`invalid range set ${i}: ${range.error}`);
      members.push(range.value);
    }
    const clash = ranges.findIndex((other) => overlap(other, members));
    if (clash >= 0) return err(`range set ${clash} overlaps with ${i}`);
    ranges.push(members);
  }
  return ok({ network: name, dataDir: ipam.dataDir, ranges, routes: ipam.routes });
}
