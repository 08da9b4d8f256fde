import type { DropRecord, HookRecord } from "../../../trace/record.ts";
import type { ConntrackRow } from "../../../trace/rows.ts";
import { isTranslated } from "../hops.ts";
import { type RuleLine, ruleLine } from "../netfilter.ts";
import { protocolText, tupleText } from "../tables.ts";
import { commandAt, type Context, fieldOf, layersBefore, layersOf, packetOf, placeName } from "./context.ts";
import { type Explanation, type FlowView, phrase, type Phrase } from "./phrase.ts";

/** The rules that a packet has met at a hook, in order. */
export function rulesOf({ step, world }: Context): readonly RuleLine[] {
  return step.rules.map((record) => ruleLine(world, record));
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
    translated: row.srcNat || row.dstNat,
    unconfirmed,
  };
}

type Side = "src" | "dst";

/** An end of the packet with its port: `10.96.0.10:53`. */
function endOf(layers: ReturnType<typeof layersOf>, side: Side): string {
  const address = fieldOf(layers, `ipv4.${side}`) ?? "?";
  const port = fieldOf(layers, `tcp.${side}port`) ?? fieldOf(layers, `udp.${side}port`);
  return port === undefined ? address : `${address}:${port}`;
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

function changeOf(c: Context, side: Side): Change {
  return { before: endOf(layersBefore(c.step), side), after: endOf(layersOf(c.step), side) };
}

const NAT_TARGETS = /^(DNAT|SNAT|MASQUERADE|REDIRECT|NETMAP)$/;

/** NAT changed the packet at this hook: by a rule, or by the memory of what a rule decided. */
export function explainNat(c: Context, hook: HookRecord): Explanation | undefined {
  if (!isTranslated(c.step)) return undefined;
  const rules = rulesOf(c);
  const rule = rules.findLast(({ verdict }) => NAT_TARGETS.test(verdict));
  const flow = flowOf(c);
  const side = sideOf(c);
  const service = rules.findLast((line) => line.service !== undefined)?.service ?? "";
  const values = { ...changeOf(c, side), hook: hook.hook, place: placeName(c), service };
  const words =
    rule === undefined ? repeated(side, flow?.isReply === true, values) : decided(side, rule, values);
  return {
    ...words,
    reason: [...words.reason, ...asidesOf(c, hook)],
    rules,
    flow,
    badge: phrase("badge.nat", values),
    install: rule === undefined ? undefined : `iptables -t ${rule.table} ${rule.text}`,
    checks: checksOf(c, hook, rules),
  };
}

type Words = Pick<Explanation, "headline" | "reason">;

function decided(side: Side, rule: RuleLine, values: Phrase["values"]): Words {
  if (side === "src") {
    const why = rule.verdict === "MASQUERADE" ? "nat.masquerade.why" : "nat.source.why";
    return { headline: phrase("nat.source", values), reason: [phrase(why, values)] };
  }
  if (values["service"] === "")
    return { headline: phrase("nat.dest", values), reason: [phrase("nat.dest.why", values)] };
  return { headline: phrase("nat.service", values), reason: [phrase("nat.service.why", values)] };
}

function repeated(side: Side, isReply: boolean, values: Phrase["values"]): Words {
  if (!isReply) return { headline: phrase("nat.again", values), reason: [phrase("nat.again.why", values)] };
  const why = side === "src" ? "nat.back.why" : "nat.back.dest.why";
  return { headline: phrase("nat.back", values), reason: [phrase(why, values)] };
}

/** What else is worth a sentence: a mark, and that all this happens in the bridge. */
export function asidesOf({ step, cast }: Context, hook: HookRecord): readonly Phrase[] {
  const told: Phrase[] = [];
  const mark = step.rewrites.find(({ field }) => field === "mark");
  if (mark !== undefined) told.push(phrase("nat.mark.why", { after: `0x${mark.after.toString(16)}` }));
  if (hook.family === "bridge")
    told.push(phrase("hook.bridge.why", { dev: cast.deviceName(hook.netns, hook.inDev || hook.outDev) }));
  return told;
}

/** Commands that show the rules and the entry on a real node. */
export function checksOf(c: Context, hook: HookRecord, rules: readonly RuleLine[]): readonly string[] {
  const entry = entryOf(c);
  const decisive =
    rules.findLast(({ chain }) => chain.startsWith("KUBE-SVC-")) ?? rules.findLast((r) => r.number > 0);
  const checks: string[] = [];
  if (decisive !== undefined)
    checks.push(commandAt(c, hook.netns, `iptables-save -t ${decisive.table} | grep -e ${decisive.chain}`));
  if (entry !== undefined) {
    const { protocol, original } = entry.row;
    const list = `conntrack -L -p ${protocolText(protocol)} -d ${original.dst}`;
    checks.push(commandAt(c, hook.netns, list));
  }
  return checks;
}

/** A rule, or a chain's policy, threw the packet away. */
export function explainCulprit(c: Context, drop: DropRecord): Explanation | undefined {
  const [rule] = rulesOf(c);
  if (rule === undefined) return undefined;
  const { src, dst } = packetOf(c.step);
  const place = placeName(c);
  const values = {
    ...rule,
    service: rule.service ?? "",
    place,
    src,
    dst,
    reason: drop.reason,
    where: drop.where,
  };
  const isReject = rule.verdict === "REJECT";
  const check = commandAt(c, drop.netns, `iptables -t ${rule.table} -vnL ${rule.chain} --line-numbers`);
  const common = {
    headline: phrase(isReject ? "drop.rejected" : "drop", values),
    rules: [rule],
    check,
    badge: phrase(isReject ? "badge.reject" : "badge.rule", values),
  };
  if (rule.number === 0)
    return { ...common, reason: [phrase("drop.policy", values)], advice: phrase("drop.policy.try", values) };
  if (isReject && /has no endpoints/.test(rule.text))
    return {
      ...common,
      reason: [phrase("drop.endpoints", values)],
      advice: phrase("drop.endpoints.try", values),
    };
  const command = `iptables -t ${rule.table} -D ${rule.chain} ${rule.number}`;
  return {
    ...common,
    reason: [phrase(isReject ? "drop.reject" : "drop.rule", values)],
    advice: phrase("drop.rule.try", { ...values, actor: rule.actor || "?", command }),
  };
}
