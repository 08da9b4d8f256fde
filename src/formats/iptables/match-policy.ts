import type { PolicyElement, XtMatch } from "../../kernel/uapi/xtables.ts";
import { protocolName, protocolNumber } from "../protocols.ts";
import { formatAddress, maskLength, parseHostMask } from "./address.ts";
import type { Given, MatchExtension, OptionSpec, RuleContext } from "./extension.ts";
import { notModelled, wrong } from "./failure.ts";
import { number, wholeNumber } from "./values.ts";

/** `-m policy`: whether IPsec protects a packet. Models: extensions/libxt_policy.c. */

type Policy = Extract<XtMatch, { kind: "policy" }>;
type Draft<T> = { -readonly [K in keyof T]: T[K] };

const MOST = 0xffff_ffff;

/** What is asked of the state that protects a packet. */
function elementOptions(context: RuleContext, self: string, e: Draft<PolicyElement>): OptionSpec[] {
  const asked = <T>(value: T, { invert }: Given): { value: T; invert?: boolean } =>
    invert ? { value, invert } : { value };
  const takes: Readonly<Record<string, (given: Given) => unknown>> = {
    reqid: (given) => (e.reqid = asked(number(self, given, 0, MOST), given)),
    spi: (given) => (e.spi = asked(number(self, given, 0, MOST), given)),
    proto: (given) => {
      const protocol = protocolNumber(given.value) ?? wholeNumber(given.value, 0, 255);
      e.protocol = asked(protocol ?? wrong(`unknown protocol "${given.value}" specified`), given);
    },
    mode: (given) => {
      const mode = given.value === "transport" || given.value === "tunnel" ? given.value : undefined;
      e.mode = asked(mode ?? wrong(`policy match: invalid mode "${given.value}"`), given);
    },
    "tunnel-src": (given) =>
      (e.tunnelSrc = asked(parseHostMask(context, self, given.name, given.value), given)),
    "tunnel-dst": (given) =>
      (e.tunnelDst = asked(parseHostMask(context, self, given.name, given.value), given)),
  };
  return Object.entries(takes).map(([name, take]) => ({ names: [name], invert: true, take }));
}

export const policy: MatchExtension["begin"] = (context, self) => {
  let dir: "in" | "out" | undefined;
  let pol: "none" | "ipsec" = "ipsec";
  let strict = false;
  const element: Draft<PolicyElement> = {};
  return {
    options: [
      {
        names: ["dir"],
        take: ({ value }) =>
          (dir = value === "in" || value === "out" ? value : wrong(`policy_match: invalid dir "${value}"`)),
      },
      {
        names: ["pol"],
        take: ({ value }) =>
          (pol =
            value === "none" || value === "ipsec" ? value : wrong(`policy match: invalid policy "${value}"`)),
      },
      { names: ["strict"], argument: "none", take: () => (strict = true) },
      {
        names: ["next"],
        argument: "none",
        take: () => notModelled("the option --next of iptables' match policy"),
      },
      ...elementOptions(context, self, element),
    ],
    finish: () => {
      if (dir === undefined) return wrong("policy match: neither --dir in nor --dir out specified");
      if (pol === "none" && strict) wrong("policy match: policy none but --strict given");
      const ends = element.tunnelSrc ?? element.tunnelDst;
      if (ends !== undefined && element.mode?.value !== "tunnel")
        wrong("policy match: --tunnel-src/--tunnel-dst is only valid in tunnel mode");
      // Without IPsec there is nothing to ask: the rest is forgotten.
      const some = pol === "ipsec" && Object.keys(element).length > 0;
      return { kind: "policy", dir, pol, ...(strict && { strict }), ...(some && { element }) };
    },
  };
};

/** The words of the element in the order in which both listings have them. */
function words({ element = {} }: Policy, name: (option: string) => string, numeric: boolean): string[] {
  const { reqid, spi, protocol, mode, tunnelDst, tunnelSrc } = element;
  const word = (option: string, of: { invert?: boolean } | undefined, text: () => string): string[] =>
    of === undefined ? [] : [`${of.invert === true ? "! " : ""}${name(option)} ${text()}`];
  const address = (of: PolicyElement["tunnelSrc"]): string => {
    const { address: at, mask } = of!.value;
    const length = maskLength(mask);
    return formatAddress(at) + (length === 32 ? "" : `/${length ?? formatAddress(mask)}`);
  };
  return [
    ...word("reqid", reqid, () => String(reqid!.value)),
    ...word("spi", spi, () => `0x${spi!.value.toString(16)}`),
    ...word("proto", protocol, () =>
      numeric ? String(protocol!.value) : (protocolName(protocol!.value) ?? String(protocol!.value)),
    ),
    ...word("mode", mode, () => mode!.value),
    ...word("tunnel-dst", tunnelDst, () => address(tunnelDst)),
    ...word("tunnel-src", tunnelSrc, () => address(tunnelSrc)),
  ];
}

/** As `iptables -S` has it. */
export function savePolicy(match: Policy): string[] {
  const strict = match.strict === true ? ["--strict"] : [];
  return [`--dir ${match.dir} --pol ${match.pol}`, ...strict, ...words(match, (name) => `--${name}`, false)];
}

/** As `iptables -L` has it. */
export function listPolicy(match: Policy, numeric: boolean): string {
  const strict = match.strict === true ? ["strict"] : [];
  const rest = words(match, (name) => name, numeric);
  return [" policy match dir", match.dir, "pol", match.pol, ...strict, ...rest].join(" ");
}
