import type { KernelResult, LinkInfo, TunnelOptions } from "../../kernel/uapi/index.ts";
import { formatIpv4, type Ipv4, isMulticast, parseIpv4 } from "../../wire/address.ts";
import { fail, refuse } from "../args/exit.ts";
import { garbage, invalidArgument, matches, type Words } from "../args/words.ts";
import { strerror } from "../os/errno.ts";
import { device, deviceName, type Ip } from "./context.ts";
import { anyOr } from "./kinds/print.ts";
import { readKey, readTos, readTtl, type TunnelDraft } from "./kinds/tunnel.ts";
import { isDeviceName } from "./link-words.ts";

/** `ip tunnel`: tunnels by ioctl(2). Models: ip/iptunnel.c. */

export const TUNNEL_USAGE = `Usage: ip tunnel { add | change | del | show | prl | 6rd } [ NAME ]
        [ mode { gre | ipip | isatap | sit | vti } ]
        [ remote ADDR ] [ local ADDR ]
        [ [i|o]seq ] [ [i|o]key KEY ] [ [i|o]csum ]
        [ prl-default ADDR ] [ prl-nodefault ADDR ] [ prl-delete ADDR ]
        [ 6rd-prefix ADDR ] [ 6rd-relay_prefix ADDR ] [ 6rd-reset ]
        [ ttl TTL ] [ tos TOS ] [ [no]pmtudisc ] [ dev PHYS_DEV ]

Where: NAME := STRING
       ADDR := { IP_ADDRESS | any }
       TOS  := { STRING | 00..ff | inherit | inherit/STRING | inherit/00..ff }
       TTL  := { 1..255 | inherit }
       KEY  := { DOTTED_QUAD | NUMBER }
`;

type Mode = "ipip" | "gre";

interface TunnelWords {
  name?: string;
  mode?: Mode;
  readonly options: TunnelDraft;
}

/** The device that answers the ioctl of a mode. */
const FALLBACK: Readonly<Record<Mode, string>> = { ipip: "tunl0", gre: "gre0" };

function address(words: Words): Ipv4 {
  const word = words.value();
  if (word === "any") return 0 as Ipv4;
  return parseIpv4(word) ?? fail(1, `Error: an IP address is expected rather than "${word}"\n`);
}

function readMode(draft: TunnelWords, words: Words): void {
  const word = words.value();
  if (draft.mode !== undefined) fail(255, "You managed to ask for more than one tunnel mode.\n");
  if (["ipip", "ip/ip"].includes(word)) draft.mode = "ipip";
  else if (["gre", "gre/ip"].includes(word)) draft.mode = "gre";
  else if (["sit", "isatap", "vti", "ipv6/ip", "any/ip"].includes(word)) refuse(`tunnel mode ${word}`);
  else fail(255, `Unknown tunnel mode "${word}"\n`);
}

type Reader = (draft: TunnelWords, words: Words, ip: Ip) => void;

const KEYWORDS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["mode", readMode],
  ["remote", ({ options }, words) => void (options.remote = address(words))],
  ["local", ({ options }, words) => void (options.local = address(words))],
  ["dev", ({ options }, words, ip) => void (options.dev = device(ip.net, words.value()).index)],
  ["ttl", readLife],
  ["hoplimit", readLife],
  ["hlim", readLife],
  ["tos", ({ options }, words) => void (options.tos = readTos(words.value()))],
  ["tclass", ({ options }, words) => void (options.tos = readTos(words.value()))],
  ["dsfield", ({ options }, words) => void (options.tos = readTos(words.value()))],
  ["pmtudisc", ({ options }) => void (options.pathMtuDiscovery = true)],
  ["nopmtudisc", ({ options }) => void (options.pathMtuDiscovery = false)],
  [
    "key",
    ({ options }, words) => {
      options.inputKey = options.outputKey = readKey(words.value());
    },
  ],
  ["ikey", ({ options }, words) => void (options.inputKey = readKey(words.value()))],
  ["okey", ({ options }, words) => void (options.outputKey = readKey(words.value()))],
]);

/** `ttl inherit` leaves what was there. */
function readLife({ options }: TunnelWords, words: Words): void {
  const word = words.value();
  if (word !== "inherit") options.ttl = readTtl(word);
}

const UNMODELLED = ["seq", "iseq", "oseq", "csum", "icsum", "ocsum", "external"];

/** Models: parse_args. A word that is no keyword is the name. */
function readTunnel(ip: Ip, words: Words): TunnelWords {
  const draft: TunnelWords = { options: {} };
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const reader = KEYWORDS.get(word);
    if (reader !== undefined) reader(draft, words, ip);
    else if (UNMODELLED.includes(word)) refuse(`the option "${word}" of ip tunnel`);
    else {
      const name = word === "name" ? words.value() : word;
      if (word !== "name" && matches(word, "help")) fail(255, TUNNEL_USAGE);
      if (draft.name !== undefined) garbage("name", name);
      if (!isDeviceName(name)) invalidArgument('"name" not a valid ifname', name);
      draft.name = name;
    }
  }
  return draft;
}

function modeOf(ip: Ip, draft: TunnelWords): Mode {
  const link = draft.name === undefined ? undefined : ip.net.link.byName(draft.name);
  const known = link?.kind === "gre" || (link?.kind === "ipip" && link.tunnel?.anyProtocol !== true);
  const mode = draft.mode ?? (known ? modeOfKind(link.kind) : undefined);
  return mode ?? fail(1, "cannot determine tunnel mode (ipip, gre, vti or sit)\n");
}

function modeOfKind(kind: LinkInfo["kind"]): Mode {
  return kind === "gre" ? "gre" : "ipip";
}

function check(mode: Mode, options: TunnelDraft): void {
  if (mode === "ipip" && (options.inputKey !== undefined || options.outputKey !== undefined))
    fail(1, "Keys are not allowed with ipip and sit tunnels\n");
  if (isMulticast(options.remote ?? (0 as Ipv4)) && (options.local ?? 0) === 0)
    fail(1, "A broadcast tunnel requires a source address\n");
  if ((options.ttl ?? 0) !== 0 && options.pathMtuDiscovery === false)
    fail(1, "ttl != 0 and nopmtudisc are incompatible\n");
}

/** What an ioctl on a tunnel device answers. Models: lib/tunnel.c tnl_ioctl. */
function answered(result: KernelResult<unknown>, verb: "add" | "delete", device: string): number {
  if (result.ok) return 0;
  return fail(1, `${verb} tunnel "${device}" failed: ${strerror(result.error.errno)}\n`);
}

export function addTunnel(ip: Ip, words: Words): number {
  const draft = readTunnel(ip, words);
  const mode = modeOf(ip, draft);
  check(mode, draft.options);
  const { name, options } = draft;
  const tunnel = { ...options, anyProtocol: false };
  const spec = { kind: mode, ...(name !== undefined && { name }), tunnel, ioctl: true } as const;
  return answered(ip.net.link.add(spec), "add", FALLBACK[mode]);
}

export function changeTunnel(ip: Ip, words: Words): number {
  const draft = readTunnel(ip, words);
  const mode = modeOf(ip, draft);
  const link = ip.net.link.byName(draft.name ?? FALLBACK[mode]);
  if (link?.tunnel === undefined) return fail(1, `add tunnel "${draft.name ?? ""}" failed: No such device\n`);
  check(mode, { ...link.tunnel, ...draft.options });
  return answered(ip.net.link.change(link.index, { tunnel: draft.options }), "add", link.name);
}

export function deleteTunnel(ip: Ip, words: Words): number {
  const draft = readTunnel(ip, words);
  const name = draft.name ?? FALLBACK[modeOf(ip, draft)];
  const link = ip.net.link.byName(name);
  if (link === undefined) return fail(1, `delete tunnel "${name}" failed: No such device\n`);
  if (link.tunnel?.fallback === true)
    return fail(1, `delete tunnel "${name}" failed: Operation not permitted\n`);
  return answered(ip.net.link.delete(link.index), "delete", name);
}

function chosen(draft: TunnelWords, link: LinkInfo): boolean {
  const t = link.tunnel;
  if (t === undefined || link.kind === "gretap") return false;
  const { name, mode, options } = draft;
  // With a mode the one device is asked for, by its name or the mode's own.
  if (mode !== undefined) return link.name === (name ?? FALLBACK[mode]);
  if (name !== undefined && name !== link.name) return false;
  const keys = ["local", "remote", "dev", "inputKey"] as const;
  return keys.every((key) => options[key] === undefined || options[key] === t[key]);
}

export function showTunnels(ip: Ip, words: Words): number {
  const draft = readTunnel(ip, words);
  ip.out.beginLines();
  for (const link of ip.net.link.list()) {
    const { tunnel } = link;
    if (tunnel === undefined || !chosen(draft, link)) continue;
    ip.out.object(null, () => {
      printTunnel(ip, link, tunnel);
      if (ip.options.statistics > 0) printCounters(ip, link);
      ip.out.say("\n");
    });
  }
  return 0;
}

/** Models: print_tunnel. */
function printTunnel(ip: Ip, link: LinkInfo, t: TunnelOptions): void {
  const { out } = ip;
  const mode = link.kind === "gre" ? "gre/ip" : t.anyProtocol ? "any/ip" : "ip/ip";
  out.add("ifname", link.name, `${link.name}: `);
  out.add("mode", mode, `${mode} `);
  out.add("remote", formatIpv4(t.remote), `remote ${anyOr(t.remote)} `);
  out.add("local", formatIpv4(t.local), `local ${anyOr(t.local)}`);
  if (t.dev !== undefined) {
    const name = deviceName(ip.net, t.dev);
    out.add("dev", name, ` dev ${name}`);
  }
  if (t.ttl === 0) out.say(" ttl inherit");
  else out.add("ttl", t.ttl, ` ttl ${t.ttl}`);
  printTos(ip, t.tos);
  if (!t.pathMtuDiscovery) out.add("nopmtudisc", null, " nopmtudisc");
  if (link.kind === "gre") printKeys(ip, t);
}

function printTos(ip: Ip, tos: number): void {
  if (tos === 0) return;
  const hex = `0x${tos.toString(16).padStart(2, "0")}`;
  const rest = tos & ~1;
  const text =
    (tos & 1) === 0 ? hex : rest === 0 ? "inherit" : `inherit/0x${rest.toString(16).padStart(2, "0")}`;
  ip.out.add("tos", hex, ` tos ${text}`);
}

function printKeys(ip: Ip, t: TunnelOptions): void {
  const { out } = ip;
  if (t.inputKey !== undefined && t.inputKey === t.outputKey)
    out.add("key", t.inputKey, ` key ${t.inputKey}`);
  else {
    if (t.inputKey !== undefined) out.add("ikey", t.inputKey, ` ikey ${t.inputKey}`);
    if (t.outputKey !== undefined) out.add("okey", t.outputKey, ` okey ${t.outputKey}`);
  }
  if (out.json) out.array("flags", () => undefined);
}

/** Models: tnl_print_stats. */
function printCounters(ip: Ip, { stats: s }: LinkInfo): void {
  const row = (numbers: readonly number[], widths: readonly number[]): string =>
    numbers.map((value, i) => String(value).padEnd(widths[i]!)).join(" ");
  ip.out.say("\nRX: Packets    Bytes        Errors CsumErrs OutOfSeq Mcasts\n    ");
  ip.out.say(row([s.rxPackets, s.rxBytes, s.rxErrors, 0, 0, s.multicast], [10, 12, 6, 8, 8, 8]));
  ip.out.say("\nTX: Packets    Bytes        Errors DeadLoop NoRoute  NoBufs\n    ");
  ip.out.say(
    row([s.txPackets, s.txBytes, s.txErrors, s.collisions, s.txCarrier, s.txDropped], [10, 12, 6, 8, 8, 6]),
  );
}
