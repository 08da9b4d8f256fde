/** The words of nft(8)'s language, with where they stand. */
export type TokenKind =
  "word" | "string" | "number" | "time" | "ip4" | "ip6" | "mac" | "sign" | "newline" | "end";

export interface Token {
  readonly kind: TokenKind;
  /** As written; of a string, its contents. */
  readonly text: string;
  /** Offsets in the whole text. */
  readonly from: number;
  readonly to: number;
}

/** What nft says of a mistake: the words, and the place that its marks stand under. */
export class NftError extends Error {
  readonly from: number;
  readonly to: number;

  constructor(message: string, from: number, to: number) {
    super(message);
    this.from = from;
    this.to = to;
  }
}

const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ["mac", /(?:[0-9a-f]{1,2}:){5}[0-9a-f]{1,2}(?![0-9a-f:])/iy],
  [
    "ip6",
    /(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*)?::(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*)?|(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}/iy,
  ],
  ["ip4", /\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![0-9])/y],
  ["number", /0x[0-9a-f]+/iy],
  ["time", /(?:\d+(?:ms|[dhms]))+(?![a-z0-9])/iy],
  ["number", /\d+/y],
  ["word", /[A-Za-z_][A-Za-z0-9/_.*-]*|\\?\*/y],
  ["sign", /!=|==|<=|>=|<<|>>|[{}()[\];,:.=<>&|^@/!+-]/y],
];

/** Cuts a text into tokens. Comments and line continuations are skipped. Throws NftError at a letter that has no place. */
export function tokens(text: string): Token[] {
  const out: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const c = text[at]!;
    if (c === "\n") out.push({ kind: "newline", text: c, from: at, to: ++at });
    else if (c === " " || c === "\t" || c === "\r") at++;
    else if (c === "#") at = skipLine(text, at);
    else if (c === "\\" && text[at + 1] === "\n") at += 2;
    else if (c === '"') {
      const close = text.indexOf('"', at + 1);
      if (close < 0) throw new NftError("syntax error, unexpected junk", at, at + 1);
      out.push({ kind: "string", text: text.slice(at + 1, close), from: at, to: close + 1 });
      at = close + 1;
    } else {
      const token = match(text, at);
      if (token === undefined) throw new NftError("syntax error, unexpected junk", at, at + 1);
      out.push(token);
      at = token.to;
    }
  }
  out.push({ kind: "end", text: "", from: text.length, to: text.length });
  return out;
}

function skipLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

function match(text: string, at: number): Token | undefined {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined && found !== "") return { kind, text: found, from: at, to: at + found.length };
  }
  return undefined;
}

/** A walk over tokens. */
export class Tokens {
  private readonly list: readonly Token[];
  private at = 0;

  constructor(text: string) {
    this.list = tokens(text);
  }

  peek(ahead = 0): Token {
    return this.list[Math.min(this.at + ahead, this.list.length - 1)]!;
  }

  next(): Token {
    const token = this.peek();
    if (this.at < this.list.length - 1) this.at++;
    return token;
  }

  /** The end of the last token that was taken. */
  get end(): number {
    return this.at === 0 ? 0 : this.list[this.at - 1]!.to;
  }

  /** Where a value that begins at an offset ends: before a comma, a brace, or blanks. */
  endOfPart(from: number): number {
    const at = this.list.findIndex((token) => token.from === from);
    let end = from;
    for (let i = Math.max(at, 0); i < this.list.length; i++) {
      const token = this.list[i]!;
      if (i > at && token.from !== end && token.text !== "." && this.list[i - 1]!.text !== ".") return end;
      if (token.kind === "sign" && [",", "}", ":"].includes(token.text)) return end;
      end = token.to;
    }
    return end;
  }

  is(...texts: readonly string[]): boolean {
    const token = this.peek();
    return token.kind !== "string" && texts.includes(token.text);
  }

  /** Takes the token when it is one of these. */
  accept(...texts: readonly string[]): boolean {
    if (!this.is(...texts)) return false;
    this.next();
    return true;
  }

  expect(...texts: readonly string[]): Token {
    if (!this.is(...texts)) this.unexpected(texts.join(" or "));
    return this.next();
  }

  /** A name: a word, or one in quotes. */
  name(what = "string"): Token {
    const token = this.peek();
    if (token.kind !== "word" && token.kind !== "string") this.unexpected(what);
    return this.next();
  }

  /** The name of a table, a chain, a set: not a word of the language. */
  identifier(): Token {
    const { kind, text, from, to } = this.peek();
    if (kind === "word" && RESERVED.has(text))
      throw new NftError(`syntax error, unexpected ${text}, expecting string`, from, to);
    return this.name();
  }

  number(): number {
    const token = this.peek();
    if (token.kind !== "number") this.unexpected("number");
    this.next();
    return Number(token.text);
  }

  skipNewlines(): void {
    while (this.is("\n", ";")) this.next();
  }

  /** Says that the next token begins something that is not modelled. */
  refuse(what: string): never {
    const { from, to } = this.peek();
    throw new NftError(`flannelgraph: ${what} is not modelled yet`, from, to);
  }

  unexpected(expected?: string): never {
    const token = this.peek();
    if (token.kind === "word" && NOT_MODELLED.has(token.text)) this.refuse(token.text);
    const plain = token.kind === "word" && !KEYWORDS.has(token.text) ? "string" : token.text;
    const what = NAMES[token.kind] ?? (token.kind === "sign" ? `'${token.text}'` : plain);
    const tail = expected === undefined || expected === "" ? "" : `, expecting ${expected}`;
    throw new NftError(
      `syntax error, unexpected ${what}${tail}`,
      token.from,
      Math.max(token.to, token.from + 1),
    );
  }
}

/** Words of nft(8) that begin a statement, a match or a header which is not modelled. */
export const UNMODELLED_STATEMENTS: ReadonlySet<string> = new Set(
  (
    "arp vlan igmp dccp udplite ah esp comp gre geneve vxlan frag rt dst hbh mh srh exthdr ipsec osf socket tproxy synproxy dup fwd flow meter xt quota last " +
    "iiftype oiftype iifkind oifkind iifgroup oifgroup ibriport obriport cgroup rtclassid time hour day"
  ).split(" "),
);

/**
 * The same with words that stand inside: keys of meta and ct, objects. Where one of them stands, the ruleset is right and
 * we are not able to play it.
 */
const NOT_MODELLED: ReadonlySet<string> = new Set([
  ...UNMODELLED_STATEMENTS,
  ...(
    "tunnel secmark broute nftrace ibrpvid ibrvproto cgroupv2 cpu random sdif sdifname " +
    "bytes packets avgpkt helper count eventmask event symhash jhash flowtable quotas limits helpers typeof performance memory"
  ).split(" "),
]);

/** Words that cannot be names, as nft 1.0.6 took them or did not. */
const RESERVED: ReadonlySet<string> = new Set(
  (
    "table chain rule set map element counter type hook priority policy accept drop jump goto return continue ip ip6 inet tcp udp th icmp icmpv6 ether meta ct fib mark log limit reject " +
    "masquerade redirect dnat snat comment flags timeout elements handle position index list add delete insert replace flush fwd dup queue quota rt socket osf vlan arp tproxy flow meter " +
    "random all size describe export import monitor reset rename create get iif oif iifname oifname skuid cpu time day hour and or xor not eq ne"
  ).split(" "),
);

/** Words of the language itself, which complaints call by name. */
const KEYWORDS: ReadonlySet<string> = new Set(
  "table chain rule set map element counter type hook priority policy accept drop jump goto return continue ip ip6 inet tcp udp th icmp icmpv6 ether meta ct fib mark dport sport saddr daddr log limit reject masquerade redirect dnat snat comment flags timeout elements handle position index to with list add delete insert replace flush".split(
    " ",
  ),
);

const NAMES: Partial<Record<TokenKind, string>> = {
  newline: "newline",
  end: "newline",
  number: "number",
  string: "quoted string",
  ip4: "string",
  ip6: "string",
  mac: "string",
  time: "string",
};
