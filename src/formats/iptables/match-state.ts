import type {
  ConntrackMatch,
  CtStateName,
  Inverted,
  RecentMatch,
  XtMatch,
  XtMark,
  XtRange,
} from "../../kernel/uapi/xtables.ts";
import { atonAddress, parseHostMask, prefixMask } from "./address.ts";
import type { Given, MatchExtension, OptionSpec, RuleContext } from "./extension.ts";
import { wrong } from "./failure.ts";
import { CT_STATES, CT_STATUSES, type CtStatusName } from "./names.ts";
import {
  badValue,
  markAndMask,
  number,
  numberRange,
  protocol,
  resolvedPortRange,
  text,
  wholeNumber,
} from "./values.ts";

/** The matches on what the kernel remembers: conntrack, state, marks, recent, and the comment. */

/** A list of words, each the beginning of a name; in the order of `names`. */
function wordList<T extends string>(
  value: string,
  names: readonly T[],
  complaint: (word: string) => string,
): T[] {
  const got = new Set<T>();
  for (const word of value.split(",")) {
    const upper = word.toUpperCase();
    const name = upper === "" ? undefined : names.find((candidate) => candidate.startsWith(upper));
    if (name === undefined) return wrong(complaint(word));
    got.add(name);
  }
  return names.filter((name) => got.has(name));
}

const STATE_LOOKUP: readonly CtStateName[] = CT_STATES;

const comment: MatchExtension["begin"] = () => {
  let words = "";
  return {
    options: [
      {
        names: ["comment"],
        mandatory: true,
        take: ({ value }) => {
          words = value.slice(0, MAX_COMMENT);
        },
      },
    ],
    finish: () => ({ kind: "comment", text: words }),
  };
};

const MAX_COMMENT = 255;

const state: MatchExtension["begin"] = () => {
  let match: Extract<XtMatch, { kind: "state" }> = { kind: "state", states: [] };
  return {
    options: [
      {
        names: ["state"],
        mandatory: true,
        invert: true,
        take: ({ value, invert }) => {
          const known = STATE_LOOKUP.filter((name) => name !== "SNAT" && name !== "DNAT");
          const states = wordList(value, known, (word) => `Bad state "${word}"`);
          match = { kind: "state", states, ...(invert && { invert }) };
        },
      },
    ],
    finish: () => match,
  };
};

type ConntrackDraft = { -readonly [K in keyof ConntrackMatch]: ConntrackMatch[K] };

const inverted = (invert: boolean): Inverted => (invert ? { invert } : {});

function conntrackAddresses(
  context: RuleContext,
  self: string,
  draft: ConntrackDraft,
): readonly OptionSpec[] {
  const option = (name: string, key: "origSrc" | "origDst" | "replSrc" | "replDst"): OptionSpec => ({
    names: [name],
    invert: true,
    take: ({ value, invert }) => {
      draft[key] = { ...parseHostMask(context, self, name, value), ...inverted(invert) };
    },
  });
  return [
    option("ctorigsrc", "origSrc"),
    option("ctorigdst", "origDst"),
    option("ctreplsrc", "replSrc"),
    option("ctrepldst", "replDst"),
  ];
}

function conntrackPorts(draft: ConntrackDraft): readonly OptionSpec[] {
  const option = (
    name: string,
    key: "origSrcPort" | "origDstPort" | "replSrcPort" | "replDstPort",
  ): OptionSpec => ({
    names: [name],
    invert: true,
    take: ({ value, invert }) => {
      draft[key] = { ...resolvedPortRange(value), ...inverted(invert) };
    },
  });
  return [
    option("ctorigsrcport", "origSrcPort"),
    option("ctorigdstport", "origDstPort"),
    option("ctreplsrcport", "replSrcPort"),
    option("ctrepldstport", "replDstPort"),
  ];
}

const MAX_SECONDS = 0xffffffff;

const conntrack: MatchExtension["begin"] = (context, self) => {
  const draft: ConntrackDraft = { kind: "conntrack" };
  const take = {
    state: ({ value, invert }: Given): void => {
      const states = wordList(value, STATE_LOOKUP, (word) => `Bad ctstate "${word}"`);
      draft.state = { states, ...inverted(invert) };
    },
    status: ({ value, invert }: Given): void => {
      const status = wordList<CtStatusName>(value, CT_STATUSES, (word) => `Bad ctstatus "${word}"`);
      draft.status = { status, ...inverted(invert) };
    },
    protocol: ({ value, invert }: Given): void => {
      const got = protocol(value.toLowerCase());
      if (got === 0 && invert) wrong("conntrack: rule would never match protocol");
      draft.protocol = { protocol: got, ...inverted(invert) };
    },
    expire: (given: Given): void => {
      draft.expire = { ...numberRange(self, given, MAX_SECONDS), ...inverted(given.invert) };
    },
    direction: (given: Given): void => {
      const upper = given.value.toUpperCase();
      draft.direction = upper === "ORIGINAL" || upper === "REPLY" ? upper : badValue(self, given);
    },
  };
  return {
    options: [
      { names: ["ctstate"], invert: true, take: take.state },
      { names: ["ctproto"], invert: true, take: take.protocol },
      ...conntrackAddresses(context, self, draft),
      { names: ["ctstatus"], invert: true, take: take.status },
      { names: ["ctexpire"], invert: true, take: take.expire },
      { names: ["ctdir"], take: take.direction },
      ...conntrackPorts(draft),
    ],
    finish: () =>
      Object.keys(draft).length > 1 ? { ...draft } : wrong("conntrack: At least one option is required"),
  };
};

function mark(kind: "mark" | "connmark"): MatchExtension["begin"] {
  return (_context, self) => {
    let got: XtMark = { mark: 0, mask: 0 };
    return {
      options: [
        {
          names: ["mark"],
          mandatory: true,
          invert: true,
          take: (given) => {
            got = { ...markAndMask(self, given), ...inverted(given.invert) };
          },
        },
      ],
      finish: () => ({ kind, ...got }),
    };
  };
}

const ACTIONS = ["set", "rcheck", "update", "remove"] as const;
/** XT_RECENT_NAME_LEN less the final zero. */
const MAX_RECENT_NAME = 199;

type RecentDraft = { -readonly [K in keyof RecentMatch]: RecentMatch[K] };

function recentActions(draft: RecentDraft, chosen: () => void): readonly OptionSpec[] {
  return ACTIONS.map((action) => ({
    names: [action],
    argument: "none",
    invert: true,
    excludes: ACTIONS.filter((other) => other !== action),
    take: ({ invert }) => {
      chosen();
      draft.action = action;
      if (invert) draft.invert = true;
    },
  }));
}

const recent: MatchExtension["begin"] = (context, self) => {
  const full = prefixMask(context.family, context.family === "ip" ? 32 : 128);
  const draft: RecentDraft = { kind: "recent", name: "DEFAULT", action: "set", side: "source", mask: full };
  let chosen = false;
  const side = (name: string, to: "source" | "dest"): OptionSpec => ({
    names: [name],
    argument: "none",
    take: () => {
      draft.side = to;
    },
  });
  return {
    options: [
      ...recentActions(draft, () => {
        chosen = true;
      }),
      { names: ["seconds"], take: (given) => (draft.seconds = number(self, given, 1, MAX_SECONDS)) },
      { names: ["reap"], argument: "none", also: ["seconds"], take: () => (draft.reap = true) },
      { names: ["hitcount"], take: (given) => (draft.hitcount = number(self, given, 1, MAX_SECONDS)) },
      { names: ["rttl"], argument: "none", excludes: ["set", "remove"], take: () => (draft.rttl = true) },
      { names: ["name"], take: (given) => (draft.name = text(given, MAX_RECENT_NAME)) },
      side("rsource", "source"),
      side("rdest", "dest"),
      {
        names: ["mask"],
        take: ({ value }) => {
          draft.mask =
            atonAddress(context.family, value) ??
            wrong("getaddrinfo: Temporary failure in name resolution\n");
        },
      },
    ],
    finish: () =>
      chosen
        ? { ...draft }
        : wrong("recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'"),
  };
};

const RANDOM_SCALE = 0x80000000;

/** strtod(3) over the whole word, 0 to 1. */
function probability(self: string, given: Given): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(given.value) ? Number(given.value) : NaN;
  if (!(value >= 0 && value <= 1))
    wrong(`${self}: bad value for option "--${given.name}", or out of range (0-1).\n`);
  return Math.round(value * RANDOM_SCALE);
}

const statistic: MatchExtension["begin"] = (_context, self) => {
  let mode: "random" | "nth" = "random";
  let chance: number | undefined;
  let every: number | undefined;
  let packet: number | undefined;
  let invert = false;
  return {
    options: [
      {
        names: ["mode"],
        mandatory: true,
        take: ({ value }) => {
          mode = value === "random" || value === "nth" ? value : wrong(`Bad mode "${value}"`);
        },
      },
      {
        names: ["probability"],
        invert: true,
        take: (given) => {
          chance = probability(self, given);
          invert ||= given.invert;
        },
      },
      {
        names: ["every"],
        invert: true,
        also: ["packet"],
        take: (given) => {
          every = number(self, given, 1, MAX_SECONDS);
          invert ||= given.invert;
        },
      },
      { names: ["packet"], also: ["every"], take: (given) => (packet = number(self, given, 0, MAX_SECONDS)) },
    ],
    finish: () => {
      if (mode === "random") {
        if (chance === undefined) return wrong("--probability must be specified when using random mode");
        return { kind: "statistic", mode, probability: chance, ...inverted(invert) };
      }
      if (every === undefined) return wrong("--every and --packet must be specified when using nth mode");
      if ((packet ?? 0) >= every) wrong("the --packet p must be 0 <= p <= n-1");
      return { kind: "statistic", mode, every, packet: packet ?? 0, ...inverted(invert) };
    },
  };
};

const connlimit: MatchExtension["begin"] = (context, self) => {
  const full = context.family === "ip" ? 32 : 128;
  let mask = full;
  let side: "source" | "dest" = "source";
  let limit: { above: number; upto: boolean } | undefined;
  const count = (name: "upto" | "above", other: string): OptionSpec => ({
    names: [`connlimit-${name}`],
    invert: true,
    excludes: [`connlimit-${other}`],
    take: (given) => {
      limit = { above: number(self, given, 0, MAX_SECONDS), upto: (name === "upto") !== given.invert };
    },
  });
  return {
    options: [
      count("upto", "above"),
      count("above", "upto"),
      {
        names: ["connlimit-mask"],
        take: (given) => {
          mask = Math.min(full, wholeNumber(given.value, 0, 255) ?? badValue(self, given));
        },
      },
      {
        names: ["connlimit-saddr"],
        argument: "none",
        excludes: ["connlimit-daddr"],
        take: () => (side = "source"),
      },
      {
        names: ["connlimit-daddr"],
        argument: "none",
        excludes: ["connlimit-saddr"],
        take: () => (side = "dest"),
      },
    ],
    finish: () =>
      limit === undefined
        ? wrong('You must specify "--connlimit-above" or "--connlimit-upto".')
        : { kind: "connlimit", above: limit.above, mask, side, ...inverted(limit.upto) },
  };
};

const length: MatchExtension["begin"] = (_context, self) => {
  let range: XtRange = { min: 0, max: 0 };
  return {
    options: [
      {
        names: ["length"],
        mandatory: true,
        invert: true,
        take: (given) => (range = { ...numberRange(self, given, 65535), ...inverted(given.invert) }),
      },
    ],
    finish: () => ({ kind: "length", ...range }),
  };
};

export const STATE_MATCHES: readonly MatchExtension[] = [
  { name: "comment", begin: comment },
  { name: "conntrack", begin: conntrack },
  { name: "state", begin: state },
  { name: "mark", begin: mark("mark") },
  { name: "connmark", begin: mark("connmark") },
  { name: "recent", begin: recent },
  { name: "statistic", begin: statistic },
  { name: "connlimit", begin: connlimit },
  { name: "length", begin: length },
];
