import type {
  NftElement,
  NftExpr,
  NftPayload,
  NftRight,
  NftScalar,
  NftSetRef,
  NftType,
  NftVerdict,
} from "../../kernel/uapi/nft.ts";
import { NftError, type Tokens } from "./lexer.ts";
import { BARE_META, BITMASKS, FIELD_TYPES, META_TYPES, NUMBER_FIELDS } from "./symbols.ts";
import { mergeIntervals } from "./merge.ts";
import { type Names, readKey, readPart, readScalar, readTime } from "./value.ts";

/** Types of the sets and maps that a table has, as far as they are known. */
export interface SetTypes {
  readonly key: readonly NftType[];
  readonly data?: readonly NftType[] | "verdict";
}

/** What is being read: the family decides what `reject` and addresses without a header mean. */
export interface Context {
  readonly family: "ip" | "ip6" | "inet";
  readonly names: Names;
  /** Throws when there is no such set. */
  set(name: string, from: number, to: number): SetTypes;
}

const HEADERS: readonly NftPayload[] = ["ether", "ip", "ip6", "tcp", "udp", "th", "icmp", "icmpv6", "sctp"];
const OPERATORS: Readonly<Record<string, "&" | "|" | "^" | "<<" | ">>">> = {
  "&": "&",
  and: "&",
  "|": "|",
  or: "|",
  "^": "^",
  xor: "^",
  "<<": "<<",
  lshift: "<<",
  ">>": ">>",
  rshift: ">>",
};

function isHeader(word: string): word is NftPayload {
  return HEADERS.some((header) => header === word);
}

/** The types of what an expression gives. */
export function typesOf(expr: NftExpr): readonly NftType[] {
  switch (expr.kind) {
    case "concat":
      return expr.parts.flatMap(typesOf);
    case "value":
      return [expr.value.type];
    case "numgen":
    case "jhash":
      return ["integer"];
    case "map": {
      if ("name" in expr.data) return ["integer"];
      const data = expr.data.elements[0]?.data;
      return data === undefined || "kind" in data ? ["integer"] : data.map((d) => d.type);
    }
    default:
      return [expr.type];
  }
}

/** Whether an expression may begin here. */
export function beginsExpression(t: Tokens): boolean {
  const { text, kind } = t.peek();
  if (kind !== "word") return false;
  return (
    isHeader(text) ||
    BARE_META.has(text) ||
    ["meta", "ct", "fib", "numgen", "jhash", "symhash"].includes(text)
  );
}

/** An expression on the left side: operators, concatenation, a map after it. */
export function readExpr(t: Tokens, c: Context): NftExpr {
  const first = readBinary(t, c);
  if (!t.is(".")) return first;
  const parts = [first];
  while (t.accept(".")) parts.push(readBinary(t, c));
  return { kind: "concat", parts };
}

function readBinary(t: Tokens, c: Context): NftExpr {
  let left = readPrimary(t, c);
  for (;;) {
    const op = t.peek().kind === "string" ? undefined : OPERATORS[t.peek().text];
    if (op === undefined) return left;
    t.next();
    const type = op === "<<" || op === ">>" ? "integer" : typesOf(left)[0]!;
    const right = readOperand(t, c, type);
    left = merged({ kind: "binary", op, left, right, type: typesOf(left)[0]! });
  }
}

/** `(x & a) | b` is kept as `x & (a|b) | b`, as the kernel's one step of mask and exclusive-or gives it back. */
function merged(expr: Extract<NftExpr, { kind: "binary" }>): NftExpr {
  const { left, right } = expr;
  if (expr.op !== "|" || left.kind !== "binary" || left.op !== "&") return expr;
  if (right.kind !== "value" || left.right.kind !== "value") return expr;
  const [a, b] = [left.right.value.value, right.value.value];
  if (typeof a !== "number" || typeof b !== "number") return expr;
  const mask = { ...left.right.value, value: (a | b) >>> 0 };
  return { ...expr, left: { ...left, right: { kind: "value", value: mask } } };
}

/** What stands after an operator: a value, `(a|b|c)`, or another expression. */
function readOperand(t: Tokens, c: Context, type: NftType): NftExpr {
  if (t.accept("(")) {
    let value = number(readScalar(t, type, c.names));
    while (t.accept("|", ",")) value |= number(readScalar(t, type, c.names));
    t.expect(")");
    return { kind: "value", value: { type, value: value >>> 0 } };
  }
  if (beginsExpression(t)) return readPrimary(t, c);
  return { kind: "value", value: readScalar(t, type, c.names) };
}

function number(scalar: NftScalar): number {
  return typeof scalar.value === "number" ? scalar.value : 0;
}

function readPrimary(t: Tokens, c: Context): NftExpr {
  const token = t.peek();
  const { text } = token;
  if (token.kind === "word") {
    if (isHeader(text)) return readPayload(t, c, text);
    if (text === "meta" || BARE_META.has(text)) return readMeta(t);
    if (text === "ct") return readCt(t, c);
    if (text === "fib") return readFib(t);
    if (text === "numgen") return readNumgen(t, c);
    if (text === "jhash" || text === "symhash")
      throw new NftError(`flannelgraph: ${text} is not modelled yet`, token.from, token.to);
  }
  if (token.kind === "number") return { kind: "value", value: readScalar(t, "integer", c.names) };
  if (token.kind === "ip4") return { kind: "value", value: readScalar(t, "ipv4_addr", c.names) };
  if (token.kind === "ip6") return { kind: "value", value: readScalar(t, "ipv6_addr", c.names) };
  return t.unexpected();
}

function readPayload(t: Tokens, c: Context, header: NftPayload): NftExpr {
  const { from } = t.next();
  const field = t.peek();
  const other = (c.family === "ip" && header === "ip6") || (c.family === "ip6" && header === "ip");
  if (other) throw new NftError(`conflicting protocols specified: ${c.family} vs. ${header}`, from, field.to);
  const type = FIELD_TYPES[`${header} ${field.text}`];
  if (type !== undefined) {
    t.next();
    return { kind: "payload", header, field: field.text, type };
  }
  if (field.text === "option") t.refuse(`${header} option`);
  if (NUMBER_FIELDS[header]?.includes(field.text) !== true) t.unexpected();
  t.next();
  return { kind: "payload", header, field: field.text, type: "integer" };
}

type MetaKey = Extract<NftExpr, { kind: "meta" }>["key"];
const META_KEYS = Object.keys(META_TYPES) as readonly MetaKey[];

function readMeta(t: Tokens): NftExpr {
  t.accept("meta");
  const token = t.peek();
  const key = META_KEYS.find((known) => known === token.text);
  if (key === undefined) t.unexpected();
  t.next();
  return { kind: "meta", key, type: META_TYPES[key]! };
}

type CtKey = Extract<NftExpr, { kind: "ct" }>["key"];
const CT_TYPES: Readonly<Record<CtKey, NftType>> = {
  state: "ct_state",
  status: "ct_status",
  mark: "mark",
  direction: "ct_dir",
  zone: "integer",
  protocol: "inet_proto",
  l3proto: "nf_proto",
  saddr: "ipv4_addr",
  daddr: "ipv4_addr",
  "proto-src": "inet_service",
  "proto-dst": "inet_service",
  expiration: "integer",
  label: "ct_label",
  id: "integer",
};
const CT_KEYS = Object.keys(CT_TYPES) as readonly CtKey[];

function readCt(t: Tokens, c: Context): NftExpr {
  t.next();
  const direction = t.is("original", "reply")
    ? t.next().text === "reply"
      ? "reply"
      : "original"
    : undefined;
  const family = t.is("ip", "ip6") ? (t.next().text === "ip6" ? "ip6" : "ip") : undefined;
  const key = CT_KEYS.find((known) => known === t.peek().text);
  if (key === undefined) t.unexpected();
  t.next();
  const v6 = (family ?? c.family) === "ip6";
  const type = v6 && CT_TYPES[key] === "ipv4_addr" ? "ipv6_addr" : CT_TYPES[key];
  return {
    kind: "ct",
    key,
    ...(direction === undefined ? {} : { direction }),
    ...(family === undefined ? {} : { family }),
    type,
  };
}

type Fib = Extract<NftExpr, { kind: "fib" }>;
const FIB_BY = ["saddr", "daddr", "mark", "iif", "oif"] as const;

function readFib(t: Tokens): NftExpr {
  t.next();
  const by: Fib["by"][number][] = [];
  do {
    const flag = FIB_BY.find((known) => known === t.peek().text);
    if (flag === undefined) t.unexpected();
    t.next();
    by.push(flag);
  } while (t.accept("."));
  const result = t.expect("type", "oif", "oifname").text;
  if (result === "type") return { kind: "fib", by, result, type: "fib_addrtype" };
  if (result === "oif") return { kind: "fib", by, result, type: "iface_index" };
  return { kind: "fib", by, result: "oifname", type: "ifname" };
}

function readNumgen(t: Tokens, c: Context): NftExpr {
  t.next();
  const mode = t.expect("random", "inc").text === "inc" ? "inc" : "random";
  t.expect("mod");
  const modulus = t.number();
  const offset = t.accept("offset") ? t.number() : 0;
  return withMap(t, c, { kind: "numgen", mode, modulus, offset });
}

/** `KEY map { ... }` or `KEY map @name`; the data's types are read off the first element. */
export function withMap(t: Tokens, c: Context, key: NftExpr, wanted?: readonly NftType[]): NftExpr {
  if (!t.accept("map")) return key;
  return { kind: "map", key, data: readData(t, c, typesOf(key), wanted) };
}

function readData(t: Tokens, c: Context, key: readonly NftType[], wanted?: readonly NftType[]): NftSetRef {
  if (t.is("@")) return readReference(t, c);
  return { elements: readElements(t, c.names, key, wanted ?? "guess") };
}

export function readReference(t: Tokens, c: Context): { name: string } {
  const sign = t.expect("@");
  const token = t.identifier();
  c.set(token.text, sign.from, token.to);
  return { name: token.text };
}

export function readVerdict(t: Tokens): NftVerdict | undefined {
  const { text } = t.peek();
  switch (text) {
    case "accept":
    case "drop":
    case "return":
    case "continue":
      t.next();
      return { kind: text };
    case "jump":
    case "goto":
      t.next();
      return { kind: text, chain: t.identifier().text };
    default:
      return undefined;
  }
}

/** Types of map values, where no declaration tells: by what they look like. */
function guess(t: Tokens): readonly NftType[] {
  const types: NftType[] = [];
  for (let ahead = 0; ; ahead += 2) {
    const token = t.peek(ahead);
    types.push(
      token.kind === "ip4"
        ? "ipv4_addr"
        : token.kind === "ip6"
          ? "ipv6_addr"
          : types.length > 0
            ? "inet_service"
            : "mark",
    );
    if (t.peek(ahead + 1).text !== ".") return types;
  }
}

/** `{ key [timeout T] [comment "..."] [: data], ... }`. */
export function readElements(
  t: Tokens,
  names: Names,
  key: readonly NftType[],
  data: readonly NftType[] | "verdict" | "guess" | undefined,
): NftElement[] {
  t.expect("{");
  const out: NftElement[] = [];
  for (;;) {
    while (t.accept("\n"));
    if (t.accept("}")) return out;
    out.push(readElement(t, names, key, data));
    while (t.accept("\n"));
    if (!t.accept(",")) {
      t.expect("}");
      return out;
    }
  }
}

function readElement(
  t: Tokens,
  names: Names,
  types: readonly NftType[],
  data: readonly NftType[] | "verdict" | "guess" | undefined,
): NftElement {
  const key = readKey(t, types, names);
  let timeout: number | undefined;
  let comment: string | undefined;
  let counter: NftElement["counter"];
  for (;;) {
    if (t.accept("timeout")) timeout = readTime(t);
    else if (t.accept("expires")) readTime(t);
    else if (t.accept("comment")) comment = t.name().text;
    else if (t.accept("counter")) {
      const packets = t.accept("packets") ? t.number() : 0;
      counter = { packets, bytes: t.accept("bytes") ? t.number() : 0 };
    } else break;
  }
  const extra = {
    ...(timeout === undefined ? {} : { timeout }),
    ...(comment === undefined ? {} : { comment }),
    ...(counter === undefined ? {} : { counter }),
  };
  if (data === undefined || !t.accept(":")) return { key, ...extra };
  const verdict = data === "verdict" || data === "guess" ? readVerdict(t) : undefined;
  if (verdict !== undefined) return { key, data: verdict, ...extra };
  if (data === "verdict") t.unexpected();
  const chosen = data === "guess" ? guess(t) : data;
  const values = chosen.map((type, i) => {
    if (i > 0) t.expect(".");
    return readScalar(t, type, names);
  });
  return { key, data: values, ...extra };
}

/** What a match compares with. */
export function readRight(t: Tokens, c: Context, left: NftExpr, implicit: boolean): NftRight {
  const types = typesOf(left);
  if (t.is("@")) return { kind: "set", set: readReference(t, c) };
  if (t.is("{")) {
    const elements = readElements(t, c.names, types, undefined);
    return alone(elements, types, implicit) ?? { kind: "set", set: { elements: mergeIntervals(elements) } };
  }
  const type = types[0]!;
  if (types.length === 1 && BITMASKS.has(type) && left.kind !== "binary") {
    const mask = readBits(t, c.names, type);
    return implicit || mask.many
      ? { kind: "flags", type, mask: mask.value }
      : { kind: "key", key: [{ kind: "value", value: { type, value: mask.value } }] };
  }
  if (BITMASKS.has(type) && left.kind === "binary")
    return {
      kind: "key",
      key: [{ kind: "value", value: { type, value: readBits(t, c.names, type).value } }],
    };
  const key = types.map((one, i) => {
    if (i > 0) t.expect(".");
    return readPart(t, one, c.names);
  });
  return { kind: "key", key };
}

/** A set that is written with one value, other than of a concatenation, is that value. Models: expr_evaluate_set. */
function alone(
  elements: readonly NftElement[],
  [type, ...more]: readonly NftType[],
  implicit: boolean,
): NftRight | undefined {
  const [only, ...others] = elements;
  if (type === undefined || more.length > 0 || only === undefined || others.length > 0) return undefined;
  const { key, comment, timeout, counter } = only;
  if ([comment, timeout, counter].some((extra) => extra !== undefined)) return undefined;
  const [part] = key;
  if (implicit && BITMASKS.has(type) && part?.kind === "value" && typeof part.value.value === "number")
    return { kind: "flags", type, mask: part.value.value };
  return { kind: "key", key };
}

/** `a,b,c`, `a|b`, `(a|b)` or a number, of a type of bits. */
export function readBits(t: Tokens, names: Names, type: NftType): { value: number; many: boolean } {
  const open = t.accept("(");
  let value = 0;
  let n = 0;
  do {
    value |= number(readScalar(t, type, names));
    n++;
  } while (t.accept(",", "|"));
  if (open) t.expect(")");
  return { value: value >>> 0, many: n > 1 };
}
