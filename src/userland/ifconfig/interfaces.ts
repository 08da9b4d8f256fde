import type { Address6Info, AddressInfo, LinkInfo } from "../../kernel/uapi/index.ts";
import { formatIpv4, formatMac, ipv4, mask } from "../../wire/address.ts";
import { formatIpv6 } from "../../wire/address6.ts";
import { isPointToPoint, isRunning } from "../netlink/link-flags.ts";
import type { Process } from "../os/process.ts";

/** Interfaces as net-tools sees them: a device, or an address with a label of its own (`eth0:1`). Models: lib/interface.c. */
export interface Interface {
  readonly name: string;
  readonly link: LinkInfo;
  readonly isAlias: boolean;
  readonly address: AddressInfo | undefined;
  readonly addresses6: readonly Address6Info[];
}

/** IFF_* of include/uapi/linux/if.h, in the order of net-tools. */
const FLAGS: readonly (readonly [bit: number, name: string, letter: string])[] = [
  [0x1, "UP", "U"],
  [0x2, "BROADCAST", "B"],
  [0x8, "LOOPBACK", "L"],
  [0x10, "POINTOPOINT", "P"],
  [0x40, "RUNNING", "R"],
  [0x80, "NOARP", "O"],
  [0x100, "PROMISC", "P"],
  [0x1000, "MULTICAST", "M"],
];

export function flagBits(link: LinkInfo): number {
  const loop = link.kind === "loopback";
  const set: readonly boolean[] = [
    link.up,
    link.linkType === "ether",
    loop,
    isPointToPoint(link),
    isRunning(link) && link.lowerUp,
    link.noArp && !loop,
    link.promisc ?? false,
    link.multicast ?? link.linkType === "ether",
  ];
  return FLAGS.reduce((bits, [bit], i) => (set[i] === true ? bits | bit : bits), 0);
}

export function flagNames(bits: number): string {
  return FLAGS.filter(([bit]) => (bits & bit) !== 0)
    .map(([, name]) => name)
    .join(",");
}

/** The letters of `ifconfig -s`, in alphabetical order but for the last two. */
function flagLetters(bits: number): string {
  return ["B", "L", "M", "O", "P", "R", "U"]
    .filter((letter) => FLAGS.some(([bit, , own]) => own === letter && (bits & bit) !== 0))
    .join("");
}

/** nstrcmp(): digits compare as numbers. */
function compareNames(a: string, b: string): number {
  const split = (name: string): [string, number] => {
    const [, stem = name, digits = "-1"] = /^(.*?)(\d*)$/.exec(name) ?? [];
    return [stem, digits === "" ? -1 : Number(digits)];
  };
  const [stemA, numberA] = split(a);
  const [stemB, numberB] = split(b);
  if (stemA !== stemB) return stemA < stemB ? -1 : 1;
  return numberA - numberB;
}

/** All interfaces, by name. SIOCGIFADDR answers with the first address whose label is the name. */
export function interfaces(process: Process): readonly Interface[] {
  const addresses = process.net.address.list();
  const addresses6 = process.net.ipv6.address.list();
  const found: Interface[] = [];
  for (const link of process.net.link.list()) {
    const own = addresses.filter((a) => a.dev === link.index);
    const address = own.find((a) => a.label === link.name) ?? own[0];
    const own6 = addresses6.filter((a) => a.dev === link.index);
    found.push({ name: link.name, link, isAlias: false, address, addresses6: own6 });
    for (const label of new Set(own.map((a) => a.label)))
      if (label !== link.name && label.includes(":"))
        found.push({
          name: label,
          link,
          isAlias: true,
          address: own.find((a) => a.label === label),
          addresses6: [],
        });
  }
  return found.sort((a, b) => compareNames(a.name, b.name));
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** One decimal, cut off. */
function human(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${(Math.floor(value * 10) / 10).toFixed(1)} ${UNITS[unit]!}`;
}

function statistics(link: LinkInfo): string {
  const s = link.stats;
  return (
    `        RX packets ${s.rxPackets}  bytes ${s.rxBytes} (${human(s.rxBytes)})\n` +
    `        RX errors ${s.rxErrors}  dropped ${s.rxDropped}  overruns 0  frame 0\n` +
    `        TX packets ${s.txPackets}  bytes ${s.txBytes} (${human(s.txBytes)})\n` +
    `        TX errors ${s.txErrors}  dropped ${s.txDropped} overruns 0  carrier ${s.txCarrier}  collisions 0\n`
  );
}

/** Scopes of IPv6 addresses by rtnetlink's number: if_inet6's, and the name. */
const SCOPES6: ReadonlyMap<number, readonly [string, string]> = new Map([
  [254, ["0x10", "host"]],
  [253, ["0x20", "link"]],
  [200, ["0x40", "site"]],
]);

/** An address of a hardware type that net-tools does not know: 16 bytes, of which an IP tunnel's end fills four. */
function unspecified(link: LinkInfo): readonly [string, string] {
  const local = link.tunnel?.local ?? 0;
  const bytes = Array.from({ length: 16 }, (_, i) => (i < 4 ? (local >>> (24 - 8 * i)) & 255 : 0));
  const text = bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join("-");
  return [`unspec ${text}`, "UNSPEC"];
}

/** Hardware type and address, and the title of the type. Models: lib/hw.c. */
const HARDWARE: Readonly<Record<LinkInfo["linkType"], (link: LinkInfo) => readonly [string, string]>> = {
  loopback: () => ["loop", "Local Loopback"],
  ether: (link) => [`ether ${formatMac(link.mac)}`, "Ethernet"],
  ipip: () => ["tunnel ", "IPIP Tunnel"],
  gre: unspecified,
  none: unspecified,
};

/** Models: ife_print_long. */
export function longForm({ name, link, address, addresses6, isAlias }: Interface): string {
  const bits = flagBits(link);
  let text = `${name}: flags=${bits}<${flagNames(bits)}>  mtu ${link.mtu}\n`;
  if (address !== undefined) {
    text += `        inet ${formatIpv4(address.local)}  netmask ${formatIpv4(ipv4(mask(address.prefixLength)))}`;
    if (isPointToPoint(link)) text += `  destination ${formatIpv4(address.peer ?? address.local)}`;
    else if (link.linkType === "ether") text += `  broadcast ${formatIpv4(address.broadcast ?? ipv4(0))}`;
    text += "\n";
  }
  for (const a of addresses6) {
    const [id, scope] = SCOPES6.get(a.scope) ?? ["0x0", "global"];
    text += `        inet6 ${formatIpv6(a.local)}  prefixlen ${a.prefixLength}  scopeid ${id}<${scope}>\n`;
  }
  const [hardware, title] = HARDWARE[link.linkType](link);
  text += `        ${hardware}  txqueuelen ${link.txQueueLength}  (${title})\n`;
  return `${text}${isAlias ? "" : statistics(link)}\n`;
}

/** Models: ife_print_short. */
export function shortForm({ name, link }: Interface): string {
  const s = link.stats;
  const cells = [
    `${name.padEnd(16)}${String(link.mtu).padStart(5)}`,
    String(s.rxPackets).padStart(8),
    String(s.rxErrors).padStart(6),
    String(s.rxDropped).padStart(6),
    "0".padEnd(6),
    String(s.txPackets).padStart(8),
    String(s.txErrors).padStart(6),
    String(s.txDropped).padStart(6),
    "0".padStart(6),
    flagLetters(flagBits(link)),
  ];
  return `${cells.join(" ")}\n`;
}
