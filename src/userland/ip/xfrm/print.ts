import type {
  XfrmFlag,
  XfrmLifetime,
  XfrmLimits,
  XfrmPolicyInfo,
  XfrmSelector,
  XfrmStateInfo,
  XfrmTemplate,
} from "../../../kernel/uapi/index.ts";
import { hex } from "../../../base/bytes.ts";
import { protocolName } from "../../../formats/protocols.ts";
import { NANOS_PER_SECOND } from "../../../sim/time.ts";
import { formatIpv4, formatPrefix } from "../../../wire/address.ts";
import { EPOCH_SECONDS } from "../../shell/specials.ts";
import { momentOf, strftime } from "../../text/strftime.ts";
import { deviceName, type Ip } from "../context.ts";

/** States and policies as text. Models: ip/ipxfrm.c xfrm_state_info_print, xfrm_policy_info_print. */

const word = (value: number): string => `0x${value.toString(16).padStart(8, "0")}`;

/** How the lines are written: `-o` breaks them with a backslash, `nokeys` hides what is secret. */
export interface Style {
  readonly hideKeys?: boolean;
  /** What every line but the first begins with. */
  readonly indent?: string;
}

class Lines {
  private readonly parts: string[] = [];
  private readonly end: string;

  constructor(ip: Ip, indent = "") {
    this.end = ip.options.oneLine ? "\\" : `\n${indent}`;
  }

  line(text: string): void {
    this.parts.push(text);
  }

  /** The last line's break is a line feed in any case. */
  text(ip: Ip): string {
    return this.parts.join(this.end) + (ip.options.oneLine ? "\\\n" : "\n");
  }
}

export function selectorText(ip: Ip, s: XfrmSelector): string {
  const port = (name: string, value: number | undefined): string =>
    value === undefined ? "" : `${name} ${value} `;
  const name = protocolName(s.protocol) ?? String(s.protocol);
  const [source, dest] = ["icmp", "ipv6-icmp"].includes(name) ? ["type", "code"] : ["sport", "dport"];
  const named = s.protocol === 0 ? "" : `proto ${name} `;
  const upper = `${named}${port(source, s.sport)}${port(dest, s.dport)}`;
  const dev = s.dev === undefined ? "" : `dev ${deviceName(ip.net, s.dev)} `;
  return `src ${formatPrefix(s.src)} dst ${formatPrefix(s.dst)} ${upper}${dev}`;
}

const FLAG_BITS: readonly (readonly [XfrmFlag, number])[] = [
  ["noecn", 1],
  ["decap-dscp", 2],
  ["nopmtudisc", 4],
  ["icmp", 16],
  ["af-unspec", 32],
];

function moment(at: number | undefined): string {
  if (at === undefined) return "-";
  return strftime("%Y-%m-%d %H:%M:%S", momentOf(EPOCH_SECONDS + Math.floor(at / NANOS_PER_SECOND)));
}

function lifetimes(out: Lines, limits: XfrmLimits, current: XfrmLifetime): void {
  const most = (value: number | undefined): string => (value === undefined ? "(INF)" : String(value));
  const { softBytes, hardBytes, softPackets, hardPackets } = limits;
  const { softAdd = 0, hardAdd = 0, softUse = 0, hardUse = 0 } = limits;
  out.line("\tlifetime config:");
  out.line(`\t  limit: soft ${most(softBytes)}(bytes), hard ${most(hardBytes)}(bytes)`);
  out.line(`\t  limit: soft ${most(softPackets)}(packets), hard ${most(hardPackets)}(packets)`);
  out.line(`\t  expire add: soft ${softAdd}(sec), hard ${hardAdd}(sec)`);
  out.line(`\t  expire use: soft ${softUse}(sec), hard ${hardUse}(sec)`);
  out.line("\tlifetime current:");
  out.line(`\t  ${current.bytes}(bytes), ${current.packets}(packets)`);
  out.line(`\t  add ${moment(current.added)} use ${moment(current.used)}`);
}

/** `brief` leaves out what a message about an expired state lacks. */
export function stateText(ip: Ip, s: XfrmStateInfo, style: Style = {}, brief = false): string {
  const stats = ip.options.statistics > 0;
  const out = new Lines(ip, style.indent);
  const extra = (text: string): string => (stats ? text : "");
  out.line(`src ${formatIpv4(s.src)} dst ${formatIpv4(s.dst)}`);
  const spi = `${word(s.spi)}${extra(`(${s.spi})`)}`;
  out.line(`\tproto esp spi ${spi} reqid ${s.reqid}${extra(`(${word(s.reqid)})`)} mode ${s.mode}`);
  const flags = FLAG_BITS.filter(([flag]) => s.flags.includes(flag));
  const bits = flags.reduce((sum, [, bit]) => sum + bit, 0);
  const named = flags.map(([flag]) => flag).join(" ");
  const seq = extra(`seq 0x${String(s.seq).padStart(8, "0")} `);
  const shown = stats || bits !== 0 ? `flag ${named}` : "";
  out.line(`\treplay-window ${s.replayWindow} ${seq}${shown}${extra(` (${word(bits)})`)}`);
  if (!brief) algorithms(out, s, stats, style.hideKeys === true);
  // Such a state without a selector is for packets of either family.
  const { selector } = s;
  const any = selector.src.length + selector.dst.length + selector.protocol === 0;
  if (!any || !s.flags.includes("af-unspec"))
    out.line(`\tsel ${selectorText(ip, selector)}${extra("uid 0")}`);
  if (stats) {
    lifetimes(out, s.limits, s.current);
    const { replayWindow, replay, failed } = s.statistics;
    out.line("\tstats:");
    out.line(`\t  replay-window ${replayWindow} replay ${replay} failed ${failed}`);
  }
  return out.text(ip);
}

function algorithms(out: Lines, s: XfrmStateInfo, stats: boolean, hideKeys: boolean): void {
  const key = (bytes: Uint8Array): string => {
    if (hideKeys) return "<<Keys hidden>>";
    const digits = bytes.length === 0 ? "" : `0x${hex(bytes)}`;
    return stats ? `${digits} (${bytes.length * 8} bits)` : digits;
  };
  const { auth, enc, aead, encap, replay } = s;
  if (auth !== undefined) out.line(`\tauth-trunc ${auth.name} ${key(auth.key)} ${auth.icvBits ?? 0}`);
  if (aead !== undefined) out.line(`\taead ${aead.name} ${key(aead.key)} ${aead.icvBits}`);
  if (enc !== undefined) out.line(`\tenc ${enc.name} ${key(enc.key)}`);
  if (encap !== undefined) {
    const { sport, dport, address } = encap;
    out.line(`\tencap type espinudp sport ${sport} dport ${dport} addr ${formatIpv4(address)}`);
  }
  const { seq, oseq, bitmap } = replay;
  out.line(
    `\tanti-replay context: seq 0x${seq.toString(16)}, oseq 0x${oseq.toString(16)}, bitmap ${word(bitmap)}`,
  );
}

export function policyText(ip: Ip, p: XfrmPolicyInfo, style: Style = {}): string {
  const stats = ip.options.statistics > 0;
  const out = new Lines(ip, style.indent);
  out.line(`${selectorText(ip, p.selector)}${stats ? "uid 0" : ""}`);
  const action = stats || p.action === "block" ? `action ${p.action} ` : "";
  const index = stats ? `index ${p.index} ` : "";
  const share = stats ? "share any " : "";
  const flags = [
    ...(p.flags.includes("localok") ? ["localok"] : []),
    ...(p.flags.includes("icmp") ? ["icmp"] : []),
  ];
  const bits = (p.flags.includes("localok") ? 1 : 0) + (p.flags.includes("icmp") ? 16 : 0);
  const flagged = stats || bits !== 0 ? `flag ${flags.join(" ")}` : "";
  const value = stats ? ` (${word(bits)})` : "";
  out.line(`\tdir ${p.dir} ${action}${index}priority ${p.priority} ptype main ${share}${flagged}${value}`);
  if (stats) lifetimes(out, p.limits, p.current);
  if (p.template !== undefined) template(out, p.template, stats);
  return out.text(ip);
}

function template(out: Lines, t: XfrmTemplate, stats: boolean): void {
  out.line(`\ttmpl src ${formatIpv4(t.src)} dst ${formatIpv4(t.dst)}`);
  const spi = stats ? `spi ${word(t.spi)}(${t.spi}) ` : t.spi === 0 ? "" : `spi ${word(t.spi)} `;
  out.line(`\t\tproto esp ${spi}reqid ${t.reqid}${stats ? `(${word(t.reqid)})` : ""} mode ${t.mode}`);
  if (stats) {
    out.line(`\t\tlevel ${t.optional ? "use" : "required"} share any `);
    out.line("\t\tenc-mask ffffffff auth-mask ffffffff comp-mask ffffffff");
  } else if (t.optional) out.line("\t\tlevel use ");
}
