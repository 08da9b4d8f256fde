import type { IpsetElement, IpsetSpec, IpsetType } from "../../kernel/uapi/index.ts";
import { parseAddress, parseNumber, parsePort } from "./element.ts";
import { IpsetFailure, syntax, usage } from "./failure.ts";

/** The words behind `create SET TYPE` and behind an element. */

type CreateOption =
  | "family"
  | "hashsize"
  | "maxelem"
  | "netmask"
  | "range"
  | "size"
  | "timeout"
  | "counters"
  | "comment"
  | "forceadd"
  | "skbinfo"
  | "bucketsize"
  | "initval";

const COMMON: readonly CreateOption[] = ["timeout", "counters", "comment", "skbinfo"];
const HASH: readonly CreateOption[] = [
  ...COMMON,
  "family",
  "hashsize",
  "maxelem",
  "forceadd",
  "bucketsize",
  "initval",
];

function createOptions(type: IpsetType): readonly CreateOption[] {
  switch (type) {
    case "hash:ip":
    case "hash:ip,port":
    case "hash:net,net":
      return [...HASH, "netmask"];
    case "bitmap:ip":
      return [...COMMON, "range", "netmask"];
    case "bitmap:port":
      return [...COMMON, "range"];
    case "list:set":
      return [...COMMON, "size"];
    default:
      return HASH;
  }
}

/** What is modelled, by name. */
export const TYPES: Readonly<Record<IpsetType, IpsetType>> = {
  "hash:ip": "hash:ip",
  "hash:net": "hash:net",
  "hash:ip,port": "hash:ip,port",
  "hash:ip,port,ip": "hash:ip,port,ip",
  "hash:ip,port,net": "hash:ip,port,net",
  "hash:net,port": "hash:net,port",
  "hash:net,net": "hash:net,net",
  "bitmap:ip": "bitmap:ip",
  "bitmap:port": "bitmap:port",
  "list:set": "list:set",
};

/** Old names of types. */
const ALIASES: Readonly<Record<string, IpsetType>> = {
  iphash: "hash:ip",
  nethash: "hash:net",
  ipporthash: "hash:ip,port",
  ipportiphash: "hash:ip,port,ip",
  ipportnethash: "hash:ip,port,net",
  netporthash: "hash:net,port",
  netnethash: "hash:net,net",
  ipmap: "bitmap:ip",
  portmap: "bitmap:port",
  setlist: "list:set",
};

export function parseType(word: string): IpsetType {
  return (
    Object.values(TYPES).find((type) => type === word) ??
    ALIASES[word] ??
    syntax(`typename '${word}' is unknown`)
  );
}

type Draft = { -readonly [K in keyof IpsetSpec]: IpsetSpec[K] };

const U32 = 0xffffffff;
const MAX_TIMEOUT = 2147483;
/** A bitmap has at most this many places. */
const MAX_BITMAP = 65536;

/** Models: the create arguments of libipset. */
export function parseCreate(name: string, type: IpsetType, words: readonly string[]): IpsetSpec {
  const allowed = createOptions(type);
  const draft: Draft = { name, type };
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === "-4" || word === "-6") {
      draft.family = word === "-4" ? "inet" : "inet6";
      continue;
    }
    const option = allowed.find((known) => known === word || `--${known}` === word);
    if (option === undefined) usage(`Unknown argument: \`${word}'`);
    if (option === "counters" || option === "comment" || option === "forceadd" || option === "skbinfo") {
      draft[option] = true;
      continue;
    }
    i++;
    const value = words[i] ?? usage(`Missing mandatory argument of option \`${option}'`);
    applyOption(draft, option, value);
  }
  if (allowed.includes("range") && draft.range === undefined) usage("Mandatory option `range' is missing");
  checkSize(draft);
  return draft;
}

function applyOption(
  draft: Draft,
  option: Exclude<CreateOption, "counters" | "comment" | "forceadd" | "skbinfo">,
  value: string,
): void {
  switch (option) {
    case "family":
      if (value === "inet" || value === "ipv4") draft.family = "inet";
      else if (value === "inet6" || value === "ipv6") draft.family = "inet6";
      else syntax(`unknown inet family ${value}`);
      return;
    case "range":
      draft.range = parseRangeOption(draft.type, value);
      return;
    case "netmask": {
      const bits = draft.family === "inet6" ? 128 : 32;
      if (!/^\d+$/.test(value) || Number(value) < 1 || Number(value) > bits)
        syntax(
          `'${value}' is out of range 1-${bits}\nSyntax error: netmask is out of the inclusive range of 1-${bits}`,
        );
      draft.netmask = Number(value);
      return;
    }
    case "timeout":
      draft.timeout = parseNumber(value, 0, MAX_TIMEOUT);
      return;
    case "initval":
      parseNumber(value, 0, U32);
      return;
    case "size":
      draft.size = Math.max(4, parseNumber(value, 0, U32));
      return;
    case "hashsize":
      draft.hashsize = parseNumber(value, 0, U32);
      return;
    case "maxelem":
      draft.maxelem = parseNumber(value, 0, U32);
      return;
    case "bucketsize":
      draft.bucketsize = Math.min(12, Math.max(2, parseNumber(value, 0, 255)));
      return;
  }
}

/** `10.0.0.0/24`, `10.0.0.0-10.0.0.9`, `1-1024`; the smaller end first. */
function parseRangeOption(type: IpsetType, text: string): { from: number; to: number } {
  const slash = text.indexOf("/");
  if (type === "bitmap:ip" && slash >= 0) {
    const length = parseNumber(text.slice(slash + 1), 0, 32);
    const span = 2 ** (32 - length);
    const from = Math.floor(Number(parseAddress(text.slice(0, slash), "inet")) / span) * span;
    return { from, to: from + span - 1 };
  }
  const end = (word: string): number =>
    type === "bitmap:ip" ? Number(parseAddress(word, "inet")) : parsePort(word.replace(/^tcp:/, ""), "tcp");
  const dash = text.indexOf("-");
  if (dash < 0) {
    end(text);
    return usage("Mandatory option `to' is missing");
  }
  const [a, b] = [end(text.slice(0, dash)), end(text.slice(dash + 1))];
  return { from: Math.min(a, b), to: Math.max(a, b) };
}

function checkSize(draft: Draft): void {
  if (draft.type !== "bitmap:ip" || draft.range === undefined) return;
  const step = 2 ** (32 - (draft.netmask ?? 32));
  draft.range = {
    from: Math.floor(draft.range.from / step) * step,
    to: draft.netmask === undefined ? draft.range.to : Math.floor(draft.range.to / step) * step + step - 1,
  };
  if ((draft.range.to - draft.range.from + 1) / step > MAX_BITMAP)
    throw new IpsetFailure(1, "The range you specified exceeds the size limit of the set type");
}

type Extensions = Omit<IpsetElement, "parts">;

/** The words behind an element. `del` and `test` take few of them. */
export function parseExtensions(
  type: IpsetType,
  command: "add" | "del" | "test",
  words: readonly string[],
): Extensions & { readonly skb: boolean } {
  const found: { -readonly [K in keyof Extensions]: Extensions[K] } & { skb: boolean } = { skb: false };
  const adding = command === "add";
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === "nomatch" && type.includes("net") && command !== "del") {
      found.nomatch = true;
      continue;
    }
    const known =
      (adding && ADD_OPTIONS.has(word)) || (type === "list:set" && (word === "before" || word === "after"));
    if (!known) usage(`Unknown argument: \`${word}'`);
    i++;
    const value = words[i] ?? usage(`Missing mandatory argument of option \`${word}'`);
    if (word === "timeout") found.timeout = parseNumber(value, 0, MAX_TIMEOUT);
    else if (word === "packets" || word === "bytes")
      found[word] = parseNumber(value, 0, Number.MAX_SAFE_INTEGER);
    else if (word === "before" || word === "after") found[word] = value;
    else if (word === "comment") {
      if (value.includes('"')) syntax('" character is not permitted in comments');
      found.comment = value;
    } else found.skb = true;
  }
  return found;
}

const ADD_OPTIONS: ReadonlySet<string> = new Set([
  "timeout",
  "packets",
  "bytes",
  "comment",
  "skbmark",
  "skbprio",
  "skbqueue",
]);
