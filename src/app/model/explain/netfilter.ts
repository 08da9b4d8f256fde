import type { HookRecord, RuleRecord } from "../../../trace/record.ts";
import type { ConntrackRow } from "../../../trace/rows.ts";
import type { TextKey } from "../../i18n/en.ts";
import { isTranslated } from "../hops.ts";
import { type Deed, type RuleLine, ruleLine } from "../netfilter.ts";
import { type Flow, type Member, memberOf } from "../set-member.ts";
import { protocolText, tupleText } from "../tables.ts";
import {
  commandAt,
  type Context,
  fieldOf,
  layersBefore,
  layersOf,
  placeName,
  tablesTool,
} from "./context.ts";
import { addressIn, endIn, type Side, splitEnd } from "../packet-ends.ts";
import { type Explanation, type FlowView, phrase, type Phrase } from "./phrase.ts";
import { explainVirtual } from "./virtual.ts";

/** The packet as rules see it: before what they change. */
function seenByRules({ step }: Context): Flow {
  const layers = layersBefore(step);
  const port = (side: Side): number | undefined => {
    const text = fieldOf(layers, `tcp.${side}port`) ?? fieldOf(layers, `udp.${side}port`);
    return text === undefined ? undefined : Number(text);
  };
  const protocol = layers.find(
    ({ depth, protocol: name }) => depth === 0 && /^(tcp|udp|icmp|icmpv6)$/.test(name),
  );
  return {
    src: addressIn(layers, "src") ?? "",
    dst: addressIn(layers, "dst") ?? "",
    protocol: protocol?.protocol ?? "",
    sport: port("src"),
    dport: port("dst"),
  };
}

/** The rules that a packet has met at a hook, in order, with the entries of the sets that they asked. */
export function rulesOf(c: Context, records: readonly RuleRecord[] = c.step.rules): readonly RuleLine[] {
  const flow = seenByRules(c);
  return records.map((record) => {
    const line = ruleLine(c.world, record);
    const member = memberOf(c.world, record.netns, line, flow);
    return member === undefined ? line : { ...line, member };
  });
}

function entryOf({
  step,
  world,
}: Context): { readonly row: ConntrackRow; readonly unconfirmed: boolean } | undefined {
  const { conntrack } = step;
  if (conntrack === undefined || conntrack.entry === 0) return undefined;
  const key = String(conntrack.entry);
  const row = world.row("conntrack", conntrack.netns, key)?.row;
  if (row !== undefined) return { row, unconfirmed: false };
  const later = world.upcoming("conntrack", conntrack.netns, key)?.row;
  return later === undefined ? undefined : { row: later, unconfirmed: true };
}

/** NAT, or IPVS: the answer is not simply the question turned round. */
function isTurned({ original: o, reply: r }: ConntrackRow): boolean {
  return o.src !== r.dst || o.dst !== r.src || o.sport !== r.dport || o.dport !== r.sport;
}

/** The flow of a packet, as conntrack has it. */
export function flowOf(c: Context): FlowView | undefined {
  const { conntrack } = c.step;
  const entry = entryOf(c);
  if (conntrack === undefined || entry === undefined) return undefined;
  const { row, unconfirmed } = entry;
  const isReply = conntrack.state.endsWith("_REPLY");
  return {
    protocol: protocolText(row.protocol),
    state: isReply ? conntrack.state.slice(0, -"_REPLY".length) : conntrack.state,
    original: tupleText(row.original),
    reply: tupleText(row.reply),
    isReply,
    translated: isTurned(row),
    unconfirmed,
  };
}

/** An end of the packet with its port: `10.96.0.10:53`. */
function endOf(layers: ReturnType<typeof layersOf>, side: Side): string {
  return (
    endIn(
      layers.filter(({ depth }) => depth === 0),
      side,
    ) ?? "?"
  );
}

/** Which end NAT has changed here; the source when it was both. */
function sideOf({ step }: Context): Side {
  return step.rewrites.some(({ field }) => field === "src" || field === "sport") ? "src" : "dst";
}

interface Change {
  readonly [name: string]: string;
  readonly before: string;
  readonly after: string;
}

/** The end of the packet that NAT changes at this step, as it was and as it is. */
export function natOf(c: Context): { readonly before: string; readonly after: string } {
  return changeOf(c, sideOf(c));
}

function changeOf(c: Context, side: Side): Change {
  return { before: endOf(layersBefore(c.step), side), after: endOf(layersOf(c.step), side) };
}

const TRANSLATES: ReadonlySet<Deed> = new Set(["dnat", "snat", "masquerade"]);

/** NAT changed the packet at this hook: by a rule, or by the memory of what a rule decided. */
export function explainNat(c: Context, hook: HookRecord): Explanation | undefined {
  if (!isTranslated(c.step)) return undefined;
  const rules = rulesOf(c);
  const rule = rules.findLast(({ deed }) => TRANSLATES.has(deed));
  const flow = flowOf(c);
  const side = sideOf(c);
  const values = { ...changeOf(c, side), hook: hook.hook, place: placeName(c), service: serviceIn(rules) };
  const common = { rules, flow, badge: phrase("badge.nat", values), checks: checksOf(c, hook, rules) };
  const virtual = rule === undefined ? explainVirtual(c, side, values) : undefined;
  if (virtual !== undefined)
    return { ...common, ...virtual, reason: [...virtual.reason, ...asidesOf(c, hook)] };
  const words =
    rule === undefined ? repeated(side, flow?.isReply === true, values) : decided(c, side, rule, values);
  return {
    ...words,
    ...common,
    reason: [...words.reason, ...asidesOf(c, hook)],
    install: rule?.commands.install,
  };
}

/** The Service that the rules are for, `default/frontend`; "" for none. */
function serviceIn(rules: readonly RuleLine[]): string {
  return rules.findLast((line) => line.service !== undefined)?.service ?? "";
}

type Words = Pick<Explanation, "headline" | "reason">;

function decided(c: Context, side: Side, rule: RuleLine, values: Change): Words {
  if (side === "src") {
    const why = rule.deed === "masquerade" ? "nat.masquerade.why" : "nat.source.why";
    return { headline: phrase("nat.source", values), reason: [phrase(why, values)] };
  }
  if (values["service"] === "")
    return { headline: phrase("nat.dest", values), reason: [phrase("nat.dest.why", values)] };
  if (PORTALS.test(rule.chain)) return userspace(values);
  const { address, port } = splitEnd(values.before);
  const owner = c.cast.ownerOf(address);
  if (owner?.netns === c.step.netns)
    return {
      headline: phrase("nat.nodePort", values),
      reason: [phrase("nat.nodePort.why", { ...values, port })],
    };
  const why = owner === undefined ? "nat.service.why" : "nat.outer.why";
  return { headline: phrase("nat.service", values), reason: [phrase(why, values)] };
}

/** Chains of the userspace kube-proxy, whose rules lead to the program itself. */
const PORTALS = /^KUBE-(?:PORTALS|NODEPORT)-(?:CONTAINER|HOST)$/;

function userspace(values: Phrase["values"]): Words {
  const port = String(values["after"]).split(":")[1] ?? "";
  const told = { ...values, port };
  return { headline: phrase("nat.userspace", told), reason: [phrase("nat.userspace.why", told)] };
}

function repeated(side: Side, isReply: boolean, values: Phrase["values"]): Words {
  if (!isReply) return { headline: phrase("nat.again", values), reason: [phrase("nat.again.why", values)] };
  const why = side === "src" ? "nat.back.why" : "nat.back.dest.why";
  return { headline: phrase("nat.back", values), reason: [phrase(why, values)] };
}

/** What else is worth a sentence: a mark, and that all this happens in the bridge. */
export function asidesOf(c: Context, hook: HookRecord): readonly Phrase[] {
  const { step, cast } = c;
  const told: Phrase[] = [];
  const mark = step.rewrites.find(({ field }) => field === "mark");
  if (mark !== undefined) told.push(phrase("nat.mark.why", { after: `0x${mark.after.toString(16)}` }));
  const helpers = helpersOf(rulesOf(c));
  if (helpers !== undefined) told.push(helpers);
  if (hook.family === "bridge")
    told.push(phrase("hook.bridge.why", { dev: cast.deviceName(hook.netns, hook.inDev || hook.outDev) }));
  return told;
}

/** A map tells something for each of its entries. */
function kindOf({ text }: Member): "map" | "set" {
  return text.includes(" : ") ? "map" : "set";
}

/** Commands that show the rules and the entry on a real node. */
export function checksOf(c: Context, hook: HookRecord, rules: readonly RuleLine[]): readonly string[] {
  const entry = entryOf(c);
  const decisive =
    rules.findLast(({ chain }) => chain.startsWith("KUBE-SVC-")) ?? rules.findLast((r) => r.number > 0);
  const checks: string[] = [];
  if (decisive !== undefined) {
    const { tool, table, chain, commands } = decisive;
    const show =
      tool === "nft" ? commands.show : `${tablesTool(c, hook)}-save -t ${table} | grep -e ${chain}`;
    checks.push(commandAt(c, hook.netns, show));
  }
  for (const { tool, table, member } of rules)
    if (member !== undefined)
      checks.push(
        commandAt(
          c,
          hook.netns,
          tool === "nft" ? `nft list ${kindOf(member)} ${table} ${member.set}` : `ipset list ${member.set}`,
        ),
      );
  if (entry !== undefined) {
    const { protocol, original } = entry.row;
    const six = original.dst.includes(":") ? " -f ipv6" : "";
    const list = `conntrack -L${six} -p ${protocolText(protocol)} -d ${original.dst}`;
    checks.push(commandAt(c, hook.netns, list));
  }
  return checks;
}

/** Chains whose rules only prepare what a later hook does. */
const HELPERS: readonly (readonly [RegExp, TextKey])[] = [
  [/^KUBE-MARK-MASQ$/, "helper.markMasq"],
  [/^KUBE-SVL-/, "helper.local"],
  [/^KUBE-EXT-/, "helper.external"],
  [/^KUBE-NODEPORTS?$|^KUBE-NODE-PORT$/, "helper.nodePort"],
  [/^KUBE-FORWARD$/, "helper.forward"],
  [/^KUBE-FIREWALL$/, "helper.firewall"],
  [/^mark-for-masquerade$/, "helper.markMasq"],
  [/^DOCKER-USER$/, "helper.dockerUser"],
  [/^FLANNEL-FWD$/, "helper.flannelFwd"],
  [/^FLANNEL-POSTRTG$/, "helper.flannelMasq"],
  [/^KUBE-POSTROUTING$|^masquerading$/, "helper.postrouting"],
];

/** What the last chain that the packet was led through is for. */
function helpersOf(rules: readonly RuleLine[]): Phrase | undefined {
  const isMarked = rules.some(({ chain }) => chain === "KUBE-MARK-MASQ");
  for (const { chain } of rules.toReversed())
    for (const [pattern, key] of HELPERS)
      if (pattern.test(chain))
        return phrase(key === "helper.external" && isMarked ? "helper.external.marked" : key, { chain });
  return undefined;
}
