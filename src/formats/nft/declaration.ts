import type {
  NftBase,
  NftChainType,
  NftElement,
  NftFamily,
  NftHook,
  NftSetSpec,
  NftType,
} from "../../kernel/uapi/nft.ts";
import { type Context, readElements, readExpr, type SetTypes, typesOf } from "./expression.ts";
import { NftError, type Tokens } from "./lexer.ts";
import { FIELD_TYPES, META_TYPES, PRIORITIES } from "./symbols.ts";
import { type Names, readTime } from "./value.ts";

type Draft = { -readonly [K in keyof NftSetSpec]: NftSetSpec[K] };

/** Reads what stands in the braces of chains, sets and maps. */
export class Declarations {
  private readonly t: Tokens;
  private readonly names: Names;
  /** Sets that this script declares, by `family table name`. */
  readonly declared = new Map<string, SetTypes>();

  constructor(t: Tokens, names: Names) {
    this.t = t;
    this.names = names;
  }

  private get context(): Context {
    return { family: "inet", names: this.names, set: () => ({ key: ["integer"] }) };
  }

  base(): NftBase {
    const { t } = this;
    t.expect("type");
    const types: readonly NftChainType[] = ["filter", "nat", "route"];
    const typeToken = t.name();
    const type = types.find((known) => known === typeToken.text);
    if (type === undefined) throw new NftError("unknown chain type", typeToken.from, typeToken.to);
    t.expect("hook");
    const hooks: readonly NftHook[] = ["prerouting", "input", "forward", "output", "postrouting"];
    const hookToken = t.name();
    const hook = hooks.find((known) => known === hookToken.text);
    if (hook === undefined) throw new NftError("unknown chain hook", hookToken.from, hookToken.to);
    const priority = this.priority(hook);
    const base: NftBase = { type, hook, priority, policy: "accept" };
    t.accept(";");
    return base;
  }

  private priority(hook: NftHook): number {
    const { t } = this;
    const from = t.expect("priority").from;
    let value: number;
    const token = t.peek();
    if (token.kind === "word") {
      t.next();
      const named = PRIORITIES[token.text];
      const fits =
        (token.text !== "dstnat" || hook === "prerouting") &&
        (token.text !== "srcnat" || hook === "postrouting");
      if (named === undefined || !fits)
        throw new NftError("invalid priority expression value in this context.", from, token.to);
      value = named;
    } else {
      const minus = t.accept("-");
      value = t.number() * (minus ? -1 : 1);
    }
    if (t.is("+", "-")) {
      const minus = t.next().text === "-";
      value += t.number() * (minus ? -1 : 1);
    }
    return value;
  }

  policy(): "accept" | "drop" {
    const { t } = this;
    t.expect("policy");
    if (!t.is("accept", "drop")) t.unexpected("accept or drop or '$'");
    return t.next().text === "drop" ? "drop" : "accept";
  }

  set(
    name: string,
    map: boolean,
    family: NftFamily,
    table: string,
  ): { spec: NftSetSpec; members: NftElement[] } {
    const { t } = this;
    const spec: Draft = { name, key: [], flags: [] };
    let members: NftElement[] = [];
    t.expect("{");
    for (;;) {
      t.skipNewlines();
      if (t.accept("}")) break;
      if (t.accept("elements")) {
        t.expect("=");
        members = readElements(t, this.names, spec.key, spec.data);
      } else this.property(spec, map);
    }
    if (spec.flags.includes("dynamic") && spec.size === undefined) spec.size = 65_535;
    const types = spec.data === undefined ? { key: spec.key } : { key: spec.key, data: spec.data };
    this.declared.set(`${family} ${table} ${name}`, types);
    return { spec, members };
  }

  private property(spec: Draft, map: boolean): void {
    const { t } = this;
    const word = t.next();
    switch (word.text) {
      case "type":
      case "typeof":
        spec.key = this.types(word.text === "typeof");
        if (map) {
          t.expect(":");
          spec.data = t.accept("verdict") ? "verdict" : this.types(word.text === "typeof");
        }
        break;
      case "flags":
        spec.flags = this.flags();
        break;
      case "timeout":
        spec.timeout = readTime(t);
        break;
      case "gc-interval":
        spec.gcInterval = readTime(t);
        break;
      case "size":
        spec.size = t.number();
        break;
      case "auto-merge":
        spec.autoMerge = true;
        break;
      case "counter":
        spec.counter = true;
        break;
      case "comment":
        spec.comment = t.name().text;
        break;
      default:
        throw new NftError(
          `syntax error, unexpected ${word.text === "\n" ? "newline" : word.text}`,
          word.from,
          word.to,
        );
    }
  }

  private flags(): NftSetSpec["flags"] {
    const known = ["constant", "interval", "timeout", "dynamic"] as const;
    const out: (typeof known)[number][] = [];
    do {
      const flag = known.find((word) => word === this.t.peek().text);
      if (flag === undefined) this.t.unexpected("constant or interval or timeout or dynamic");
      this.t.next();
      out.push(flag);
    } while (this.t.accept(","));
    return out;
  }

  private types(byExpression: boolean): readonly NftType[] {
    const { t } = this;
    if (byExpression) return typesOf(readExpr(t, this.context));
    const known = new Set<NftType>([
      ...Object.values(FIELD_TYPES),
      ...Object.values(META_TYPES),
      "ct_state",
      "ct_status",
      "integer",
      "fib_addrtype",
    ]);
    const out: NftType[] = [];
    do {
      const token = t.name();
      const type = [...known].find((one) => one === token.text);
      if (type === undefined) throw new NftError(`unknown datatype ${token.text}`, token.from, token.to);
      out.push(type);
    } while (t.accept("."));
    return out;
  }
}
