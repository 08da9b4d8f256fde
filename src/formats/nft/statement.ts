import type { NftExpr, NftReject, NftStatement, NftType } from "../../kernel/uapi/nft.ts";
import {
  beginsExpression,
  type Context,
  readBits,
  readElements,
  readExpr,
  readReference,
  readRight,
  readVerdict,
  typesOf,
  withMap,
} from "./expression.ts";
import { NftError, type Tokens, UNMODELLED_STATEMENTS } from "./lexer.ts";
import { ICMPX_CODES, SYMBOLS } from "./symbols.ts";
import { readScalar, readTime } from "./value.ts";

/** A rule's statements, up to the end of the line, `}` or its comment. */
export function readRule(t: Tokens, c: Context): { statements: NftStatement[]; comment?: string } {
  const statements: NftStatement[] = [];
  let comment: string | undefined;
  while (!atEnd(t)) {
    if (t.accept("comment")) {
      comment = t.name().text;
      if (!atEnd(t)) t.unexpected();
      break;
    }
    readStatement(t, c, statements);
  }
  if (statements.length === 0) t.unexpected();
  return { statements, ...(comment === undefined ? {} : { comment }) };
}

export function atEnd(t: Tokens): boolean {
  return t.is("\n", ";", "}") || t.peek().kind === "end";
}

function readStatement(t: Tokens, c: Context, out: NftStatement[]): void {
  const verdict = readVerdict(t);
  if (verdict !== undefined) {
    out.push({ kind: "verdict", verdict });
    return;
  }
  switch (t.peek().text) {
    case "counter":
      out.push(readCounter(t));
      return;
    case "log":
      out.push(readLog(t));
      return;
    case "limit":
      out.push(readLimit(t));
      return;
    case "reject":
      readReject(t, c, out);
      return;
    case "masquerade":
    case "redirect":
    case "dnat":
    case "snat":
      out.push(readNat(t, c, out));
      return;
    case "queue":
      out.push(readQueue(t, c));
      return;
    case "notrack":
      t.next();
      out.push({ kind: "notrack" });
      return;
    case "add":
    case "update":
    case "delete":
      out.push(readUpdate(t, c));
      return;
    default:
      readExpressionStatement(t, c, out);
  }
}

function readCounter(t: Tokens): NftStatement {
  t.next();
  if (t.accept("name")) return { kind: "named-counter", name: t.name().text };
  const packets = t.accept("packets") ? t.number() : 0;
  return { kind: "counter", packets, bytes: t.accept("bytes") ? t.number() : 0 };
}

const QUEUE_FLAGS = ["bypass", "fanout"] as const;
type Queue = Extract<NftStatement, { kind: "queue" }>;

function readQueueFlags(t: Tokens): Queue["flags"] {
  const flags: Queue["flags"][number][] = [];
  do {
    const flag = QUEUE_FLAGS.find((known) => known === t.peek().text);
    if (flag === undefined) {
      const { text, from, to } = t.peek();
      throw new NftError(`syntax error, unexpected ${text}, expecting bypass or fanout`, from, to);
    }
    t.next();
    flags.push(flag);
  } while (t.accept(","));
  return flags;
}

/** `queue [flags F] to N[-M]`, `queue to EXPRESSION`, and the older `queue [num N[-M]] [F]`. */
function readQueue(t: Tokens, c: Context): Queue {
  t.next();
  let flags: Queue["flags"] = [];
  if (t.accept("flags")) flags = readQueueFlags(t);
  if (!t.accept("to") && !t.accept("num")) {
    if (t.is(...QUEUE_FLAGS)) flags = readQueueFlags(t);
    return { kind: "queue", from: 0, to: 0, flags };
  }
  if (t.is("numgen", "jhash")) return { kind: "queue", from: 0, to: 0, expression: readExpr(t, c), flags };
  const first = t.peek();
  const from = queueNumber(t);
  const to = t.accept("-") ? queueNumber(t) : from;
  if (to < from) throw new NftError("Range has zero or negative size", first.from, t.peek().from);
  if (t.is(...QUEUE_FLAGS)) flags = readQueueFlags(t);
  return { kind: "queue", from, to, flags };
}

function queueNumber(t: Tokens): number {
  const token = t.peek();
  const value = t.number();
  if (value > 65_535) throw new NftError(`Value ${value} exceeds valid range 0-65535`, token.from, token.to);
  return value;
}

const LEVELS = ["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"];

function readLog(t: Tokens): NftStatement {
  t.next();
  const out: { prefix?: string; level?: string; group?: number } = {};
  for (;;) {
    if (t.accept("prefix")) out.prefix = t.name("quoted string").text;
    else if (t.accept("level")) out.level = t.expect(...LEVELS).text;
    else if (t.accept("group")) out.group = t.number();
    else if (t.is("flags", "snaplen", "queue-threshold")) {
      const { text } = t.peek();
      t.refuse(`log ${text}`);
    } else return { kind: "log", ...out };
  }
}

const UNITS = ["second", "minute", "hour", "day", "week"] as const;

function readLimit(t: Tokens): NftStatement {
  t.next();
  if (t.is("name")) t.refuse("a limit of its own");
  t.expect("rate");
  const over = t.accept("over");
  if (!over) t.accept("until");
  const rate = t.number();
  const scale = BYTES[t.peek().text];
  const bytes = scale !== undefined;
  if (bytes) t.next();
  t.expect("/");
  const per = UNITS.find((unit) => unit === t.peek().text);
  if (per === undefined) t.unexpected();
  t.next();
  let burst = bytes ? 0 : 5;
  if (t.accept("burst")) {
    burst = t.number();
    const more = BYTES[t.peek().text];
    if (bytes && more !== undefined) burst *= more;
    t.next();
  }
  return { kind: "limit", over, rate: rate * (scale ?? 1), per, burst, ...(bytes ? { bytes } : {}) };
}

const BYTES: Readonly<Record<string, number>> = { bytes: 1, kbytes: 1024, mbytes: 1_048_576 };

/** `reject with ...`; a reset wants TCP, and the rule begins with that when nothing in it did. Models: stmt_reject_gen_dependency. */
function readReject(t: Tokens, c: Context, out: NftStatement[]): void {
  t.next();
  if (!t.accept("with")) {
    out.push({ kind: "reject", with: { kind: "default" } });
    return;
  }
  if (t.accept("tcp")) {
    t.expect("reset");
    if (!out.some(isTcpMatch)) {
      const left: NftExpr = { kind: "meta", key: "l4proto", type: "inet_proto" };
      const value = { type: "inet_proto", value: 6 } as const;
      out.unshift({ kind: "match", left, op: "==", right: { kind: "key", key: [{ kind: "value", value }] } });
    }
    out.push({ kind: "reject", with: { kind: "tcp-reset" } });
    return;
  }
  const kind = t.expect("icmp", "icmpv6", "icmpx").text;
  t.accept("type");
  const token = t.next();
  const table = kind === "icmpx" ? ICMPX_CODES : kind === "icmp" ? SYMBOLS.icmp_code : SYMBOLS.icmpv6_code;
  const code = token.kind === "number" ? Number(token.text) : table?.[token.text];
  if (code === undefined) throw new NftError(`Could not parse ${kind} code`, token.from, token.to);
  const how: NftReject = { kind: kind === "icmpx" ? "icmpx" : kind === "icmp" ? "icmp" : "icmpv6", code };
  const usual =
    (c.family === "ip" && how.kind === "icmp" && code === 3) ||
    (c.family === "ip6" && how.kind === "icmpv6" && code === 4) ||
    (c.family === "inet" && how.kind === "icmpx" && code === 1);
  out.push({ kind: "reject", with: usual ? { kind: "default" } : how });
}

function isTcpMatch(s: NftStatement): boolean {
  return s.kind === "match" && (isProtocol(s, 6) || (s.left.kind === "payload" && s.left.header === "tcp"));
}

/** `meta l4proto X` or `ip protocol X`. */
function isProtocol(s: NftStatement, protocol?: number): boolean {
  if (s.kind !== "match" || s.op !== "==" || s.right.kind !== "key") return false;
  const { left } = s;
  const about =
    (left.kind === "meta" && left.key === "l4proto") ||
    (left.kind === "payload" && left.field === "protocol");
  const part = s.right.key[0];
  return about && part?.kind === "value" && (protocol === undefined || part.value.value === protocol);
}

type Nat = Extract<NftStatement, { kind: "nat" }>;
const NAT_FLAGS = ["random", "fully-random", "persistent"] as const;

function readNat(t: Tokens, c: Context, before: readonly NftStatement[]): NftStatement {
  const token = t.next();
  const type = token.text as Nat["type"];
  const nat: Draft = { kind: "nat", type, flags: [] };
  if (type === "dnat" || type === "snat") {
    if (
      t.is("ip", "ip6") &&
      (t.peek(1).text === "to" || t.peek(1).text === "addr" || t.peek(1).text === "prefix")
    )
      nat.family = t.next().text === "ip6" ? "ip6" : "ip";
    if (t.accept("addr")) {
      t.expect(".");
      t.expect("port");
      nat.concat = true;
    }
    t.expect("to");
    readTarget(t, c, nat, before);
  } else if (t.accept("to")) {
    t.expect(":");
    readPorts(t, c, nat);
  }
  const flags: Nat["flags"][number][] = [];
  do {
    const flag = NAT_FLAGS.find((known) => known === t.peek().text);
    if (flag === undefined) break;
    t.next();
    flags.push(flag);
  } while (t.accept(","));
  return { ...nat, flags };
}

type Draft = { -readonly [K in keyof Nat]: Nat[K] };

function readTarget(t: Tokens, c: Context, nat: Draft, before: readonly NftStatement[]): void {
  const v6 = (nat.family ?? c.family) === "ip6";
  const type: NftType = v6 ? "ipv6_addr" : "ipv4_addr";
  if (beginsExpression(t)) {
    const wanted: readonly NftType[] = nat.concat === true ? [type, "inet_service"] : [type];
    nat.address = withMap(t, c, readExpr(t, c), wanted);
    if (nat.address.kind === "map" && !("name" in nat.address.data))
      nat.concat = joined(nat.address.data.elements[0]?.data);
    if (nat.concat === true) nat.family ??= c.family === "ip6" ? "ip6" : "ip";
    if (nat.concat !== true) delete nat.concat;
    return;
  }
  if (!t.is(":")) {
    const open = t.accept("[");
    nat.address = { kind: "value", value: readScalar(t, type, c.names) };
    if (open) t.expect("]");
    if (t.accept("-")) {
      const more = t.accept("[");
      nat.addressMax = { kind: "value", value: readScalar(t, type, c.names) };
      if (more) t.expect("]");
    }
  }
  const colon = t.peek();
  if (!t.accept(":")) return;
  if (!before.some((s) => isProtocol(s) || hasPorts(s) || isProtocolSet(s)))
    throw new NftError(
      "transport protocol mapping is only valid after transport protocol match",
      colon.from,
      t.peek().to,
    );
  readPorts(t, c, nat);
}

function joined(data: unknown): boolean {
  return Array.isArray(data) && data.length > 1;
}

function hasPorts(s: NftStatement): boolean {
  const exprs = s.kind === "match" ? [s.left] : s.kind === "vmap" ? [s.key] : [];
  return exprs.some(
    (e) => e.kind === "payload" && (e.header === "tcp" || e.header === "udp" || e.header === "sctp"),
  );
}

function isProtocolSet(s: NftStatement): boolean {
  return s.kind === "match" && s.left.kind === "meta" && s.left.key === "l4proto";
}

function readPorts(t: Tokens, c: Context, nat: Draft): void {
  if (beginsExpression(t)) {
    nat.port = withMap(t, c, readExpr(t, c), ["inet_service"]);
    return;
  }
  nat.port = { kind: "value", value: readScalar(t, "inet_service", c.names) };
  if (t.accept("-")) nat.portMax = { kind: "value", value: readScalar(t, "inet_service", c.names) };
}

/** `update @set { key [timeout T] [: data] }`. */
function readUpdate(t: Tokens, c: Context): NftStatement {
  const word = t.next().text;
  const op = word === "add" ? "add" : word === "update" ? "update" : "delete";
  const set = readReference(t, c).name;
  t.expect("{");
  const key = readExpr(t, c);
  const timeout = t.accept("timeout") ? readTime(t) : undefined;
  const data = t.accept(":") ? readExpr(t, c) : undefined;
  t.expect("}");
  return {
    kind: "update",
    op,
    set,
    key,
    ...(data === undefined ? {} : { data }),
    ...(timeout === undefined ? {} : { timeout }),
  };
}

const COMPARISONS: Readonly<Record<string, Extract<NftStatement, { kind: "match" }>["op"]>> = {
  "==": "==",
  eq: "==",
  "!=": "!=",
  ne: "!=",
  "<": "<",
  lt: "<",
  ">": ">",
  gt: ">",
  "<=": "<=",
  le: "<=",
  ">=": ">=",
  ge: ">=",
};

function readExpressionStatement(t: Tokens, c: Context, out: NftStatement[]): void {
  if (!beginsExpression(t)) unknownStatement(t);
  const left = readExpr(t, c);
  if (t.accept("vmap")) {
    const data = t.is("@")
      ? readReference(t, c)
      : { elements: readElements(t, c.names, typesOf(left), "verdict") };
    out.push({ kind: "vmap", key: left, data });
    return;
  }
  if (t.accept("set")) {
    out.push(readAssignment(t, c, left));
    return;
  }
  if (t.is("missing", "exists")) {
    out.push(existence(left, t.next().text === "exists"));
    return;
  }
  const word = t.peek().text;
  const op = t.peek().kind === "string" ? undefined : COMPARISONS[word];
  if (op !== undefined) t.next();
  const right = readRight(t, c, left, op === undefined || op === "!=");
  if (left.kind === "payload" && left.type === "tcp_flag" && t.accept("/")) {
    const mask = readBits(t, c.names, "tcp_flag").value;
    const value = right.kind === "flags" ? right.mask : 0;
    out.push(flagsMatch(left, mask, value, op ?? "=="));
    return;
  }
  implied(out, left);
  out.push({ kind: "match", left, op: op ?? "==", right });
}

/** `tcp flags syn / fin,syn`: of these, exactly those. */
function flagsMatch(
  left: NftExpr,
  mask: number,
  value: number,
  op: Extract<NftStatement, { kind: "match" }>["op"],
): NftStatement {
  const masked: NftExpr = {
    kind: "binary",
    op: "&",
    left,
    right: { kind: "value", value: { type: "tcp_flag", value: mask } },
    type: "tcp_flag",
  };
  const key = [{ kind: "value", value: { type: "tcp_flag", value } }] as const;
  return { kind: "match", left: masked, op, right: { kind: "key", key } };
}

/** `fib ... oif missing` asks whether there is no route. */
function existence(left: NftExpr, exists: boolean): NftStatement {
  const type = typesOf(left)[0]!;
  const value = { type, value: type === "ifname" ? "" : 0 };
  return {
    kind: "match",
    left,
    op: exists ? "!=" : "==",
    right: { kind: "key", key: [{ kind: "value", value }] },
  };
}

/** A header's own field makes the protocol match before it superfluous; nft does not keep it. */
function implied(out: NftStatement[], left: NftExpr): void {
  const last = out.at(-1);
  const first = left.kind === "concat" ? left.parts[0] : left.kind === "binary" ? left.left : left;
  if (last === undefined || first?.kind !== "payload") return;
  const protocol = PROTOCOLS[first.header];
  if (protocol !== undefined && isProtocol(last, protocol)) out.pop();
}

const PROTOCOLS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, icmp: 1, icmpv6: 58, sctp: 132 };

function unknownStatement(t: Tokens): never {
  const token = t.peek();
  if (UNMODELLED_STATEMENTS.has(token.text)) t.refuse(token.text);
  if (token.text === "@") t.refuse("a raw payload expression");
  if (token.kind === "word") t.next();
  return t.unexpected();
}

function readAssignment(t: Tokens, c: Context, left: NftExpr): NftStatement {
  const type = typesOf(left)[0]!;
  if (left.kind === "meta" && left.key === "priority" && t.peek(1).text === ":") t.refuse("a class of tc");
  const value = beginsExpression(t)
    ? withMap(t, c, readExpr(t, c), [type])
    : ({ kind: "value", value: readScalar(t, type, c.names) } as const);
  if (left.kind === "meta" && (left.key === "mark" || left.key === "priority" || left.key === "pkttype"))
    return { kind: "set-meta", key: left.key, value };
  if (left.kind === "ct" && (left.key === "mark" || left.key === "zone" || left.key === "label"))
    return { kind: "set-ct", key: left.key, value };
  if (left.kind === "payload") return { kind: "set-payload", header: left.header, field: left.field, value };
  return t.unexpected();
}
