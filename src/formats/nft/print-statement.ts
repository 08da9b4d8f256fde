import type {
  NftElement,
  NftExpr,
  NftFamily,
  NftReject,
  NftRight,
  NftRuleSpec,
  NftScalar,
  NftSetRef,
  NftSetSpec,
  NftStatement,
  NftVerdict,
} from "../../kernel/uapi/nft.ts";
import type { Style } from "./print.ts";
import { BARE_META, ICMPX_CODES, SYMBOLS } from "./symbols.ts";
import { keyText, type Names, numberText, scalarText, timeText } from "./value.ts";

/** A rule as `nft list` prints it. */
export function ruleText(family: NftFamily, rule: NftRuleSpec, style: Style): string {
  const words = rule.statements.map((s) => statementText(family, s, style));
  if (rule.comment !== undefined) words.push(`comment "${rule.comment}"`);
  return words.join(" ");
}

export function verdictText(verdict: NftVerdict): string {
  return "chain" in verdict ? `${verdict.kind} ${verdict.chain}` : verdict.kind;
}

/** The bytes of a value as one number reads them on a little-endian machine: what nft sorts by. */
function sortKey(key: NftElement["key"]): readonly number[] {
  const bytes = key.flatMap((part) => scalarBytes(part.kind === "range" ? part.low : part.value));
  return key.length > 1 ? bytes.reverse() : bytes;
}

function scalarBytes({ type, value }: NftScalar): number[] {
  if (typeof value === "object") return value.flatMap((group) => [group >>> 8, group & 255]);
  if (typeof value === "string") {
    // Host order: a longer name is a greater number.
    const bytes = Array.from({ length: value.length }, (_, i) => value.charCodeAt(i));
    return [...Array.from({ length: 16 - bytes.length }, () => 0), ...bytes.reverse()];
  }
  const size = type === "inet_service" ? 2 : type === "inet_proto" ? 1 : type === "ether_addr" ? 6 : 4;
  return Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** (size - 1 - i)) & 255);
}

export function orderElements(elements: readonly NftElement[]): NftElement[] {
  const keyed = elements.map((element) => ({ element, key: sortKey(element.key) }));
  keyed.sort((a, b) => {
    for (let i = 0; i < Math.max(a.key.length, b.key.length); i++) {
      const order = (a.key[i] ?? 0) - (b.key[i] ?? 0);
      if (order !== 0) return order;
    }
    return 0;
  });
  return keyed.map(({ element }) => element);
}

export function elementText(element: NftElement, style: Style, set?: NftSetSpec): string {
  let text = keyText(element.key, style.names);
  if (element.counter !== undefined && !style.stateless)
    text += ` counter packets ${element.counter.packets} bytes ${element.counter.bytes}`;
  if (element.timeout !== undefined && element.timeout !== set?.timeout)
    text += ` timeout ${timeText(element.timeout)}`;
  if (element.expires !== undefined && !style.stateless) text += ` expires ${timeText(element.expires)}`;
  if (element.comment !== undefined) text += ` comment "${element.comment}"`;
  const { data } = element;
  if (data === undefined) return text;
  return `${text} : ${"kind" in data ? verdictText(data) : data.map((d) => scalarText(d, style.names)).join(" . ")}`;
}

function setRefText(ref: NftSetRef, style: Style): string {
  if ("name" in ref) return `@${ref.name}`;
  return `{ ${orderElements(ref.elements)
    .map((element) => elementText(element, style))
    .join(", ")} }`;
}

export function exprText(expr: NftExpr, style: Style): string {
  switch (expr.kind) {
    case "value":
      return scalarText(expr.value, style.names);
    case "payload":
      return `${expr.header} ${expr.field}`;
    case "meta":
      return BARE_META.has(expr.key) &&
        expr.key !== "mark" &&
        expr.key !== "skuid" &&
        expr.key !== "skgid" &&
        expr.key !== "pkttype"
        ? expr.key
        : `meta ${expr.key}`;
    case "ct":
      return ["ct", expr.direction, expr.family, expr.key].filter((word) => word !== undefined).join(" ");
    case "fib":
      return `fib ${expr.by.join(" . ")} ${expr.result}`;
    case "numgen":
      return `numgen ${expr.mode} mod ${expr.modulus}${expr.offset === 0 ? "" : ` offset ${expr.offset}`}`;
    case "jhash":
      return `jhash ${exprText(expr.of, style)} mod ${expr.modulus}`;
    case "concat":
      return expr.parts.map((part) => exprText(part, style)).join(" . ");
    case "binary":
      return `${exprText(expr.left, style)} ${expr.op} ${exprText(expr.right, style)}`;
    case "map":
      return `${exprText(expr.key, style)} map ${setRefText(expr.data, style)}`;
  }
}

function bits(type: "ct_state" | "ct_status" | "tcp_flag", mask: number, names: Names): string {
  const table = SYMBOLS[type] ?? {};
  if (names.numeric?.symbols === true)
    return Array.from({ length: 16 }, (_, i) => 1 << i)
      .filter((bit) => (mask & bit) !== 0)
      .map((bit) => numberText(type, bit))
      .join(",");
  return Object.keys(table)
    .filter((name) => (mask & table[name]!) !== 0)
    .join(",");
}

function rightText(right: NftRight, names: Names, style: Style): string {
  switch (right.kind) {
    case "set":
      return setRefText(right.set, style);
    case "flags": {
      const { type } = right;
      return type === "ct_state" || type === "ct_status" || type === "tcp_flag"
        ? bits(type, right.mask, names)
        : String(right.mask);
    }
    case "key":
      return keyText(right.key, names);
  }
}

function matchText(s: Extract<NftStatement, { kind: "match" }>, style: Style): string {
  const { left, right, op } = s;
  const missing = existence(s);
  if (missing !== undefined) return `${exprText(left, style)} ${missing}`;
  if (left.kind === "binary" && left.type === "tcp_flag" && left.op === "&") {
    const mask = left.right.kind === "value" ? left.right.value.value : 0;
    const value = right.kind === "key" && right.key[0]?.kind === "value" ? right.key[0].value.value : 0;
    if (typeof mask === "number" && typeof value === "number") {
      const sign = op === "!=" ? "!= " : "";
      const wanted = value === 0 ? "0x0" : bits("tcp_flag", value, style.names);
      return `${exprText(left.left, style)} ${sign}${wanted} / ${bits("tcp_flag", mask, style.names)}`;
    }
  }
  // A comparison with what an operation gave says so.
  const sign = op === "==" ? (left.kind === "binary" ? "== " : "") : `${op} `;
  return `${exprText(left, style)} ${sign}${rightText(right, style.names, style)}`;
}

function existence(s: Extract<NftStatement, { kind: "match" }>): string | undefined {
  if (s.left.kind !== "fib" || s.left.result === "type" || s.right.kind !== "key") return undefined;
  const part = s.right.key[0];
  if (part?.kind !== "value" || (part.value.value !== 0 && part.value.value !== "")) return undefined;
  return s.op === "==" ? "missing" : "exists";
}

function statementText(family: NftFamily, s: NftStatement, style: Style): string {
  switch (s.kind) {
    case "match":
      return matchText(s, style);
    case "verdict":
      return verdictText(s.verdict);
    case "vmap":
      return `${exprText(s.key, style)} vmap ${setRefText(s.data, style)}`;
    case "counter":
      return style.stateless ? "counter" : `counter packets ${s.packets} bytes ${s.bytes}`;
    case "named-counter":
      return `counter name "${s.name}"`;
    case "set-meta":
      return `meta ${s.key} set ${exprText(s.value, style)}`;
    case "set-ct":
      return `ct ${s.key} set ${exprText(s.value, style)}`;
    case "set-payload":
      return `${s.header} ${s.field} set ${exprText(s.value, style)}`;
    case "nat":
      return natText(family, s, style);
    case "reject":
      return rejectText(s.with, style.names);
    case "log":
      return logText(s);
    case "limit":
      return limitText(s);
    case "update": {
      const timeout = s.timeout === undefined ? "" : ` timeout ${timeText(s.timeout)}`;
      const data = s.data === undefined ? "" : ` : ${exprText(s.data, style)}`;
      return `${s.op} @${s.set} { ${exprText(s.key, style)}${timeout}${data} }`;
    }
    case "queue":
      return queueText(s, style);
    case "notrack":
      return "notrack";
  }
}

function queueText(s: Extract<NftStatement, { kind: "queue" }>, style: Style): string {
  const flags = s.flags.length === 0 ? "" : ` flags ${s.flags.join(",")}`;
  const range = s.to === s.from ? `${s.from}` : `${s.from}-${s.to}`;
  return `queue${flags} to ${s.expression === undefined ? range : exprText(s.expression, style)}`;
}

function natText(family: NftFamily, s: Extract<NftStatement, { kind: "nat" }>, style: Style): string {
  let text: string = s.type;
  const of = s.family ?? (family === "ip6" ? "ip6" : "ip");
  const { address, port } = s;
  if (address !== undefined || port !== undefined) {
    if (s.type === "masquerade" || s.type === "redirect") text += " to ";
    else text += family === "inet" || s.concat === true ? ` ${of} to ` : " to ";
    const brackets = of === "ip6" && port !== undefined;
    const wrapped = (expr: NftExpr): string =>
      brackets ? `[${exprText(expr, style)}]` : exprText(expr, style);
    if (address !== undefined) text += wrapped(address);
    if (s.addressMax !== undefined) text += `-${wrapped(s.addressMax)}`;
    if (port !== undefined) text += `:${exprText(port, style)}`;
    if (s.portMax !== undefined) text += `-${exprText(s.portMax, style)}`;
  }
  return s.flags.length === 0 ? text : `${text} ${s.flags.join(",")}`;
}

function rejectText(how: NftReject, { numeric }: Names): string {
  if (how.kind === "default") return "reject";
  if (how.kind === "tcp-reset") return "reject with tcp reset";
  const table =
    how.kind === "icmpx" ? ICMPX_CODES : how.kind === "icmp" ? SYMBOLS.icmp_code : SYMBOLS.icmpv6_code;
  if (numeric?.symbols === true) return `reject with ${how.kind} ${how.code}`;
  const name = Object.entries(table ?? {}).find(([, code]) => code === how.code)?.[0];
  return `reject with ${how.kind} ${name ?? how.code}`;
}

function logText(s: Extract<NftStatement, { kind: "log" }>): string {
  let text = "log";
  if (s.prefix !== undefined) text += ` prefix "${s.prefix}"`;
  if (s.group !== undefined) text += ` group ${s.group}`;
  if (s.level !== undefined && s.level !== "warn") text += ` level ${s.level}`;
  return text;
}

function limitText(s: Extract<NftStatement, { kind: "limit" }>): string {
  const unit = s.bytes === true ? " bytes" : "";
  const burst =
    s.bytes === true
      ? s.burst === 0
        ? ""
        : ` burst ${s.burst} bytes`
      : s.burst === 5
        ? ""
        : ` burst ${s.burst} packets`;
  return `limit rate ${s.over ? "over " : ""}${s.rate}${unit}/${s.per}${burst}`;
}
