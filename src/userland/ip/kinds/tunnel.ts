import type { TunnelOptions } from "../../../kernel/uapi/index.ts";
import type { Ipv4 } from "../../../wire/address.ts";
import { fail, refuse } from "../../args/exit.ts";
import { invalidArgument, matches, parseUnsigned, type Words } from "../../args/words.ts";
import { parseAddress } from "../../netlink/addresses.ts";
import { device, type Ip } from "../context.ts";
import { commonSpec, type LinkKindParser } from "./kind.ts";

/** Tunnels as `ip link` makes them. Models: ip/link_iptnl.c, ip/link_gre.c. */

const ENCAP_USAGE = `			[ external ]
			[ noencap ]
			[ encap { fou | gue | none } ]
			[ encap-sport PORT ]
			[ encap-dport PORT ]
			[ [no]encap-csum ]
			[ [no]encap-csum6 ]
			[ [no]encap-remcsum ]
`;

const IPIP_USAGE = `Usage: ... ipip  	[ remote ADDR ]
			[ local ADDR ]
			[ ttl TTL ]
			[ tos TOS ]
			[ [no]pmtudisc ]
			[ 6rd-prefix ADDR ]
			[ 6rd-relay_prefix ADDR ]
			[ 6rd-reset ]
			[ dev PHYS_DEV ]
			[ fwmark MARK ]
${ENCAP_USAGE}			[ mode { ipip | mplsip | any } ]

Where:	ADDR := { IP_ADDRESS | any }
	TOS  := { NUMBER | inherit }
	TTL  := { 1..255 | inherit }
	MARK := { 0x0..0xffffffff }
`;

const greUsage = (kind: string): string => `Usage: ... ${kind.padEnd(9)}	[ remote ADDR ]
			[ local ADDR ]
			[ [no][i|o]seq ]
			[ [i|o]key KEY | no[i|o]key ]
			[ [no][i|o]csum ]
			[ ttl TTL ]
			[ tos TOS ]
			[ [no]pmtudisc ]
			[ [no]ignore-df ]
			[ dev PHYS_DEV ]
			[ fwmark MARK ]
${ENCAP_USAGE}
Where:	ADDR := { IP_ADDRESS | any }
	TOS  := { NUMBER | inherit }
	TTL  := { 1..255 | inherit }
	KEY  := { DOTTED_QUAD | NUMBER }
	MARK := { 0x0..0xffffffff }
`;

export type TunnelDraft = { -readonly [K in keyof TunnelOptions]?: TunnelOptions[K] };

export function readTtl(word: string): number {
  if (word === "inherit") return 0;
  return parseUnsigned(word, 255) ?? invalidArgument("invalid TTL\n", word);
}

/** A DS field: `inherit`, a number in base 16, or both as `inherit/NUMBER`. */
export function readTos(word: string): number {
  const [first, second] = word.startsWith("inherit/") ? [1, word.slice(8)] : [0, word];
  if (second === "inherit") return 1;
  const value = /^(0x)?[0-9a-f]+$/i.test(second) ? parseInt(second, 16) : Infinity;
  return value <= 255 ? value | first : invalidArgument("bad TOS value", word);
}

/** A key: a number, or written as an address. */
export function readKey(word: string): number {
  if (word.includes(".")) return parseAddress(word, "inet");
  const key = parseUnsigned(word);
  if (key === undefined) fail(255, `Invalid value for "key": "${word}"; it should be an unsigned integer\n`);
  return key;
}

type Reader = (draft: TunnelDraft, words: Words, ip: Ip) => void;

const far = (words: Words): Ipv4 => parseAddress(words.value(), "inet");

const ENDS: readonly (readonly [string, Reader])[] = [
  ["remote", (draft, words) => void (draft.remote = far(words))],
  ["local", (draft, words) => void (draft.local = far(words))],
  ["dev", (draft, words, ip) => void (draft.dev = device(ip.net, words.value(), 255).index)],
  ["ttl", (draft, words) => void (draft.ttl = readTtl(words.value()))],
  ["hoplimit", (draft, words) => void (draft.ttl = readTtl(words.value()))],
  ["hlim", (draft, words) => void (draft.ttl = readTtl(words.value()))],
  ["tos", (draft, words) => void (draft.tos = readTos(words.value()))],
  ["tclass", (draft, words) => void (draft.tos = readTos(words.value()))],
  ["dsfield", (draft, words) => void (draft.tos = readTos(words.value()))],
  ["nopmtudisc", (draft) => void (draft.pathMtuDiscovery = false)],
  ["pmtudisc", (draft) => void (draft.pathMtuDiscovery = true)],
  ["noencap", () => undefined],
];

function readMode(draft: TunnelDraft, words: Words): void {
  const word = words.value();
  if (word === "mplsip") refuse("tunnel mode mplsip");
  if (["ipip", "ip4ip4", "ipv4/ipv4", "ipip4"].includes(word)) draft.anyProtocol = false;
  else if (["any", "any/ipv4", "any4"].includes(word)) draft.anyProtocol = true;
  else invalidArgument("Cannot guess tunnel mode.", word);
}

const IPIP_WORDS: readonly (readonly [string, Reader])[] = [...ENDS, ["mode", readMode]];

const GRE_WORDS: readonly (readonly [string, Reader])[] = [
  ...ENDS,
  [
    "key",
    (draft, words) => {
      draft.inputKey = draft.outputKey = readKey(words.value());
    },
  ],
  ["ikey", (draft, words) => void (draft.inputKey = readKey(words.value()))],
  ["okey", (draft, words) => void (draft.outputKey = readKey(words.value()))],
  ["noseq", () => undefined],
  ["nocsum", () => undefined],
];

const UNMODELLED = [
  ..."external encap encap-sport encap-dport encap-csum encap-csum6 encap-remcsum fwmark seq iseq oseq csum icsum ocsum".split(
    " ",
  ),
  "ignore-df",
  "isatap",
  "6rd-prefix",
  "6rd-relay_prefix",
  "6rd-reset",
];

function parser(kind: "ipip" | "gre" | "gretap", usage: string, keywords: typeof IPIP_WORDS): LinkKindParser {
  const read = (ip: Ip, words: Words): TunnelDraft => {
    const draft: TunnelDraft = {};
    for (let word = words.next(); word !== undefined; word = words.next()) {
      const key = word;
      const entry = keywords.find(([keyword]) => key === keyword);
      if (entry !== undefined) entry[1](draft, words, ip);
      else if (UNMODELLED.includes(key)) refuse(`the ${kind} option "${key}"`);
      else fail(matches(key, "help") ? 255 : 1, usage);
    }
    return draft;
  };
  const checked = (draft: TunnelDraft): TunnelDraft => {
    if ((draft.ttl ?? 0) !== 0 && draft.pathMtuDiscovery === false)
      fail(255, "ttl != 0 and nopmtudisc are incompatible\n");
    return draft;
  };
  return {
    kind,
    usage,
    add: (ip, draft, words) => ({ kind, ...commonSpec(draft), tunnel: checked(read(ip, words)) }),
    change: (ip, words) => ({ tunnel: checked(read(ip, words)) }),
  };
}

export const IPIP: LinkKindParser = parser("ipip", IPIP_USAGE, IPIP_WORDS);
export const GRE: LinkKindParser = parser("gre", greUsage("gre"), GRE_WORDS);
export const GRETAP: LinkKindParser = parser("gretap", greUsage("gretap"), GRE_WORDS);
