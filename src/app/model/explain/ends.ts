import type {
  ConsumeRecord,
  DeliverRecord,
  DropReason,
  DropRecord,
  OriginRecord,
} from "../../../trace/record.ts";
import type { Layer } from "../../../wire/dissect.ts";
import { IPPROTO_TCP, IPPROTO_UDP } from "../../../wire/ipv4.ts";
import type { TextKey } from "../../i18n/en.ts";
import { excerpt, neighTable, routeTable } from "../tables.ts";
import { commandAt, type Context, fieldOf, layersOf, packetOf, placeName, question } from "./context.ts";
import { programOf } from "../words.ts";
import { explainCulprit } from "./culprit.ts";
import { type Explanation, phrase, type Phrase } from "./phrase.ts";

/** Whose address is asked for, who says that it is theirs, and where: in ARP, or in neighbour discovery (RFC 4861). */
function askedIn(layers: readonly Layer[]): {
  readonly asked: string;
  readonly own: string;
  readonly mac: string;
} {
  const target = fieldOf(layers, "icmpv6.nd_target");
  if (target !== undefined)
    return { asked: target, own: target, mac: fieldOf(layers, "ethernet.src") ?? "?" };
  return {
    asked: fieldOf(layers, "arp.target_ip") ?? "?",
    own: fieldOf(layers, "arp.sender_ip") ?? "?",
    mac: fieldOf(layers, "arp.sender_mac") ?? "?",
  };
}

/** A packet comes to be. */
export function explainOrigin(c: Context, origin: OriginRecord): Explanation {
  const { src, dst } = packetOf(c.step);
  const layers = layersOf(c.step);
  const place = placeName(c);
  const summary = layers.findLast(({ protocol }) => /^(icmp|icmpv6|udp|tcp)$/.test(protocol))?.summary ?? "";
  const values = {
    place,
    src,
    dst,
    program: programOf(origin.owner) || "kernel",
    flags: fieldOf(layers, "tcp.flags") ?? "",
    summary,
    ...askedIn(layers),
    dev: c.step.frame === undefined ? "?" : c.cast.deviceName(c.step.netns, c.step.frame.dev),
  };
  switch (origin.origin) {
    case "arp-request":
      return {
        headline: phrase("arp.ask", values),
        reason: [phrase("arp.ask.why", values)],
        check: commandAt(c, origin.netns, "ip neigh show"),
      };
    case "neighbour-solicitation":
      return {
        headline: phrase("arp.ask", values),
        reason: [phrase("ndp.ask.why", values)],
        check: commandAt(c, origin.netns, "ip -6 neigh show"),
      };
    case "neighbour-advertisement":
      return { headline: phrase("arp.answer", values), reason: [phrase("ndp.answer.why", values)] };
    case "arp-reply":
      return explainArpAnswer(c, values);
    case "echo-reply":
      return { headline: phrase("echo.answer", values), reason: [phrase("echo.answer.why", values)] };
    case "icmp-error": {
      const why =
        src === "?" ? "icmp.error.unseen.why" : src === dst ? "icmp.error.self.why" : "icmp.error.why";
      return { headline: phrase("icmp.error", values), reason: [phrase(why, values)] };
    }
    default:
      return { ...sent(c, origin, values), check: commandAt(c, origin.netns, `ip route get ${dst}`) };
  }
}

/** A program sends, or TCP does so by itself: an answer, an acknowledgement, the end of what a program has closed. */
function sent(
  c: Context,
  { origin, owner }: OriginRecord,
  values: Phrase["values"] & { readonly flags: string },
): Pick<Explanation, "headline" | "reason"> {
  const isBack = c.step.lane === "reply";
  if (owner === "tun")
    return { headline: phrase("send.tun", values), reason: [phrase("send.tun.why", values)] };
  const isOwn = values.flags !== "" && (origin === "tcp" || owner === "");
  if (!isOwn)
    return { headline: phrase(isBack ? "send.back" : "send", values), reason: [phrase("send.why", values)] };
  const isEnd = values.flags.includes("FIN");
  return {
    headline: phrase(isBack ? "send.tcp.back" : "send.tcp", values),
    reason: [phrase(isEnd ? "send.fin.why" : "send.tcp.why", values)],
  };
}

/** Who has the address answers; or who knows a way there, where proxy_arp is on. */
function explainArpAnswer(c: Context, values: Phrase["values"]): Explanation {
  const { world, step } = c;
  const isOwn = world.rows("address", step.netns).some(({ row }) => row.local === values["own"]);
  const dev = values["dev"] ?? "";
  return {
    headline: phrase("arp.answer", values),
    reason: [phrase(isOwn ? "arp.answer.why" : "arp.answer.proxy.why", values)],
    check: isOwn ? undefined : commandAt(c, step.netns, `sysctl net.ipv4.conf.${dev}.proxy_arp`),
  };
}

/** A socket takes the packet. */
export function explainDeliver(c: Context, deliver: DeliverRecord, isTunnel: boolean): Explanation {
  const { src, dst } = packetOf(c.step);
  const values = {
    place: placeName(c),
    program: programOf(deliver.owner) || "TCP",
    port: deliver.port,
    src,
    dst,
  };
  const check = commandAt(c, deliver.netns, `ss -uln sport = :${deliver.port}`);
  if (isTunnel)
    return {
      headline: phrase("deliver.tunnel", values),
      reason: [phrase("deliver.tunnel.why", values)],
      check,
    };
  const error = errorOf(c);
  if (error !== undefined) return { headline: phrase("deliver.error", values), reason: [error] };
  const isReply = c.step.lane === "reply";
  if (deliver.protocol === IPPROTO_TCP) return explainSegment(c, deliver, values);
  const isUdp = deliver.protocol === IPPROTO_UDP;
  return {
    headline: phrase(isReply ? "deliver.back" : "deliver", values),
    reason: [phrase(isUdp ? "deliver.udp.why" : "deliver.icmp.why", values)],
    check: isUdp ? check : undefined,
  };
}

/** What a TCP segment means to the socket that takes it. */
function explainSegment(
  c: Context,
  deliver: DeliverRecord,
  values: Readonly<Record<string, string | number>>,
): Explanation {
  const layers = layersOf(c.step);
  const flags = (fieldOf(layers, "tcp.flags") ?? "").split(", ");
  const has = (flag: string): boolean => flags.includes(flag);
  const isLoaded = has("PSH");
  const meaning = has("RST")
    ? "rst"
    : has("SYN")
      ? has("ACK")
        ? "synack"
        : "syn"
      : has("FIN")
        ? "fin"
        : isLoaded
          ? "data"
          : "ack";
  const told = { ...values, flags: flags.join(", ") };
  return {
    headline: phrase("deliver.tcp", told),
    reason: [phrase(`tcp.${meaning}.why`, told)],
    check: commandAt(c, deliver.netns, "ss -tan"),
  };
}

/** The kernel itself was who the packet was for. */
export function explainConsume(c: Context, consume: ConsumeRecord): Explanation {
  const layers = layersOf(c.step);
  const { src, dst } = packetOf(c.step);
  const { own, mac } = askedIn(layers);
  const values = { place: placeName(c), by: consume.by, src, dst, own, mac };
  if (c.step.lane === "arp") {
    const dev = c.step.before?.dev ?? 0;
    const isQuestion = /^Request/.test(fieldOf(layers, "arp.operation") ?? "");
    const asked = fieldOf(layers, "arp.target_ip") ?? "?";
    if (isQuestion && c.world.row("neigh", consume.netns, `${dev}/${own}`) === undefined)
      return {
        headline: phrase("arp.ignore", values),
        reason: [phrase("arp.ignore.why", { ...values, asked })],
      };
    return {
      headline: phrase("arp.learn", values),
      reason: [phrase(consume.by === "ndisc_rcv" ? "ndp.learn.why" : "arp.learn.why", values)],
      table: excerpt(neighTable(question(c, `${dev}/${own}`), dev), 5),
      check: commandAt(c, consume.netns, `ip neigh show dev ${c.cast.deviceName(consume.netns, dev)}`),
    };
  }
  const error = errorOf(c);
  if (error !== undefined) return { headline: phrase("consume.error", values), reason: [error] };
  const key = ENDS[consume.by] ?? "consume";
  return { headline: phrase(key, values), reason: [phrase(`${key}.why`, values)] };
}

/** What takes a packet in the kernel, where that deserves words of its own. */
const ENDS: Readonly<Record<string, "echo.arrive" | "consume.tun">> = {
  icmp_echo: "echo.arrive",
  icmp: "echo.arrive",
  icmpv6_echo_reply: "echo.arrive",
  icmpv6_rcv: "echo.arrive",
  tun_do_read: "consume.tun",
};

/** What a program is told for an ICMP error, by tcpdump's words for it. Models: icmp_err_convert. */
const ERRNO: readonly (readonly [RegExp, string])[] = [
  [/ port \d+ unreachable/, "Connection refused"],
  [/ protocol \d+ unreachable/, "Protocol not available"],
  [/^ICMP net /, "Network is unreachable"],
  [/ unreachable/, "No route to host"],
];

/** The same for codes of ICMPv6's destination unreachable (RFC 4443 3.1). Models: icmpv6_err_convert. */
const ERRNO6 = [
  "Network is unreachable",
  "Permission denied",
  "No route to host",
  "No route to host",
  "Connection refused",
  "Permission denied",
  "Permission denied",
] as const;

function errorOf6(c: Context): Phrase | undefined {
  const own = layersOf(c.step).filter(({ protocol, depth }) => protocol === "icmpv6" && depth === 0);
  const { src } = packetOf(c.step);
  switch (/\((\d+)\)$/.exec(fieldOf(own, "icmpv6.type") ?? "")?.[1]) {
    case "1":
      return phrase("error.why", { src, error: ERRNO6[Number(fieldOf(own, "icmpv6.code"))] ?? "" });
    case "2":
      return phrase("error.mtu.why", { src, mtu: fieldOf(own, "icmpv6.mtu") ?? "?" });
    case "3":
      return phrase("error.ttl.why", { src });
    default:
      return undefined;
  }
}

/** What an ICMP error means to who gets it; undefined for any other packet. */
function errorOf(c: Context): Phrase | undefined {
  const six = errorOf6(c);
  if (six !== undefined) return six;
  const icmp = layersOf(c.step).find(({ protocol, depth }) => protocol === "icmp" && depth === 0);
  if (icmp === undefined || !/unreachable|time exceeded/.test(icmp.summary)) return undefined;
  const { src } = packetOf(c.step);
  if (/time exceeded/.test(icmp.summary)) return phrase("error.ttl.why", { src });
  const mtu = /need to frag \(mtu (\d+)\)/.exec(icmp.summary)?.[1];
  if (mtu !== undefined) return phrase("error.mtu.why", { src, mtu });
  const said = ERRNO.find(([pattern]) => pattern.test(icmp.summary))?.[1] ?? "";
  return phrase("error.why", { src, error: said });
}

/** Ports that traceroute sends to: 33434 and up. traceroute(8). */
const TRACEROUTE_PORTS = { from: 33434, to: 33534 } as const;

/** A packet of traceroute's is meant to be dropped: that is how it learns the way. */
function adviceOf(c: Context, { reason }: DropRecord): TextKey {
  const port = Number(fieldOf(layersOf(c.step), "udp.dstport") ?? 0);
  const isTrace = port >= TRACEROUTE_PORTS.from && port < TRACEROUTE_PORTS.to;
  if (isTrace && reason === "TTL_EXCEEDED") return "drop.ttl.trace.try";
  if (isTrace && reason === "NO_SOCKET") return "drop.nosocket.trace.try";
  return DROPS[reason]?.advice ?? "drop.other.try";
}

/** Drops that deserve words of their own; what to look at, and with which command. */
const DROPS: Readonly<
  Partial<Record<DropReason, { readonly text: TextKey; readonly advice: TextKey; readonly command: string }>>
> = {
  IP_INNOROUTES: { text: "drop.noroute", advice: "drop.noroute.try", command: "ip route" },
  IP_OUTNOROUTES: { text: "drop.noroute", advice: "drop.noroute.try", command: "ip route" },
  UNREACHABLE_ROUTE: { text: "drop.noroute", advice: "drop.noroute.try", command: "ip route" },
  BLACKHOLE_ROUTE: { text: "drop.blackhole", advice: "drop.noroute.try", command: "ip route" },
  NEIGH_FAILED: { text: "drop.neigh", advice: "drop.neigh.try", command: "ip neigh" },
  TTL_EXCEEDED: { text: "drop.ttl", advice: "drop.ttl.try", command: "ip route" },
  FORWARDING_OFF: {
    text: "drop.forwarding",
    advice: "drop.forwarding.try",
    command: "sysctl net.ipv4.ip_forward",
  },
  NETFILTER_DROP: { text: "drop.netfilter", advice: "drop.netfilter.try", command: "iptables -vnL" },
  NO_SOCKET: { text: "drop.nosocket", advice: "drop.nosocket.try", command: "ss -ulnp" },
  OTHERHOST: { text: "drop.otherhost", advice: "drop.otherhost.try", command: "ip link" },
  VXLAN_NO_REMOTE: { text: "drop.noremote", advice: "drop.noremote.try", command: "bridge fdb show" },
  VXLAN_VNI_NOT_FOUND: { text: "drop.vni", advice: "drop.vni.try", command: "ip -d link show type vxlan" },
  IP_RPFILTER: {
    text: "drop.rpfilter",
    advice: "drop.rpfilter.try",
    command: "sysctl net.ipv4.conf.all.rp_filter",
  },
  QDISC_DROP: { text: "drop.qdisc", advice: "drop.qdisc.try", command: "tc -s qdisc show" },
  PKT_TOO_BIG: { text: "drop.toobig", advice: "drop.toobig.try", command: "ip link" },
  XFRM_OUT_NO_STATE: {
    text: "drop.xfrm.nostate",
    advice: "drop.xfrm.nostate.try",
    command: "ip xfrm state",
  },
  XFRM_IN_NO_STATE: {
    text: "drop.xfrm.unknown",
    advice: "drop.xfrm.unknown.try",
    command: "ip xfrm state",
  },
  XFRM_IN_REPLAY: { text: "drop.xfrm.replay", advice: "drop.xfrm.keys.try", command: "ip -s xfrm state" },
  XFRM_IN_ICV: { text: "drop.xfrm.icv", advice: "drop.xfrm.keys.try", command: "ip -s xfrm state" },
  XFRM_POLICY: { text: "drop.xfrm.policy", advice: "drop.xfrm.policy.try", command: "ip xfrm policy" },
  LINK_DOWN: { text: "drop.down", advice: "drop.down.try", command: "ip link" },
  NO_CARRIER: { text: "drop.down", advice: "drop.down.try", command: "ip link" },
};

/** The packet is lost. */
export function explainDrop(c: Context, drop: DropRecord): Explanation {
  const byRule = explainCulprit(c, drop);
  if (byRule !== undefined) return byRule;
  const known = DROPS[drop.reason];
  const { src, dst } = packetOf(c.step);
  const dev = drop.dev === 0 ? "" : c.cast.deviceName(drop.netns, drop.dev);
  const values = { place: placeName(c), reason: drop.reason, where: drop.where, dev, src, dst };
  const isRoute = known?.command === "ip route";
  const isTcp = /NO_SOCKET$/.test(drop.reason) && layersOf(c.step).some(({ protocol }) => protocol === "tcp");
  return {
    headline: phrase("drop", values),
    reason: [phrase(known?.text ?? "drop.other", values), phrase("drop.where", values)],
    table: isRoute ? excerpt(routeTable(question(c)), 6) : undefined,
    check: commandAt(c, drop.netns, isTcp ? "ss -tlnp" : (known?.command ?? "nstat -az")),
    advice: phrase(adviceOf(c, drop), values),
    badge: phrase("badge.drop", values),
  };
}
