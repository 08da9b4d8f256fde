import type {
  NftBase,
  NftChainInfo,
  NftRuleInfo,
  NftSetInfo,
  NftTableInfo,
  NftType,
} from "../../kernel/uapi/nft.ts";
import { elementText, orderElements, ruleText } from "./print-statement.ts";
import { PRIORITIES } from "./symbols.ts";
import { type Names, timeText } from "./value.ts";

/** How `nft list` is asked to print. */
export interface Style {
  readonly names: Names;
  /** `-a`: with handles. */
  readonly handles: boolean;
  /** `-s`: without what counts. */
  readonly stateless: boolean;
  /** `-t`: sets without their elements. */
  readonly terse: boolean;
}

function handle(style: Style, n: number): string {
  return style.handles ? ` # handle ${n}` : "";
}

/** `dstnat - 10`: by the name that is at most ten away, where names are in use at that hook. */
export function priorityText(base: NftBase): string {
  const { priority, hook } = base;
  for (const [name, value] of Object.entries(PRIORITIES)) {
    if (name === "dstnat" && hook !== "prerouting") continue;
    if (name === "srcnat" && hook !== "postrouting") continue;
    const off = priority - value;
    if (Math.abs(off) > 10) continue;
    return off === 0 ? name : `${name} ${off < 0 ? "-" : "+"} ${Math.abs(off)}`;
  }
  return String(priority);
}

export function chainText(
  family: NftTableInfo["family"],
  chain: NftChainInfo,
  style: Style,
  withRules = true,
): string {
  let text = `\tchain ${chain.name} {${handle(style, chain.handle)}\n`;
  if (chain.comment !== undefined) text += `\t\tcomment "${chain.comment}"\n`;
  const { base } = chain;
  if (base !== undefined)
    text += `\t\ttype ${base.type} hook ${base.hook} priority ${style.names.numeric?.priorities === true ? base.priority : priorityText(base)}; policy ${base.policy};\n`;
  if (withRules) for (const rule of chain.rules) text += `\t\t${listed(family, rule, style)}\n`;
  return `${text}\t}\n`;
}

function listed(family: NftTableInfo["family"], rule: NftRuleInfo, style: Style): string {
  return ruleText(family, rule, style) + handle(style, rule.handle);
}

/** How many elements stand on one line, by the type of the key. */
function perLine(types: readonly NftType[]): number {
  if (types.length > 1) return 1;
  switch (types[0]) {
    case "inet_service":
    case "integer":
    case "nf_proto":
      return 5;
    case "ipv4_addr":
    case "mark":
      return 2;
    default:
      return 1;
  }
}

function elementsText(set: NftSetInfo, style: Style): string {
  const most = perLine(set.key);
  let text = "";
  for (const [i, element] of orderElements(set.elements).entries()) {
    if (i > 0) text += i % most === 0 ? ",\n\t\t\t     " : ", ";
    text += elementText(element, style, set);
  }
  return `\t\telements = { ${text} }\n`;
}

export function setText(set: NftSetInfo, style: Style): string {
  const map = set.data !== undefined;
  let text = `\t${map ? "map" : "set"} ${set.name} {${handle(style, set.handle)}\n`;
  const data =
    set.data === undefined ? "" : ` : ${set.data === "verdict" ? "verdict" : set.data.join(" . ")}`;
  text += `\t\ttype ${set.key.join(" . ")}${data}\n`;
  if (set.size !== undefined) text += `\t\tsize ${set.size}\n`;
  if (set.flags.length > 0) text += `\t\tflags ${set.flags.join(",")}\n`;
  if (set.counter === true) text += "\t\tcounter\n";
  if (set.timeout !== undefined) text += `\t\ttimeout ${timeText(set.timeout)}\n`;
  if (set.gcInterval !== undefined) text += `\t\tgc-interval ${timeText(set.gcInterval)}\n`;
  if (set.autoMerge === true) text += "\t\tauto-merge\n";
  if (set.comment !== undefined) text += `\t\tcomment "${set.comment}"\n`;
  if (set.elements.length > 0 && !style.terse) text += elementsText(set, style);
  return `${text}\t}\n`;
}

export function counterText(table: NftTableInfo, name: string, style: Style): string {
  const counter = table.counters.find((one) => one.name === name);
  if (counter === undefined) return "";
  let text = `\tcounter ${counter.name} {${handle(style, counter.handle)}\n`;
  if (counter.comment !== undefined) text += `\t\tcomment "${counter.comment}"\n`;
  if (!style.stateless) text += `\t\tpackets ${counter.packets} bytes ${counter.bytes}\n`;
  return `${text}\t}\n`;
}

/** A part of a table in the table's braces. */
export function inTable(table: NftTableInfo, body: string): string {
  return `table ${table.family} ${table.name} {\n${body}}\n`;
}

export function tableText(table: NftTableInfo, style: Style): string {
  let head = "";
  if (table.comment !== undefined) head += `\tcomment "${table.comment}"\n`;
  if (table.dormant === true) head += "\tflags dormant\n";
  const parts = [
    ...table.counters.map((counter) => counterText(table, counter.name, style)),
    ...table.sets.map((set) => setText(set, style)),
    ...table.chains.map((chain) => chainText(table.family, chain, style)),
  ];
  return `table ${table.family} ${table.name} {${handle(style, table.handle)}\n${head}${parts.join("\n")}}\n`;
}
