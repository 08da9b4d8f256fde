import type { NatRange, XtTarget } from "../../kernel/uapi/xtables.ts";
import { servicePort } from "../services.ts";
import { type Address, filled, masked, maskLength, numericAddress, prefixMask } from "./address.ts";
import type { Given, OptionSpec, RuleContext, TargetExtension } from "./extension.ts";
import { notModelled, wrong } from "./failure.ts";
import { wholeNumber } from "./values.ts";

/** The targets that rewrite addresses: DNAT, SNAT, MASQUERADE, REDIRECT, NETMAP. Models: libxt_NAT.c. */

type Draft<T> = { -readonly [K in keyof T]: T[K] };

const WITH_PORTS = [1, 6, 17, 33, 58, 132];

function wantPorts(context: RuleContext): void {
  if (context.protocol === undefined || !WITH_PORTS.includes(context.protocol.number))
    wrong("Need TCP, UDP, SCTP or DCCP with port specification");
}

function onePort(text: string): number {
  return wholeNumber(text, 0, 65535) ?? servicePort(text) ?? wrong(`Port \`${text}' not valid`);
}

/** `80` or `80-90`. */
function ports(text: string): { readonly minPort: number; readonly maxPort: number } {
  const dash = text.indexOf("-");
  const minPort = onePort(dash < 0 ? text : text.slice(0, dash));
  if (dash < 0) return { minPort, maxPort: minPort };
  const high = text.slice(dash + 1);
  if (high.includes("/")) notModelled("a shifted port range");
  const maxPort = onePort(high);
  if (maxPort < minPort) wrong(`Port range \`${high}' funky`);
  return { minPort, maxPort };
}

function addressOf(context: RuleContext, text: string): Address {
  return numericAddress(context.family, text) ?? wrong(`Bad IP address "${text}"`);
}

/** Where the port stands: behind `]:`, or behind the only colon. */
function splitPort(context: RuleContext, text: string): readonly [string, string | undefined] {
  if (context.family === "ip6" && text.startsWith("[")) {
    const end = text.indexOf("]");
    if (end < 0) wrong("Invalid address format");
    return [text.slice(1, end), text[end + 1] === ":" ? text.slice(end + 2) : undefined];
  }
  const colon = text.indexOf(":");
  if (colon < 0 || (context.family === "ip6" && text.includes(":", colon + 1))) return [text, undefined];
  return [text.slice(0, colon), text.slice(colon + 1)];
}

/** `ADDRESS`, `ADDRESS-ADDRESS`, `ADDRESS:PORT-PORT`, `:PORT`. */
function natRange(context: RuleContext, text: string): NatRange {
  const [addresses, port] = splitPort(context, text);
  if (port !== undefined) wantPorts(context);
  const portPart = port === undefined ? {} : ports(port);
  if (addresses === "" && port !== undefined) return portPart;
  const dash = addresses.indexOf("-");
  const minAddress = addressOf(context, dash < 0 ? addresses : addresses.slice(0, dash));
  const maxAddress = dash < 0 ? minAddress : addressOf(context, addresses.slice(dash + 1));
  return { minAddress, maxAddress, ...portPart };
}

type NatFlag = "random" | "randomFully" | "persistent";

function flags(draft: Draft<NatRange>, which: readonly NatFlag[]): readonly OptionSpec[] {
  return which.map((flag) => ({
    names: [flag === "randomFully" ? "random-fully" : flag],
    argument: "none",
    take: () => {
      draft[flag] = true;
    },
  }));
}

function toAddress(
  kind: "DNAT" | "SNAT",
  option: string,
  which: readonly NatFlag[],
): TargetExtension["begin"] {
  return (context) => {
    const draft: Draft<NatRange> = {};
    return {
      options: [
        {
          names: [option],
          mandatory: true,
          take: ({ value }) => {
            Object.assign(draft, natRange(context, value));
          },
        },
        ...flags(draft, which),
      ],
      finish: () => ({ kind, range: { ...draft } }),
    };
  };
}

function toPorts(kind: "MASQUERADE" | "REDIRECT", which: readonly NatFlag[]): TargetExtension["begin"] {
  return (context) => {
    const draft: Draft<NatRange> = {};
    return {
      options: [
        {
          names: ["to-ports"],
          take: ({ value }) => {
            wantPorts(context);
            Object.assign(draft, ports(value));
          },
        },
        ...flags(draft, which),
      ],
      finish: () => ({ kind, range: { ...draft } }),
    };
  };
}

/** A network of the same size as the one that is mapped. */
function netmapRange(context: RuleContext, { value }: Given): NatRange {
  const [word = "", ...rest] = value.split("/");
  const full = context.family === "ip" ? 32 : 128;
  const address = addressOf(context, word);
  const length = rest.length === 0 ? full : wholeNumber(rest.join("/"), 0, full);
  const whole = length === undefined ? numericAddress(context.family, rest.join("/")) : undefined;
  if (length === undefined && whole === undefined) wrong(`invalid mask \`${rest.join("/")}' specified`);
  const given = whole ?? prefixMask(context.family, length ?? full);
  const mask = maskLength(given) === undefined ? prefixMask(context.family, full) : given;
  return { minAddress: masked(address, mask), maxAddress: filled(address, mask) };
}

const netmap: TargetExtension["begin"] = (context) => {
  let range: NatRange = {};
  return {
    options: [
      {
        names: ["to"],
        mandatory: true,
        take: (given) => {
          range = netmapRange(context, given);
        },
      },
    ],
    finish: (): XtTarget => ({ kind: "NETMAP", range }),
  };
};

export const NAT_TARGETS: readonly TargetExtension[] = [
  { name: "DNAT", begin: toAddress("DNAT", "to-destination", ["random", "persistent"]) },
  { name: "SNAT", begin: toAddress("SNAT", "to-source", ["random", "randomFully", "persistent"]) },
  { name: "MASQUERADE", begin: toPorts("MASQUERADE", ["random", "randomFully"]) },
  { name: "REDIRECT", begin: toPorts("REDIRECT", ["random"]) },
  { name: "NETMAP", begin: netmap },
];
