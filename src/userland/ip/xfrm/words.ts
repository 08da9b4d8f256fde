import type {
  XfrmAlgorithm,
  XfrmFlag,
  XfrmLimits,
  XfrmMode,
  XfrmSelector,
  XfrmStateSpec,
} from "../../../kernel/uapi/index.ts";
import { protocolName, protocolNumber } from "../../../formats/protocols.ts";
import type { Ipv4, Ipv4Prefix } from "../../../wire/address.ts";
import { fail, refuse } from "../../args/exit.ts";
import { invalidArgument, unsigned, type Words } from "../../args/words.ts";
import { parseWrittenPrefix } from "../../netlink/addresses.ts";
import { device, type Ip } from "../context.ts";

/** What the commands of `ip xfrm` have in common. Models: ip/ipxfrm.c. */

export function missing(what: string): never {
  return fail(255, `Error: argument "${what}" is required\n`);
}

export const ANYWHERE: Ipv4Prefix = { address: 0 as Ipv4, length: 0 };

/** `src`, `dst`, `proto`, `spi`: what is not said is undefined. */
export interface IdWords {
  src?: Ipv4Prefix;
  dst?: Ipv4Prefix;
  isEsp?: true;
  spi?: number;
}

function prefix(words: Words): Ipv4Prefix {
  const { address, length } = parseWrittenPrefix(words.value());
  return { address, length };
}

const ELSEWHERE = ["ah", "comp", "route2", "hao"];

/** Undefined when the next word begins no ID. Models: xfrm_id_parse. */
export function readId(words: Words, loose: boolean): IdWords | undefined {
  const id: IdWords = {};
  let some = false;
  for (; ; some = true) {
    if (words.accept("src")) id.src = prefix(words);
    else if (words.accept("dst")) id.dst = prefix(words);
    else if (words.accept("proto")) {
      const name = words.value();
      if (ELSEWHERE.includes(name)) refuse(`ip xfrm with proto ${name}`);
      if (name !== "esp") invalidArgument("XFRM-PROTO value is invalid", name);
      id.isEsp = true;
    } else if (words.accept("spi")) id.spi = unsigned(words.value(), "SPI value is invalid");
    else break;
  }
  if (!some) return undefined;
  if (!loose && id.isEsp === undefined) missing("XFRM-PROTO");
  return id;
}

export function readMode(words: Words): XfrmMode {
  const word = words.value();
  if (word === "transport" || word === "tunnel") return word;
  if (["beet", "ro", "in_trigger"].includes(word)) refuse(`ip xfrm with mode ${word}`);
  return invalidArgument("MODE value is invalid", word);
}

export function readReqid(words: Words): number {
  return unsigned(words.value(), "REQID value is invalid");
}

const KNOWN_FLAGS: readonly XfrmFlag[] = ["noecn", "decap-dscp", "nopmtudisc", "icmp", "af-unspec"];
const OTHER_FLAGS = ["wildrecv", "align4", "esn"];

/** `flag` takes all words that are flags; a number is not taken. Models: xfrm_state_flag_parse. */
export function readFlags(words: Words): readonly XfrmFlag[] {
  const flags: XfrmFlag[] = [];
  for (let word = words.value(); ; word = words.next() ?? "") {
    const known = KNOWN_FLAGS.find((flag) => flag === word);
    if (known !== undefined) flags.push(known);
    else if (OTHER_FLAGS.includes(word)) refuse(`ip xfrm with flag ${word}`);
    else if (flags.length === 0) invalidArgument("FLAG value is invalid", word);
    else {
      if (word !== "") words.back();
      return flags;
    }
  }
}

const PORTED = ["tcp", "udp", "sctp", "dccp"];
const TYPED = ["icmp", "ipv6-icmp", "mobility-header"];

/** Undefined when the next word begins no selector. Models: xfrm_selector_parse, xfrm_selector_upspec_parse. */
export function readSelector(ip: Ip, words: Words): XfrmSelector | undefined {
  const draft: { -readonly [K in keyof XfrmSelector]: XfrmSelector[K] } = {
    src: ANYWHERE,
    dst: ANYWHERE,
    protocol: 0,
  };
  let some = false;
  const ports = new Set<string>();
  for (; ; some = true) {
    if (words.accept("src")) draft.src = prefix(words);
    else if (words.accept("dst")) draft.dst = prefix(words);
    else if (words.accept("dev")) draft.dev = device(ip.net, words.value(), 255).index;
    else if (words.accept("proto")) draft.protocol = readProtocol(words);
    else if (words.accept("sport", "type")) {
      words.back();
      const what = words.value();
      ports.add(what);
      draft.sport = unsigned(words.value(), `value after "${what}" is invalid`, 0xffff);
    } else if (words.accept("dport", "code")) {
      words.back();
      const what = words.value();
      ports.add(what);
      draft.dport = unsigned(words.value(), `value after "${what}" is invalid`, 0xffff);
    } else if (words.accept("key")) refuse("ip xfrm with a key of GRE");
    else break;
  }
  checkPorts(draft.protocol, ports);
  return some ? draft : undefined;
}

function readProtocol(words: Words): number {
  const word = words.value();
  if (word === "any") return 0;
  return protocolNumber(word) ?? unsigned(word, "PROTO value is invalid", 255);
}

function checkPorts(protocol: number, said: ReadonlySet<string>): void {
  const name = protocolName(protocol) ?? String(protocol);
  if ((said.has("sport") || said.has("dport")) && protocol !== 0 && !PORTED.includes(name))
    fail(1, `"sport" and "dport" are invalid with PROTO value "${name}"\n`);
  if ((said.has("type") || said.has("code")) && !TYPED.includes(name))
    fail(1, `"type" and "code" are invalid with PROTO value "${name}"\n`);
}

const LIMITS: Readonly<Record<string, readonly [keyof XfrmLimits, string]>> = {
  "time-soft": ["softAdd", "time-soft"],
  "time-hard": ["hardAdd", "time-hard"],
  "time-use-soft": ["softUse", "time-use-soft"],
  "time-use-hard": ["hardUse", "time-use-hard"],
  "byte-soft": ["softBytes", "byte-soft"],
  "byte-hard": ["hardBytes", "byte-hard"],
  "packet-soft": ["softPackets", "packet-soft"],
  "packet-hard": ["hardPackets", "packet-hard"],
};

/** One `limit LIMIT`. Models: xfrm_lifetime_cfg_parse. */
export function readLimit(words: Words, limits: { -readonly [K in keyof XfrmLimits]: XfrmLimits[K] }): void {
  const word = words.value();
  const found = LIMITS[word];
  if (found === undefined) invalidArgument("LIMIT value is invalid", word);
  const [key, name] = found;
  limits[key] = unsigned(words.value(), `value after "${name}" is invalid`, Number.MAX_SAFE_INTEGER);
}

/** A key: hexadecimal after 0x, else the letters themselves. Models: xfrm_algo_parse. */
function readKey(word: string): Uint8Array {
  if (!word.startsWith("0x") || word.length <= 2)
    return Uint8Array.from(word, (letter) => letter.charCodeAt(0));
  const digits = word.slice(2);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  if (!/^[0-9a-f]+$/i.test(even)) invalidArgument("ALGO-KEYMAT value is invalid", word);
  return Uint8Array.from({ length: even.length / 2 }, (_, i) => parseInt(even.slice(2 * i, 2 * i + 2), 16));
}

type AlgorithmWords = Pick<XfrmStateSpec, "auth" | "enc" | "aead">;

/** `auth NAME KEY` and its siblings; undefined when `kind` is none of them. */
export function readAlgorithm(kind: string, words: Words): AlgorithmWords | undefined {
  if (kind === "comp") refuse("ip xfrm with compression");
  if (!["auth", "auth-trunc", "enc", "aead"].includes(kind)) return undefined;
  const name = words.next() ?? missing("ALGO-NAME");
  const key = readKey(words.next() ?? missing("ALGO-KEYMAT"));
  const algorithm: XfrmAlgorithm = { name, key };
  if (kind === "enc") return { enc: algorithm };
  if (kind === "auth") return { auth: algorithm };
  const what = kind === "aead" ? "ALGO-ICV-LEN" : "ALGO-TRUNC-LEN";
  const icvBits = unsigned(words.next() ?? missing(what), `${what} value is invalid`);
  return kind === "aead" ? { aead: { ...algorithm, icvBits } } : { auth: { ...algorithm, icvBits } };
}
