import type { Inverted, XtMatch, XtRange } from "../../kernel/uapi/xtables.ts";
import { protocolName } from "../protocols.ts";
import type { ServiceProtocol } from "../services.ts";
import type { MatchExtension, OptionSpec, RuleContext } from "./extension.ts";
import { wrong } from "./failure.ts";
import { icmpNames, TCP_FLAGS } from "./names.ts";
import { number, port, portRange, wholeNumber } from "./values.ts";

/** The matches on the headers of transport protocols: tcp, udp, sctp, icmp, icmp6, multiport. */

/** A range as it is kept: the whole range matches everything and says nothing. */
function kept(range: XtRange | undefined): XtRange | undefined {
  if (range !== undefined && range.min === 0 && range.max === 65535 && range.invert !== true)
    return undefined;
  return range;
}

/** `--sport` and `--dport`, each once. */
function portOptions(protocol: ServiceProtocol): {
  readonly options: readonly OptionSpec[];
  readonly ports: (this: void) => { readonly sports?: XtRange; readonly dports?: XtRange };
} {
  let sports: XtRange | undefined;
  let dports: XtRange | undefined;
  const read = (value: string, invert: boolean): XtRange => ({
    ...portRange(value, protocol),
    ...(invert && { invert }),
  });
  const once = (before: XtRange | undefined, name: string): void => {
    if (before !== undefined) wrong(`Only one \`--${name}' allowed`);
  };
  const options: readonly OptionSpec[] = [
    {
      names: ["source-port", "sport"],
      invert: true,
      multi: true,
      take: ({ value, invert }) => {
        once(sports, "source-port");
        sports = read(value, invert);
      },
    },
    {
      names: ["destination-port", "dport"],
      invert: true,
      multi: true,
      take: ({ value, invert }) => {
        once(dports, "destination-port");
        dports = read(value, invert);
      },
    },
  ];
  const ports = () => {
    const [from, to] = [kept(sports), kept(dports)];
    return { ...(from !== undefined && { sports: from }), ...(to !== undefined && { dports: to }) };
  };
  return { options, ports };
}

/** `-m tcp` wants `-p tcp`, but does not mind `! -p tcp`. */
function wantProtocol(context: RuleContext, number: number, name: string): void {
  if (context.protocol?.number !== number) wrong(`${name.toUpperCase()} match requires '-p ${name}'`);
}

const ALL_FLAGS = 0x3f;

function tcpFlags(list: string): number {
  if (list.toUpperCase() === "ALL") return ALL_FLAGS;
  if (list.toUpperCase() === "NONE") return 0;
  let bits = 0;
  for (const word of list.split(",").filter((part) => part !== "")) {
    const upper = word.toUpperCase();
    if (upper === "ALL") bits |= ALL_FLAGS;
    else if (upper !== "NONE") {
      const bit = TCP_FLAGS.indexOf(upper);
      if (bit < 0) wrong(`Unknown TCP flag \`${word}'`);
      bits |= 1 << bit;
    }
  }
  return bits;
}

const SYN_MASK = 0x17;
const SYN = 0x02;

const tcp: MatchExtension["begin"] = (context) => {
  const { options, ports } = portOptions("tcp");
  let flags: ({ mask: number; compare: number } & Inverted) | undefined;
  let option: ({ number: number } & Inverted) | undefined;
  const onceFlags = (): void => {
    if (flags !== undefined) wrong("Only one of `--syn' or `--tcp-flags'  allowed");
  };
  return {
    options: [
      ...options,
      {
        names: ["syn"],
        argument: "none",
        invert: true,
        multi: true,
        take: ({ invert }) => {
          onceFlags();
          flags = { mask: SYN_MASK, compare: SYN, ...(invert && { invert }) };
        },
      },
      {
        names: ["tcp-flags"],
        invert: true,
        multi: true,
        take: ({ value, invert, more }) => {
          onceFlags();
          const compare = more() ?? wrong("--tcp-flags requires two args.");
          flags = { mask: tcpFlags(value), compare: tcpFlags(compare), ...(invert && { invert }) };
        },
      },
      {
        names: ["tcp-option"],
        invert: true,
        multi: true,
        take: ({ value, invert }) => {
          if (option !== undefined) wrong("Only one `--tcp-option' allowed");
          const got = wholeNumber(value, 1, 255) ?? wrong(`Bad TCP option "${value}"`);
          option = { number: got, ...(invert && { invert }) };
        },
      },
    ],
    finish: () => {
      wantProtocol(context, 6, "tcp");
      const any = flags === undefined || (flags.mask === 0 && flags.compare === 0 && flags.invert !== true);
      return {
        kind: "tcp",
        ...ports(),
        ...(!any && flags !== undefined && { flags }),
        ...(option !== undefined && { option }),
      };
    },
  };
};

const udp: MatchExtension["begin"] = (context) => {
  const { options, ports } = portOptions("udp");
  return {
    options,
    finish: () => {
      wantProtocol(context, 17, "udp");
      return { kind: "udp", ...ports() };
    },
  };
};

const sctp: MatchExtension["begin"] = () => {
  const { options, ports } = portOptions("sctp");
  return { options, finish: () => ({ kind: "sctp", ...ports() }) };
};

interface IcmpType {
  readonly type: number;
  readonly codeMin: number;
  readonly codeMax: number;
}

/** A name, the beginning of one, `TYPE` or `TYPE/CODE`. Models: libxt_icmp.h ipt_parse_icmp. */
function icmpType(kind: "icmp" | "icmp6", text: string): IcmpType {
  const label = kind === "icmp" ? "ICMP" : "ICMPv6";
  const lower = text.toLowerCase();
  let match: { name: string; type: number; code?: number } | undefined;
  for (const entry of icmpNames(kind)) {
    if (lower === "" || !entry.name.toLowerCase().startsWith(lower)) continue;
    if (match !== undefined)
      wrong(`Ambiguous ${label} type \`${text}': \`${match.name}' or \`${entry.name}'?`);
    match = entry;
    if (entry.name.length === lower.length) break;
  }
  if (match !== undefined) return { type: match.type, codeMin: match.code ?? 0, codeMax: match.code ?? 255 };
  const slash = text.indexOf("/");
  const type = wholeNumber(slash < 0 ? text : text.slice(0, slash), 0, 255);
  if (type === undefined) return wrong(`Unknown ${label} type \`${slash < 0 ? text : text.slice(0, slash)}'`);
  if (slash < 0) return { type, codeMin: 0, codeMax: 255 };
  const code = wholeNumber(text.slice(slash + 1), 0, 255) ?? wrong(`Unknown ${label} code \`${text}'`);
  return { type, codeMin: code, codeMax: code };
}

function icmp(kind: "icmp" | "icmp6"): MatchExtension["begin"] {
  return () => {
    let type: (IcmpType & Inverted) | undefined;
    return {
      options: [
        {
          names: [kind === "icmp" ? "icmp-type" : "icmpv6-type"],
          mandatory: true,
          invert: true,
          take: ({ value, invert }) => {
            type = { ...icmpType(kind, value), ...(invert && { invert }) };
          },
        },
      ],
      finish: () => ({ kind, ...(type ?? { type: 0, codeMin: 0, codeMax: 255 }) }),
    };
  };
}

const MULTIPORT_PROTOCOLS = [6, 17, 33, 132, 136];
const MAX_PORTS = 15;

function multiportProtocol(context: RuleContext): ServiceProtocol {
  const { protocol } = context;
  if (protocol === undefined)
    return wrong("multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'");
  if (protocol.invert || !MULTIPORT_PROTOCOLS.includes(protocol.number))
    wrong("multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP");
  return portProtocol(protocol.number) ?? "tcp";
}

/** The protocol under which services(5) has a port's name. */
export function portProtocol(number: number | undefined): ServiceProtocol | undefined {
  const name = number === undefined ? undefined : protocolName(number);
  return name === "tcp" || name === "udp" || name === "sctp" || name === "dccp" ? name : undefined;
}

function portList(text: string, protocol: ServiceProtocol): readonly XtRange[] {
  const ranges: XtRange[] = [];
  let used = 0;
  for (const word of text.split(",")) {
    const colon = word.indexOf(":");
    used += colon < 0 ? 1 : 2;
    if (used > MAX_PORTS) wrong("too many ports specified");
    const min = port(colon < 0 ? word : word.slice(0, colon), protocol);
    const max = colon < 0 ? min : port(word.slice(colon + 1), protocol);
    if (colon >= 0 && min >= max) wrong("invalid portrange specified");
    ranges.push({ min, max });
  }
  return ranges;
}

const multiport: MatchExtension["begin"] = (context) => {
  let match: Extract<XtMatch, { kind: "multiport" }> | undefined;
  const option = (
    names: readonly [string, string],
    side: "source" | "destination" | "either",
    excludes: readonly string[],
  ): OptionSpec => ({
    names,
    invert: true,
    excludes,
    take: ({ value, invert }) => {
      const ranges = portList(value, multiportProtocol(context));
      match = { kind: "multiport", side, ranges, ...(invert && { invert }) };
    },
  });
  return {
    options: [
      option(["source-ports", "sports"], "source", ["destination-ports", "ports"]),
      option(["destination-ports", "dports"], "destination", ["source-ports", "ports"]),
      option(["ports", "port"], "either", ["source-ports", "destination-ports"]),
    ],
    finish: () => match ?? wrong("multiport expection an option"),
  };
};

/** `-m owner`'s neighbours that take one number each. */
function ttl(kind: "ttl" | "hl"): MatchExtension["begin"] {
  return (_context, self) => {
    let match: Extract<XtMatch, { kind: "ttl" | "hl" }> | undefined;
    const option = (op: "eq" | "lt" | "gt", invert: boolean, excludes: readonly string[]): OptionSpec => ({
      names: op === "eq" && kind === "ttl" ? [`${kind}-eq`, kind] : [`${kind}-${op}`],
      invert,
      excludes: excludes.map((other) => `${kind}-${other}`),
      take: (given) => {
        const value = number(self, given, 0, 255);
        match = { kind, op, value, ...(given.invert && { invert: true }) };
      },
    });
    return {
      options: [
        option("lt", false, ["eq", "gt"]),
        option("gt", false, ["eq", "lt"]),
        option("eq", true, ["lt", "gt"]),
      ],
      finish: () =>
        match ??
        wrong(
          kind === "ttl"
            ? "TTL match: You must specify one of `--ttl-eq', `--ttl-lt', `--ttl-gt"
            : "HL match: You must specify one of `--hl-eq', `--hl-lt', `--hl-gt'",
        ),
    };
  };
}

export const PORT_MATCHES: readonly MatchExtension[] = [
  { name: "tcp", begin: tcp },
  { name: "udp", begin: udp },
  { name: "sctp", begin: sctp },
  { name: "icmp", family: "ip", begin: icmp("icmp") },
  { name: "icmp6", family: "ip6", begin: icmp("icmp6") },
  { name: "multiport", begin: multiport },
  { name: "ttl", family: "ip", begin: ttl("ttl") },
  { name: "hl", family: "ip6", begin: ttl("hl") },
];
