import type {
  AddrTypeName,
  HashlimitMatch,
  Inverted,
  XtAddressRange,
  XtInterface,
  XtMatch,
  XtRange,
} from "../../kernel/uapi/xtables.ts";
import { formatAddress, isV4, numericAddress, parseInterface } from "./address.ts";
import type { Given, MatchExtension, OptionSpec, RuleContext } from "./extension.ts";
import { notModelled, wrong } from "./failure.ts";
import { policy } from "./match-policy.ts";
import { ADDRESS_TYPES, DSCP_CLASSES, TOS_NAME_MASK, TOS_NAMES } from "./names.ts";
import { HASHLIMIT_SCALE, LIMIT_SCALE, parseRate, type Rate, unitSeconds } from "./rate.ts";
import { parseSetArguments } from "./sets.ts";
import { groupId, userId } from "./users.ts";
import { badValue, mac, number, text, wholeNumber } from "./values.ts";

/** The other matches of iptables-extensions(8), one function each. */

type Match<K extends XtMatch["kind"]> = Extract<XtMatch, { kind: K }>;
type Draft<T> = { -readonly [K in keyof T]: T[K] };

const inverted = (invert: boolean): Inverted => (invert ? { invert } : {});

/** An option that is there or not, and that this model refuses. */
function refused(module: string, name: string, argument?: "none"): OptionSpec {
  return {
    names: [name],
    ...(argument !== undefined && { argument }),
    invert: true,
    multi: true,
    take: () => notModelled(`the option --${name} of iptables' match ${module}`),
  };
}

const addrtype: MatchExtension["begin"] = (_context, self) => {
  const draft: Draft<Match<"addrtype">> = { kind: "addrtype" };
  const types = (value: string): readonly AddrTypeName[] => {
    const got = value.split(",").map((word) => {
      const upper = word.toUpperCase();
      const name = upper === "" ? undefined : ADDRESS_TYPES.find((type) => type.startsWith(upper));
      return name ?? wrong(`${self}: bad type "${word}"`);
    });
    return ADDRESS_TYPES.filter((type) => got.includes(type));
  };
  return {
    options: [
      {
        names: ["src-type"],
        invert: true,
        take: ({ value, invert }) => (draft.source = { types: types(value), ...inverted(invert) }),
      },
      {
        names: ["dst-type"],
        invert: true,
        take: ({ value, invert }) => (draft.dest = { types: types(value), ...inverted(invert) }),
      },
      {
        names: ["limit-iface-in"],
        argument: "none",
        excludes: ["limit-iface-out"],
        take: () => (draft.limitIfaceIn = true),
      },
      {
        names: ["limit-iface-out"],
        argument: "none",
        excludes: ["limit-iface-in"],
        take: () => (draft.limitIfaceOut = true),
      },
    ],
    finish: () =>
      draft.source === undefined && draft.dest === undefined
        ? wrong("addrtype: you must specify --src-type or --dst-type")
        : { ...draft },
  };
};

const set: MatchExtension["begin"] = (context) => {
  let match: Match<"set"> | undefined;
  return {
    options: [
      {
        names: ["match-set"],
        invert: true,
        multi: true,
        take: (given) => {
          if (match !== undefined) wrong("--match-set can be specified only once");
          match = {
            kind: "set",
            ...parseSetArguments(context, "match-set", given),
            ...inverted(given.invert),
          };
        },
      },
      refused("set", "return-nomatch", "none"),
      refused("set", "update-counters", "none"),
      refused("set", "update-subcounters", "none"),
      ...["packets-eq", "packets-lt", "packets-gt", "bytes-eq", "bytes-lt", "bytes-gt"].map((name) =>
        refused("set", name),
      ),
    ],
    finish: () => match ?? wrong("You must specify `--match-set' with proper arguments"),
  };
};

const physdev: MatchExtension["begin"] = (context) => {
  const draft: Draft<Match<"physdev">> = { kind: "physdev" };
  const device = (name: string, put: (of: XtInterface) => void): OptionSpec => ({
    names: [name],
    invert: true,
    take: ({ value, invert }) => put({ ...parseInterface(context, value), ...inverted(invert) }),
  });
  const flag = (name: string, put: (of: Inverted) => void): OptionSpec => ({
    names: [name],
    argument: "none",
    invert: true,
    take: ({ invert }) => put(inverted(invert)),
  });
  return {
    options: [
      device("physdev-in", (of) => (draft.in = of)),
      device("physdev-out", (of) => (draft.out = of)),
      flag("physdev-is-in", (of) => (draft.isIn = of)),
      flag("physdev-is-out", (of) => (draft.isOut = of)),
      flag("physdev-is-bridged", (of) => (draft.isBridged = of)),
    ],
    finish: () =>
      Object.keys(draft).length > 1 ? { ...draft } : wrong("PHYSDEV: no physdev option specified"),
  };
};

const macMatch: MatchExtension["begin"] = () => {
  let match: Match<"mac"> | undefined;
  return {
    options: [
      {
        names: ["mac-source"],
        mandatory: true,
        invert: true,
        take: ({ value, invert }) => (match = { kind: "mac", source: mac(value), ...inverted(invert) }),
      },
    ],
    finish: () => match ?? { kind: "mac", source: mac("00:00:00:00:00:00") },
  };
};

const DEFAULT_BURST = 5;
const MAX_BURST = 10_000;

/** The rate of an option. `bad` says that the text is none. */
function rateOf(text: string, scale: number, bad: () => never): Rate & { readonly writtenSeconds: number } {
  const got = parseRate(text, scale);
  if (got === "bad") return bad();
  return got === "fast" ? wrong(`Rate too fast "${text}"`) : got;
}

const limit: MatchExtension["begin"] = (_context, self) => {
  let rate: Rate = { rate: 3, per: "hour" };
  let burst = DEFAULT_BURST;
  return {
    options: [
      {
        names: ["limit"],
        take: ({ value }) => {
          const got = rateOf(value, LIMIT_SCALE, () => wrong(`bad rate "${value}"'`));
          rate = { rate: got.rate, per: got.per };
        },
      },
      {
        names: ["limit-burst"],
        take: (given) => (burst = number(self, given, 0, MAX_BURST) || DEFAULT_BURST),
      },
    ],
    finish: () => ({ kind: "limit", ...rate, burst }),
  };
};

const MODES: readonly HashlimitMatch["mode"][number][] = ["srcip", "srcport", "dstip", "dstport"];

function hashlimitModes(self: string, given: Given): HashlimitMatch["mode"] {
  const words = given.value.split(",");
  const got = words.map((word) => MODES.find((mode) => mode === word.toLowerCase()) ?? badValue(self, given));
  return MODES.filter((mode) => got.includes(mode));
}

const MAX_HASHLIMIT_NAME = 255;

const hashlimit: MatchExtension["begin"] = (context, self) => {
  const full = context.family === "ip" ? 32 : 128;
  const draft: Draft<HashlimitMatch> = {
    kind: "hashlimit",
    name: "",
    above: false,
    rate: 0,
    per: "second",
    burst: DEFAULT_BURST,
    mode: [],
  };
  let expire: number | undefined;
  let written = 1;
  const rate = (names: readonly string[], above: boolean, other: string): OptionSpec => ({
    names,
    invert: true,
    excludes: [other],
    take: (given) => {
      if (/^\d+[kmg]?b\//i.test(given.value)) notModelled("a rate in bytes of iptables' match hashlimit");
      const got = rateOf(given.value, HASHLIMIT_SCALE, () => badValue(self, given));
      written = got.writtenSeconds;
      Object.assign(draft, { rate: got.rate, per: got.per, above: above !== given.invert });
    },
  });
  const mask = (name: string, put: (length: number) => void): OptionSpec => ({
    names: [name],
    take: (given) => put(wholeNumber(given.value, 0, 255) ?? full),
  });
  return {
    options: [
      rate(["hashlimit-upto", "hashlimit"], false, "hashlimit-above"),
      rate(["hashlimit-above"], true, "hashlimit-upto"),
      mask("hashlimit-srcmask", (n) => (draft.srcmask = n)),
      mask("hashlimit-dstmask", (n) => (draft.dstmask = n)),
      { names: ["hashlimit-burst"], take: (given) => (draft.burst = number(self, given, 1, MAX_BURST)) },
      ...["size", "max", "gcinterval"].map((name) => refused("hashlimit", `hashlimit-htable-${name}`)),
      { names: ["hashlimit-htable-expire"], take: (given) => (expire = number(self, given, 0, 0xffffffff)) },
      { names: ["hashlimit-mode"], take: (given) => (draft.mode = hashlimitModes(self, given)) },
      {
        names: ["hashlimit-name"],
        mandatory: true,
        take: (given) => (draft.name = text(given, MAX_HASHLIMIT_NAME)),
      },
      refused("hashlimit", "hashlimit-rate-match", "none"),
      refused("hashlimit", "hashlimit-rate-interval"),
    ],
    finish: () => {
      if (draft.rate === 0) wrong("You have to specify --hashlimit");
      const htableExpire = expire ?? written * 1000;
      const usual = htableExpire === unitSeconds(draft.per) * 1000;
      if (draft.srcmask === full) delete draft.srcmask;
      if (draft.dstmask === full) delete draft.dstmask;
      return { ...draft, ...(!usual && { htableExpire }) };
    },
  };
};

const owner: MatchExtension["begin"] = (_context, self) => {
  const draft: Draft<Match<"owner">> = { kind: "owner" };
  const range = (given: Given, lookup: (name: string) => number | undefined): XtRange => {
    const known = lookup(given.value);
    const words = given.value.split("-");
    const ids = known === undefined ? words.map((word) => wholeNumber(word, 0, 0xfffffffe)) : [known];
    const [min, max = min] = ids;
    if (min === undefined || max === undefined || ids.length > 2) return badValue(self, given);
    return { min, max, ...inverted(given.invert) };
  };
  return {
    options: [
      { names: ["uid-owner"], invert: true, take: (given) => (draft.uid = range(given, userId)) },
      { names: ["gid-owner"], invert: true, take: (given) => (draft.gid = range(given, groupId)) },
      {
        names: ["socket-exists"],
        argument: "none",
        invert: true,
        take: ({ invert }) => (draft.socketExists = inverted(invert)),
      },
      refused("owner", "suppl-groups", "none"),
    ],
    finish: () =>
      Object.keys(draft).length > 1
        ? { ...draft }
        : wrong("owner: At least one of --uid-owner, --gid-owner or --socket-exists is required"),
  };
};

const socket: MatchExtension["begin"] = () => {
  const draft: Draft<Match<"socket">> = { kind: "socket" };
  return {
    options: [
      { names: ["transparent"], argument: "none", take: () => (draft.transparent = true) },
      { names: ["nowildcard"], argument: "none", take: () => (draft.nowildcard = true) },
      { names: ["restore-skmark"], argument: "none", take: () => (draft.restoreMark = true) },
    ],
    finish: () => ({ ...draft }),
  };
};

const PACKET_TYPES: readonly (readonly [string, Match<"pkttype">["type"]])[] = [
  ["unicast", "unicast"],
  ["broadcast", "broadcast"],
  ["multicast", "multicast"],
  ["host", "unicast"],
  ["bcast", "broadcast"],
  ["mcast", "multicast"],
];

const pkttype: MatchExtension["begin"] = () => {
  let match: Match<"pkttype"> = { kind: "pkttype", type: "unicast" };
  return {
    options: [
      {
        names: ["pkt-type"],
        mandatory: true,
        invert: true,
        take: ({ value, invert }) => {
          const type = PACKET_TYPES.find(([name]) => name.startsWith(value.toLowerCase()))?.[1];
          match = { kind: "pkttype", type: type ?? wrong(`Bad packet type '${value}'`), ...inverted(invert) };
        },
      },
    ],
    finish: () => match,
  };
};

/** The number of a DSCP class. */
export function dscpClass(name: string): number {
  const upper = name.toUpperCase();
  const value = Object.hasOwn(DSCP_CLASSES, upper) ? DSCP_CLASSES[upper] : undefined;
  return value ?? wrong(`Invalid DSCP value \`${name}'`);
}

const dscp: MatchExtension["begin"] = (_context, self) => {
  let match: Match<"dscp"> | undefined;
  return {
    options: [
      {
        names: ["dscp"],
        invert: true,
        excludes: ["dscp-class"],
        take: (given) =>
          (match = { kind: "dscp", value: number(self, given, 0, 63), ...inverted(given.invert) }),
      },
      {
        names: ["dscp-class"],
        invert: true,
        excludes: ["dscp"],
        take: ({ value, invert }) => (match = { kind: "dscp", value: dscpClass(value), ...inverted(invert) }),
      },
    ],
    finish: () => match ?? wrong("DSCP match: Parameter --dscp is required"),
  };
};

/** `VALUE`, `VALUE/MASK` or a name of TOS_NAMES. Models: libxtables xtopt_parse_tosmask. */
export function tosAndMask(given: string): { readonly value: number; readonly mask: number } {
  const [word = "", ...rest] = given.split("/");
  const value = wholeNumber(word, 0, 255);
  if (value !== undefined) {
    const mask = rest.length === 0 ? 255 : wholeNumber(rest.join("/"), 0, 255);
    return { value, mask: mask ?? wrong(`Symbolic name "${given}" is unknown`) };
  }
  const names = Object.entries(TOS_NAMES).filter(
    ([name]) => given !== "" && name.toLowerCase().startsWith(given.toLowerCase()),
  );
  const [first, second] = names;
  if (first === undefined) return wrong(`Symbolic name "${given}" is unknown`);
  if (second !== undefined) wrong(`Symbolic name "${given}" is ambiguous.`);
  return { value: first[1], mask: TOS_NAME_MASK };
}

const tos: MatchExtension["begin"] = () => {
  let match: Match<"tos"> = { kind: "tos", value: 0, mask: 0 };
  return {
    options: [
      {
        names: ["tos"],
        mandatory: true,
        invert: true,
        take: ({ value, invert }) => (match = { kind: "tos", ...tosAndMask(value), ...inverted(invert) }),
      },
    ],
    finish: () => match,
  };
};

function addressRange(context: RuleContext, self: string, given: Given): XtAddressRange {
  const one = (word: string) => numericAddress(context.family, word) ?? badValue(self, given);
  const [low = "", high, ...more] = given.value.split("-");
  if (more.length > 0) badValue(self, given);
  const min = one(low);
  const max = high === undefined ? min : one(high);
  if (isV4(min) && isV4(max) && min > max)
    context.warn(
      `xt_iprange: range ${formatAddress(min)}-${formatAddress(max)} is reversed and will never match\n`,
    );
  return { min, max, ...inverted(given.invert) };
}

const iprange: MatchExtension["begin"] = (context, self) => {
  const draft: Draft<Match<"iprange">> = { kind: "iprange" };
  return {
    options: [
      {
        names: ["src-range"],
        invert: true,
        take: (given) => (draft.source = addressRange(context, self, given)),
      },
      {
        names: ["dst-range"],
        invert: true,
        take: (given) => (draft.dest = addressRange(context, self, given)),
      },
    ],
    finish: () =>
      Object.keys(draft).length > 1
        ? { ...draft }
        : wrong("iprange match: You must specify `--src-range' or `--dst-range'"),
  };
};

const rpfilter: MatchExtension["begin"] = () => {
  const draft: Draft<Match<"rpfilter">> = { kind: "rpfilter" };
  return {
    options: [
      { names: ["loose"], argument: "none", take: () => (draft.loose = true) },
      { names: ["validmark"], argument: "none", take: () => (draft.validmark = true) },
      { names: ["accept-local"], argument: "none", take: () => (draft.acceptLocal = true) },
      { names: ["invert"], argument: "none", take: () => (draft.invert = true) },
    ],
    finish: () => ({ ...draft }),
  };
};

export const MORE_MATCHES: readonly MatchExtension[] = Object.entries({
  addrtype,
  dscp,
  hashlimit,
  iprange,
  limit,
  mac: macMatch,
  owner,
  physdev,
  pkttype,
  policy,
  rpfilter,
  set,
  socket,
  tos,
}).map(([name, begin]) => ({ name, begin }));
