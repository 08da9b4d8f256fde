import { ALWAYS, among, ANY_KIND, both, either, kindOf, NEVER, opposite } from "./kinds.ts";
import { combine, constant, RELATIONS, type Value } from "./arithmetic.ts";
import type { FilterError } from "./compile.ts";
import { accessor } from "./fields.ts";
import { type Direction, ETH_VLAN, type Matcher } from "./match.ts";
import { CONSTANTS, NOT_MODELLED } from "./names.ts";
import { PrimitiveCompiler, type Qualifiers } from "./primitives.ts";
import type { Token } from "./tokens.ts";

/** Addresses of names that were looked up; undefined is a name that nobody knows. */
export type HostTable = ReadonlyMap<string, readonly number[] | undefined>;

/** Ends the parsing; caught by `compileFilter`. */
export class FilterFault extends Error {
  readonly reason: FilterError;

  constructor(reason: FilterError) {
    super(reason.kind);
    this.reason = reason;
  }
}

export function complain(text: string): never {
  throw new FilterFault({ kind: "message", text });
}

export function syntaxError(): never {
  complain("can't parse filter expression: syntax error");
}

export const PROTOCOL_WORDS: ReadonlySet<string> = new Set(
  "ether link ip ip6 arp rarp tcp udp sctp icmp icmp6 igmp esp ah pim vrrp".split(" "),
);
const TYPE_WORDS: ReadonlySet<string> = new Set(["host", "net", "port", "portrange"]);
const KEYWORDS: ReadonlySet<string> = new Set([
  ...PROTOCOL_WORDS,
  ...TYPE_WORDS,
  ..."src dst and or not proto broadcast multicast less greater len vlan inbound outbound mask".split(" "),
]);

const PRECEDENCE: readonly (readonly string[])[] = [
  ["|", "&", "^"],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];

/** A recursive descent through the grammar of pcap-filter(7): `and` and `or` bind alike, from the left. */
export class FilterParser {
  private readonly tokens: readonly Token[];
  private readonly primitives: PrimitiveCompiler;
  private at = 0;
  /** VLAN tags that the primitives so far have stepped over. */
  private tags = 0;
  /** What a bare identifier behind `and` or `or` inherits. */
  private last: Qualifiers | undefined;

  constructor(tokens: readonly Token[], linkType: number, hosts: HostTable) {
    this.tokens = tokens;
    this.primitives = new PrimitiveCompiler(linkType, hosts);
  }

  parse(): Matcher {
    const whole = this.expression();
    if (this.at < this.tokens.length) syntaxError();
    return whole;
  }

  private peek(): Token | undefined {
    return this.tokens[this.at];
  }

  private isWord(text: string, ahead = 0): boolean {
    const token = this.tokens[this.at + ahead];
    return token?.kind === "word" && !token.escaped && token.text === text;
  }

  private isSign(text: string, ahead = 0): boolean {
    const token = this.tokens[this.at + ahead];
    return token?.kind === "sign" && token.text === text;
  }

  private acceptSign(...texts: readonly string[]): string | undefined {
    const found = texts.find((text) => this.isSign(text));
    if (found !== undefined) this.at++;
    return found;
  }

  private acceptWord(...texts: readonly string[]): string | undefined {
    const found = texts.find((text) => this.isWord(text));
    if (found !== undefined) this.at++;
    return found;
  }

  private expression(): Matcher {
    let left = this.term();
    for (;;) {
      if (this.acceptWord("and") !== undefined || this.acceptSign("&&") !== undefined)
        left = conjunction(left, this.term());
      else if (this.acceptWord("or") !== undefined || this.acceptSign("||") !== undefined)
        left = disjunction(left, this.term());
      else return left;
    }
  }

  private term(): Matcher {
    if (this.acceptWord("not") !== undefined || this.acceptSign("!") !== undefined) {
      const inner = this.term();
      return { test: (view) => !inner.test(view), kinds: opposite(inner.kinds) };
    }
    const relation = this.tryRelation();
    if (relation !== undefined) return relation;
    if (this.acceptSign("(") !== undefined) {
      const inner = this.expression();
      if (this.acceptSign(")") === undefined) syntaxError();
      return inner;
    }
    return this.primitive();
  }

  /** A comparison of numbers, if one stands here. */
  private tryRelation(): Matcher | undefined {
    const start = this.at;
    const left = this.value(0);
    const sign = left && this.acceptSign(...Object.keys(RELATIONS));
    const right = sign === undefined ? undefined : this.value(0);
    if (left === undefined || sign === undefined || right === undefined) {
      if (sign !== undefined) syntaxError();
      this.at = start;
      return undefined;
    }
    const compare = RELATIONS[sign]!;
    if (left.constant !== undefined && right.constant !== undefined) {
      const holds = compare(left.constant, right.constant);
      return { test: () => holds, kinds: holds ? ALWAYS : NEVER };
    }
    const kinds = [left.kinds, right.kinds].reduce((a, b) => both(a, b), ANY_KIND);
    return {
      test: (view) =>
        left.applies(view) && right.applies(view) && compare(left.evaluate(view), right.evaluate(view)),
      kinds: among(kinds),
    };
  }

  private value(level: number): FieldValue | undefined {
    const signs = PRECEDENCE[level];
    if (signs === undefined) return this.atom();
    let left = this.value(level + 1);
    while (left !== undefined) {
      const sign = this.acceptSign(...signs);
      if (sign === undefined) return left;
      const right = this.value(level + 1);
      if (right === undefined) return undefined;
      left = { ...combine(sign, left, right), kinds: both(left.kinds, right.kinds) };
    }
    return undefined;
  }

  private atom(): FieldValue | undefined {
    const token = this.peek();
    if (token === undefined) return undefined;
    if (token.kind === "number") {
      this.at++;
      return { ...constant(token.value), kinds: ANY_KIND };
    }
    if (this.acceptSign("-") !== undefined) {
      const inner = this.atom();
      return inner && { ...combine("-", constant(0), inner), kinds: inner.kinds };
    }
    if (this.acceptSign("(") !== undefined) {
      const inner = this.value(0);
      return inner !== undefined && this.acceptSign(")") !== undefined ? inner : undefined;
    }
    if (token.kind !== "word" || token.escaped) return undefined;
    const known = CONSTANTS.get(token.text);
    if (known !== undefined) {
      this.at++;
      return { ...constant(known), kinds: ANY_KIND };
    }
    if (token.text === "len") {
      this.at++;
      return { evaluate: (view) => view.length, applies: () => true, kinds: ANY_KIND };
    }
    return PROTOCOL_WORDS.has(token.text) && this.isSign("[", 1) ? this.field(token.text) : undefined;
  }

  /** `tcp[13]`, `ip[2:2]`. */
  private field(protocol: string): FieldValue {
    this.at += 2;
    const index = this.value(0) ?? syntaxError();
    let size = 1;
    if (this.acceptSign(":") !== undefined) {
      const token = this.peek();
      if (token?.kind !== "number") syntaxError();
      this.at++;
      size = token.value;
      if (size !== 1 && size !== 2 && size !== 4) complain("data size must be 1, 2, or 4");
    }
    if (this.acceptSign("]") === undefined) syntaxError();
    const { value, kinds } = accessor(protocol, this.tags, index, size);
    return { ...value, kinds: this.tags === 0 ? both(kinds, index.kinds) : ANY_KIND };
  }

  private primitive(): Matcher {
    const token = this.peek() ?? syntaxError();
    if (token.kind === "sign") syntaxError();
    if (token.kind !== "word" || !KEYWORDS.has(token.text) || token.escaped) {
      if (token.kind === "word" && !token.escaped && NOT_MODELLED.has(token.text))
        throw new FilterFault({ kind: "refused", what: `the filter word ${token.text}` });
      if (this.last === undefined) syntaxError();
      return this.identified(this.last);
    }
    if (this.acceptWord("vlan") !== undefined) return this.vlan();
    const comparison = this.acceptWord("less", "greater");
    if (comparison !== undefined) return this.length(comparison);
    if (this.acceptWord("inbound", "outbound") !== undefined)
      throw new FilterFault({ kind: "refused", what: "the filter words inbound and outbound" });
    return this.qualified();
  }

  private length(comparison: string): Matcher {
    const token = this.peek();
    if (token?.kind !== "number") syntaxError();
    this.at++;
    const limit = token.value;
    return {
      test: comparison === "less" ? (view) => view.length <= limit : (view) => view.length >= limit,
      kinds: ANY_KIND,
    };
  }

  private vlan(): Matcher {
    const token = this.peek();
    let id: number | undefined;
    if (token?.kind === "number") {
      this.at++;
      id = token.value;
      if (id > 4095) complain(`VLAN tag ${id} greater than maximum 4095`);
    }
    const tags = this.tags++;
    return {
      test: (view) => {
        const type = view.type(tags);
        if (type !== ETH_VLAN && type !== 0x88a8 && type !== 0x9100) return false;
        return id === undefined || (view.read(14 + 4 * tags, 2) & 0xfff) === id;
      },
      kinds: tags === 0 ? among(kindOf(ETH_VLAN)) : ANY_KIND,
    };
  }

  private qualified(): Matcher {
    const protocol = this.acceptWord(...PROTOCOL_WORDS);
    if (this.acceptWord("broadcast") !== undefined) return this.primitives.broadcast(protocol);
    if (this.acceptWord("multicast") !== undefined)
      return this.kindless(this.primitives.multicast(protocol, this.tags));
    if (this.acceptWord("proto") !== undefined) return this.protocolNumber(protocol);
    const direction = this.direction();
    const type = this.acceptWord(...TYPE_WORDS);
    if (direction === undefined && type === undefined) {
      if (protocol === undefined) syntaxError();
      this.last = { protocol };
      return this.kindless(this.primitives.protocol(protocol, this.tags));
    }
    const qualifiers: Qualifiers = {
      ...(protocol === undefined ? {} : { protocol }),
      direction: direction ?? "either",
      ...(type === undefined ? {} : { type }),
    };
    const matcher = this.identified(qualifiers);
    this.last = qualifiers;
    return matcher;
  }

  private direction(): Direction | undefined {
    const first = this.acceptWord("src", "dst");
    if (first === undefined) return undefined;
    const other = first === "src" ? "dst" : "src";
    for (const [word, sign, result] of [
      ["or", "||", "either"],
      ["and", "&&", "both"],
    ] as const)
      if ((this.isWord(word) || this.isSign(sign)) && this.isWord(other, 1)) {
        this.at += 2;
        return result;
      }
    return first === "src" ? "src" : "dst";
  }

  /** The identifier that qualifiers stand before. */
  private identified(qualifiers: Qualifiers): Matcher {
    const token = this.peek();
    if (token === undefined || token.kind === "sign") syntaxError();
    if (token.kind === "word" && !token.escaped && KEYWORDS.has(token.text)) syntaxError();
    this.at++;
    let prefix: number | undefined;
    let mask: string | undefined;
    if (token.kind !== "word" && this.isSign("/")) {
      this.at++;
      const length = this.peek();
      if (length?.kind !== "number") syntaxError();
      this.at++;
      prefix = length.value;
    } else if (this.acceptWord("mask") !== undefined) {
      mask = this.peek()?.text ?? syntaxError();
      this.at++;
    }
    return this.kindless(this.primitives.identified(qualifiers, token, prefix, mask, this.tags));
  }

  private protocolNumber(protocol: string | undefined): Matcher {
    const token = this.peek();
    if (token === undefined || token.kind === "sign") syntaxError();
    if (token.kind === "word" && !token.escaped && KEYWORDS.has(token.text)) syntaxError();
    this.at++;
    return this.kindless(this.primitives.protocolNumber(protocol, token, this.tags));
  }

  /** Behind a VLAN tag, what the kinds say is about another header. */
  private kindless(matcher: Matcher): Matcher {
    return this.tags === 0 ? matcher : { ...matcher, kinds: ANY_KIND };
  }
}

interface FieldValue extends Value {
  readonly kinds: Matcher["kinds"];
}

function conjunction(a: Matcher, b: Matcher): Matcher {
  return { test: (view) => a.test(view) && b.test(view), kinds: both(a.kinds, b.kinds) };
}

function disjunction(a: Matcher, b: Matcher): Matcher {
  return { test: (view) => a.test(view) || b.test(view), kinds: either(a.kinds, b.kinds) };
}
