import type { VxlanOptions } from "../../../kernel/uapi/index.ts";
import { type Ipv4, isMulticast } from "../../../wire/address.ts";
import { fail, refuse } from "../../args/exit.ts";
import { garbage, invalidArgument, matches, parseUnsigned, type Words } from "../../args/words.ts";
import { parseAddress } from "../../netlink/addresses.ts";
import { device, type Ip } from "../context.ts";
import { VXLAN_KIND_USAGE } from "../usage.ts";
import type { LinkKindParser } from "./kind.ts";

/** Models: ip/iplink_vxlan.c vxlan_parse_opt. */

type Draft = { -readonly [K in keyof VxlanOptions]?: VxlanOptions[K] } & {
  portGiven?: boolean;
  external?: boolean;
};

type Reader = (draft: Draft, words: Words, ip: Ip) => void;

/** check_duparg(). */
function once(known: unknown, key: string, word: string): void {
  if (known !== undefined) garbage(key, word);
}

function number(word: string, why: string, max: number): number {
  return parseUnsigned(word, max) ?? invalidArgument(why, word);
}

function readId(draft: Draft, words: Words): void {
  const word = words.value();
  once(draft.id, "id", word);
  draft.id = number(word, "invalid id", 0xffffff);
}

/** An address that must, or must not, be a multicast group; 0.0.0.0 says nothing. */
function readFar(key: "group" | "remote" | "local"): Reader {
  return (draft, words) => {
    const word = words.value();
    once(draft[key], key, word);
    const address: Ipv4 = parseAddress(word);
    if (isMulticast(address) !== (key === "group")) invalidArgument(`invalid ${key} address`, word);
    if (address !== 0) draft[key] = address;
  };
}

function readTtl(draft: Draft, words: Words): void {
  const word = words.value();
  once(draft.ttl, "ttl", word);
  if (word === "inherit") refuse("vxlan ttl inherit");
  const ttl = word === "auto" ? 0 : number(word, "invalid TTL", 0xffffffff);
  if (ttl > 255) invalidArgument("TTL must be <= 255", word);
  draft.ttl = ttl;
}

function readPorts(draft: Draft, words: Words): void {
  const min = words.value();
  draft.srcPortMin = number(min, "min port", 65535);
  const max = words.value();
  draft.srcPortMax = number(max, "max port", 65535);
}

function readPort(draft: Draft, words: Words): void {
  const word = words.value();
  const port = number(word, "dst port", 65535);
  draft.portGiven = true;
  if (port !== 0) draft.dstPort = port;
}

function readAgeing(draft: Draft, words: Words): void {
  const word = words.value();
  once(draft.ageing, "ageing", word);
  draft.ageing = word === "none" ? 0 : number(word, "ageing timer", 0xffffffff);
}

/** In iproute2's order of trial: every keyword may be cut short. */
const KEYWORDS: readonly (readonly [string, Reader])[] = [
  ["id", readId],
  ["vni", readId],
  ["group", readFar("group")],
  ["remote", readFar("remote")],
  ["local", readFar("local")],
  ["dev", (draft, words, ip) => void (draft.dev = device(ip.net, words.value(), 255).index)],
  ["ttl", readTtl],
  ["ageing", readAgeing],
  ["port", readPorts],
  ["srcport", readPorts],
  ["dstport", readPort],
  ["nolearning", (draft) => void (draft.learning = false)],
  ["learning", (draft) => void (draft.learning = true)],
  ["l2miss", (draft) => void (draft.l2miss = true)],
  ["nol2miss", (draft) => void (draft.l2miss = false)],
  ["l3miss", (draft) => void (draft.l3miss = true)],
  ["nol3miss", (draft) => void (draft.l3miss = false)],
  ["external", (draft) => void (draft.external = true)],
];

/** Words that only repeat what the kernel does anyway. */
const DEFAULTS = ["noproxy", "norsc", "udpcsum", "noudp6zerocsumtx", "noudp6zerocsumrx"];
const MORE_DEFAULTS = ["noremcsumtx", "noremcsumrx", "noexternal", "novnifilter"];
const UNMODELLED = ["tos", "df", "label", "flowlabel", "maxaddress", "proxy", "rsc", "noudpcsum"];
const MORE_UNMODELLED = [
  "udp6zerocsumtx",
  "udp6zerocsumrx",
  "remcsumtx",
  "remcsumrx",
  "gbp",
  "gpe",
  "vnifilter",
];

function readVxlan(ip: Ip, words: Words): Draft {
  const draft: Draft = {};
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const key = word;
    const entry = KEYWORDS.find(([keyword]) => matches(key, keyword));
    if (entry !== undefined) entry[1](draft, words, ip);
    else if ([...UNMODELLED, ...MORE_UNMODELLED].includes(key)) refuse(`the vxlan option "${key}"`);
    else if (![...DEFAULTS, ...MORE_DEFAULTS].includes(key))
      fail(1, (matches(key, "help") ? "" : `vxlan: unknown command "${key}"?\n`) + VXLAN_KIND_USAGE);
  }
  return draft;
}

function check(draft: Draft): void {
  if (draft.external === true) {
    if (draft.id !== undefined) fail(1, "vxlan: both 'external' and vni cannot be specified\n");
    refuse("vxlan external");
  }
  if (draft.id === undefined) fail(1, "vxlan: missing virtual network identifier\n");
  if (draft.group !== undefined && draft.remote !== undefined)
    fail(1, "vxlan: both group and remote cannot be specified\n");
  if (draft.group !== undefined && draft.dev === undefined)
    fail(1, "vxlan: 'group' requires 'dev' to be specified\n");
}

const NO_PORT = `vxlan: destination port not specified
Will use Linux kernel default (non-standard value)
Use 'dstport 4789' to get the IANA assigned value
Use 'dstport 0' to get default and quiet this message
`;

function options(draft: Draft): Partial<VxlanOptions> {
  const { portGiven: _port, external: _external, ...rest } = draft;
  return rest;
}

export const VXLAN: LinkKindParser = {
  kind: "vxlan",
  usage: VXLAN_KIND_USAGE,
  add(ip, common, words) {
    const any = words.left > 0;
    const draft = readVxlan(ip, words);
    if (any) check(draft);
    if (any && draft.portGiven !== true) ip.warnings.push(NO_PORT);
    const { id } = draft;
    if (id === undefined) fail(2, "Error: Required attributes not provided to perform the operation.\n");
    const name = common.name ?? common.dev;
    return {
      kind: "vxlan",
      ...(name !== undefined && { name }),
      ...(common.mac !== undefined && { mac: common.mac }),
      ...(common.mtu !== undefined && { mtu: common.mtu }),
      vxlan: { ...options(draft), id },
    };
  },
  change(ip, words) {
    return { vxlan: options(readVxlan(ip, words)) };
  },
};
