import type { XtTarget } from "../../kernel/uapi/xtables.ts";
import type { Given, OptionSpec, TargetExtension } from "./extension.ts";
import { notModelled, wrong } from "./failure.ts";
import { dscpClass, tosAndMask } from "./match-more.ts";
import { LOG_FLAGS, LOG_LEVEL_NAMES, REJECTS } from "./names.ts";
import { parseSetArguments } from "./sets.ts";
import { markAndMask, number, text, wholeNumber } from "./values.ts";

/** The other targets of iptables-extensions(8), one function each. */

type Target<K extends XtTarget["kind"]> = Extract<XtTarget, { kind: K }>;
type Draft<T> = { -readonly [K in keyof T]: T[K] };

const ALL_BITS = 0xffffffff;

/** A target that has no options. */
function plain(kind: "ACCEPT" | "DROP" | "RETURN" | "NOTRACK" | "TRACE"): TargetExtension {
  return { name: kind, begin: () => ({ options: [], finish: () => ({ kind }) }) };
}

function refused(module: string, name: string, argument?: "none"): OptionSpec {
  return {
    names: [name],
    ...(argument !== undefined && { argument }),
    multi: true,
    take: () => notModelled(`the option --${name} of iptables' target ${module}`),
  };
}

const reject: TargetExtension["begin"] = ({ family }) => {
  let reason: Target<"REJECT">["with"] = family === "ip" ? "icmp-port-unreachable" : "icmp6-port-unreachable";
  const take = ({ value }: Given): void => {
    const lower = value.toLowerCase();
    const known = REJECTS[family].find(
      ([name, short]) => lower !== "" && (name.startsWith(lower) || short.startsWith(lower)),
    );
    if (known === undefined) wrong(`unknown reject type "${value}"`);
    else reason = known[0];
  };
  return { options: [{ names: ["reject-with"], take }], finish: () => ({ kind: "REJECT", with: reason }) };
};

interface Xmark {
  readonly value: number;
  readonly mask: number;
}

/** The five ways to say value and mask of MARK and CONNMARK. */
function markOptions(
  self: string,
  others: readonly string[],
  put: (mark: Xmark) => void,
): readonly OptionSpec[] {
  const names = ["set-xmark", "set-mark", "and-mark", "or-mark", "xor-mark"];
  const ways: readonly ((given: Given) => Xmark)[] = [
    (given) => {
      const { mark, mask } = markAndMask(self, given);
      return { value: mark, mask };
    },
    (given) => {
      const { mark, mask } = markAndMask(self, given);
      return { value: mark, mask: (mark | mask) >>> 0 };
    },
    (given) => ({ value: 0, mask: ~number(self, given, 0, ALL_BITS) >>> 0 }),
    (given) => {
      const value = number(self, given, 0, ALL_BITS);
      return { value, mask: value };
    },
    (given) => ({ value: number(self, given, 0, ALL_BITS), mask: 0 }),
  ];
  return names.map((name, i) => ({
    names: [name],
    excludes: [...names, ...others].filter((other) => other !== name),
    take: (given) => {
      const way = ways[i];
      if (way !== undefined) put(way(given));
    },
  }));
}

const mark: TargetExtension["begin"] = (_context, self) => {
  let got: Xmark | undefined;
  return {
    options: markOptions(self, [], (xmark) => {
      got = xmark;
    }),
    finish: () =>
      got === undefined
        ? wrong("MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required")
        : { kind: "MARK", ...got },
  };
};

const connmark: TargetExtension["begin"] = (_context, self) => {
  let op: "set" | "save" | "restore" | undefined;
  let got: Xmark = { value: 0, mask: ALL_BITS };
  let ctmask = ALL_BITS;
  let nfmask = ALL_BITS;
  const move = (name: "save" | "restore", other: string): OptionSpec => ({
    names: [`${name}-mark`],
    argument: "none",
    excludes: ["set-xmark", "set-mark", "and-mark", "or-mark", "xor-mark", other],
    take: () => (op = name),
  });
  return {
    options: [
      ...markOptions(self, ["save-mark", "restore-mark"], (xmark) => {
        op = "set";
        got = xmark;
      }),
      move("save", "restore-mark"),
      move("restore", "save-mark"),
      { names: ["ctmask"], take: (given) => (ctmask = number(self, given, 0, ALL_BITS)) },
      { names: ["nfmask"], take: (given) => (nfmask = number(self, given, 0, ALL_BITS)) },
      {
        names: ["mask"],
        excludes: ["ctmask", "nfmask"],
        take: (given) => (ctmask = nfmask = number(self, given, 0, ALL_BITS)),
      },
    ],
    finish: () => {
      if (op === undefined) return wrong("CONNMARK target: No operation specified");
      if (op === "set") return { kind: "CONNMARK", op, value: got.value, ctmask: got.mask, nfmask: ALL_BITS };
      return { kind: "CONNMARK", op, value: 0, ctmask, nfmask };
    },
  };
};

const ct: TargetExtension["begin"] = () => {
  const draft: Draft<Target<"CT">> = { kind: "CT" };
  return {
    options: [
      { names: ["notrack"], argument: "none", take: () => (draft.notrack = true) },
      {
        names: ["zone"],
        take: ({ value }) => {
          const zone = wholeNumber(value, 0, 65535) ?? wrong(`Cannot parse ${value} as a zone ID`);
          if (zone > 0) draft.zone = zone;
        },
      },
      ...["helper", "timeout", "ctevents", "expevents", "zone-orig", "zone-reply"].map((name) =>
        refused("CT", name),
      ),
    ],
    finish: () => ({ ...draft }),
  };
};

const MAX_MSS = 65515;

const tcpmss: TargetExtension["begin"] = (_context, self) => {
  let target: Target<"TCPMSS"> | undefined;
  return {
    options: [
      {
        names: ["set-mss"],
        excludes: ["clamp-mss-to-pmtu"],
        take: (given) => (target = { kind: "TCPMSS", mss: number(self, given, 0, MAX_MSS) }),
      },
      {
        names: ["clamp-mss-to-pmtu"],
        argument: "none",
        excludes: ["set-mss"],
        take: () => (target = { kind: "TCPMSS" }),
      },
    ],
    finish: () => target ?? wrong("TCPMSS target: At least one parameter is required"),
  };
};

/** What the kernel's fields keep. */
const MAX_LOG_PREFIX = 29;
const MAX_NFLOG_PREFIX = 63;

const log: TargetExtension["begin"] = () => {
  const draft: Draft<Target<"LOG">> = { kind: "LOG", prefix: "", level: 4, flags: 0 };
  const level = (word: string): number => {
    const named = Object.hasOwn(LOG_LEVEL_NAMES, word.toLowerCase())
      ? LOG_LEVEL_NAMES[word.toLowerCase()]
      : undefined;
    return wholeNumber(word, 0, 7) ?? named ?? wrong(`log level "${word}" unknown\n`);
  };
  return {
    options: [
      { names: ["log-level"], take: ({ value }) => (draft.level = level(value)) },
      { names: ["log-prefix"], take: (given) => (draft.prefix = text(given, MAX_LOG_PREFIX)) },
      ...LOG_FLAGS.map(([name, bit]): OptionSpec => ({
        names: [`log-${name}`],
        argument: "none",
        take: () => (draft.flags |= bit),
      })),
    ],
    finish: () => ({ ...draft }),
  };
};

const nflog: TargetExtension["begin"] = (context, self) => {
  const draft: Draft<Target<"NFLOG">> = { kind: "NFLOG", group: 0, prefix: "" };
  return {
    options: [
      { names: ["nflog-group"], take: (given) => (draft.group = number(self, given, 0, 65535)) },
      { names: ["nflog-prefix"], take: (given) => (draft.prefix = text(given, MAX_NFLOG_PREFIX)) },
      {
        names: ["nflog-range"],
        take: () =>
          context.warn(
            "warn: --nflog-range has never worked and is no longer supported, please use --nflog-size instead\n",
          ),
      },
      { names: ["nflog-size"], take: (given) => (draft.size = number(self, given, 0, ALL_BITS)) },
      { names: ["nflog-threshold"], take: (given) => (draft.threshold = number(self, given, 0, 65535)) },
    ],
    finish: () => ({ ...draft }),
  };
};

/** Models: libxt_NFQUEUE, version 3. */
const nfqueue: TargetExtension["begin"] = (_context, self) => {
  const draft: Draft<Target<"NFQUEUE">> = { kind: "NFQUEUE", number: 0, total: 1 };
  const balance = ({ value }: Given): void => {
    const [first, last, ...more] = value.split(":").map((word) => wholeNumber(word, 0, 65535));
    if (first === undefined || last === undefined || more.length > 0)
      wrong(`Bad range of queue numbers "${value}"`);
    if (last < first) wrong("NFQUEUE: range should be ascending");
    draft.number = first;
    draft.total = last - first + 1;
  };
  return {
    options: [
      {
        names: ["queue-num"],
        excludes: ["queue-balance"],
        take: (given) => (draft.number = number(self, given, 0, 65535)),
      },
      { names: ["queue-balance"], excludes: ["queue-num"], take: balance },
      { names: ["queue-bypass"], argument: "none", take: () => (draft.bypass = true) },
      { names: ["queue-cpu-fanout"], argument: "none", take: () => (draft.fanout = true) },
    ],
    finish: () => ({ ...draft }),
  };
};

function ttl(kind: "TTL" | "HL"): TargetExtension["begin"] {
  return (_context, self) => {
    let target: Target<"TTL" | "HL"> | undefined;
    const ops = ["set", "dec", "inc"] as const;
    return {
      options: ops.map((op) => ({
        names: [`${kind.toLowerCase()}-${op}`],
        excludes: ops.filter((other) => other !== op).map((other) => `${kind.toLowerCase()}-${other}`),
        take: (given) => (target = { kind, op, value: number(self, given, op === "set" ? 0 : 1, 255) }),
      })),
      finish: () => target ?? wrong(`${kind}: You must specify an action`),
    };
  };
}

const tos: TargetExtension["begin"] = (_context, self) => {
  let target: Target<"TOS"> | undefined;
  const names = ["set-tos", "and-tos", "or-tos", "xor-tos"];
  const option = (name: string, read: (given: Given) => Xmark): OptionSpec => ({
    names: [name],
    excludes: names.filter((other) => other !== name),
    take: (given) => (target = { kind: "TOS", ...read(given) }),
  });
  const bits = (given: Given): number => number(self, given, 0, 255);
  return {
    options: [
      option("set-tos", ({ value }) => tosAndMask(value)),
      option("and-tos", (given) => ({ value: 0, mask: ~bits(given) & 255 })),
      option("or-tos", (given) => ({ value: bits(given), mask: bits(given) })),
      option("xor-tos", (given) => ({ value: bits(given), mask: 0 })),
    ],
    finish: () => target ?? wrong("TOS: An action is required"),
  };
};

const dscp: TargetExtension["begin"] = (_context, self) => {
  let target: Target<"DSCP"> | undefined;
  return {
    options: [
      {
        names: ["set-dscp"],
        excludes: ["set-dscp-class"],
        take: (given) => (target = { kind: "DSCP", value: number(self, given, 0, 63) }),
      },
      {
        names: ["set-dscp-class"],
        excludes: ["set-dscp"],
        take: ({ value }) => (target = { kind: "DSCP", value: dscpClass(value) }),
      },
    ],
    finish: () => target ?? wrong("DSCP target: Parameter --set-dscp is required"),
  };
};

const checksum: TargetExtension["begin"] = () => ({
  options: [{ names: ["checksum-fill"], argument: "none", mandatory: true, take: () => undefined }],
  finish: () => ({ kind: "CHECKSUM" }),
});

const classify: TargetExtension["begin"] = () => {
  let target: Target<"CLASSIFY"> = { kind: "CLASSIFY", major: 0, minor: 0 };
  return {
    options: [
      {
        names: ["set-class"],
        mandatory: true,
        take: ({ value }) => {
          const m = /^(?:0x)?([0-9a-f]+):(?:0x)?([0-9a-f]+)/i.exec(value);
          if (m === null) return wrong(`Bad class value "${value}"`);
          const [major, minor] = [parseInt(m[1] ?? "0", 16), parseInt(m[2] ?? "0", 16)];
          target = { kind: "CLASSIFY", major: major & 0xffff, minor: minor & 0xffff };
        },
      },
    ],
    finish: () => target,
  };
};

const set: TargetExtension["begin"] = (context, self) => {
  let target: Draft<Target<"SET">> | undefined;
  let exist = false;
  let timeout: number | undefined;
  const option = (op: "add" | "del"): OptionSpec => ({
    names: [`${op}-set`],
    multi: true,
    take: (given) => {
      if (target?.op === op) wrong(`--${op}-set can be specified only once`);
      target = { kind: "SET", op, ...parseSetArguments(context, `${op}-set`, given) };
    },
  });
  return {
    options: [
      option("add"),
      option("del"),
      { names: ["exist"], argument: "none", take: () => (exist = true) },
      { names: ["timeout"], take: (given) => (timeout = number(self, given, 0, ALL_BITS)) },
      refused("SET", "map-set"),
      ...["map-mark", "map-prio", "map-queue"].map((name) => refused("SET", name, "none")),
    ],
    finish: () => {
      if (target === undefined)
        return wrong("You must specify either `--add-set' or `--del-set' or `--map-set'");
      return { ...target, ...(exist && { exist }), ...(timeout !== undefined && { timeout }) };
    },
  };
};

export const MORE_TARGETS: readonly TargetExtension[] = [
  plain("ACCEPT"),
  plain("DROP"),
  plain("RETURN"),
  plain("NOTRACK"),
  plain("TRACE"),
  { name: "REJECT", begin: reject },
  { name: "MARK", begin: mark },
  { name: "CONNMARK", begin: connmark },
  { name: "CT", begin: ct },
  { name: "TCPMSS", begin: tcpmss },
  { name: "LOG", begin: log },
  { name: "NFLOG", begin: nflog },
  { name: "NFQUEUE", begin: nfqueue },
  { name: "TTL", family: "ip", begin: ttl("TTL") },
  { name: "HL", family: "ip6", begin: ttl("HL") },
  { name: "TOS", begin: tos },
  { name: "DSCP", begin: dscp },
  { name: "CHECKSUM", begin: checksum },
  { name: "CLASSIFY", begin: classify },
  { name: "SET", begin: set },
];
