import type { NftBase, NftElement, NftFamily, NftPlace, NftStep } from "../../kernel/uapi/nft.ts";
import { type Context, readElements, type SetTypes, typesOf, readExpr } from "./expression.ts";
import { Declarations } from "./declaration.ts";
import { NftError, Tokens } from "./lexer.ts";
import { atEnd, readRule } from "./statement.ts";

import type { ListWhat, Marks, NftCommand, Span, World } from "./commands.ts";

const FAMILIES = ["ip", "ip6", "inet"] as const;
const REFUSED_FAMILIES = ["arp", "bridge", "netdev"];

/** Reads a script: commands, or tables written out as `nft list` prints them. */
export function parseNft(text: string, world: World): NftCommand[] {
  return new Parser(text, world).script();
}

class Parser {
  private readonly t: Tokens;
  private readonly world: World;
  private readonly declarations: Declarations;
  /** The table that is spoken of, and those that this text makes. */
  private spoken: Span | undefined;
  private readonly made = new Set<string>();

  constructor(text: string, world: World) {
    this.t = new Tokens(text);
    this.world = world;
    this.declarations = new Declarations(this.t, world.names);
  }

  script(): NftCommand[] {
    const out: NftCommand[] = [];
    for (;;) {
      this.t.skipNewlines();
      if (this.t.peek().kind === "end") return out;
      out.push(this.command());
      if (!atEnd(this.t)) this.t.unexpected("newline or semicolon");
    }
  }

  private family(): NftFamily {
    const { text, from, to } = this.t.peek();
    if (REFUSED_FAMILIES.includes(text) && this.t.peek(1).kind === "word")
      throw new NftError(`flannelgraph: family ${text} is not modelled yet`, from, to);
    const family = FAMILIES.find((known) => known === text);
    // A table may be called like a family: then no name follows.
    if (family === undefined) return "ip";
    this.t.next();
    return family;
  }

  private command(): NftCommand {
    const { t } = this;
    const verb = t.peek();
    switch (verb.text) {
      case "table":
      case "chain":
      case "rule":
      case "set":
      case "map":
      case "element":
      case "counter":
        return this.change("add", verb.from);
      case "add":
      case "create":
      case "insert":
      case "replace":
      case "delete":
      case "flush":
      case "rename":
        t.next();
        return this.change(verb.text, verb.from);
      case "list":
      case "reset":
      case "get":
        t.next();
        return this.list(verb.text, verb.from);
      case "describe":
        return this.describe(verb.from);
      case "monitor":
      case "export":
      case "import":
      case "define":
      case "include":
        throw new NftError(`flannelgraph: ${verb.text} is not modelled yet`, verb.from, verb.to);
      default:
        if (verb.kind === "word") {
          t.next();
          t.unexpected("string");
        }
        return t.unexpected();
    }
  }

  /** nft looks in its cache before it goes on: of what is in a table that is not there, the table is missing. */
  private requireTable(family: NftFamily, table: string): void {
    const { spoken, made, world } = this;
    if (spoken === undefined || made.has(`${family} ${table}`)) return;
    const absent = world.absent(family, table);
    if (absent !== undefined) throw new NftError(absent, spoken.from, spoken.to);
  }

  private describe(from: number): NftCommand {
    const { t } = this;
    t.next();
    const context = this.context("inet", "");
    const types = typesOf(readExpr(t, context));
    return { kind: "describe", types, text: { from, to: t.end } };
  }

  private context(family: NftFamily, table: string): Context {
    return {
      family,
      names: this.world.names,
      set: (name, from, to) => this.setTypes(family, table, name, from, to),
    };
  }

  private setTypes(family: NftFamily, table: string, name: string, from: number, to: number): SetTypes {
    const found =
      this.declarations.declared.get(`${family} ${table} ${name}`) ?? this.world.set(family, table, name);
    if (found !== undefined) return found;
    this.requireTable(family, table);
    const hint = this.world.hint(family, table, name);
    const tail = hint === undefined ? "" : `; did you mean set ‘${hint}’ in table ${family} ‘${table}’?`;
    throw new NftError(`No such file or directory${tail}`, from, to);
  }

  private change(verb: string, from: number): NftCommand {
    const { t } = this;
    const steps: NftStep[] = [];
    const marks: Marks[] = [];
    const add = (step: NftStep, mark: Omit<Marks, "whole">): void => {
      steps.push(step);
      marks.push({ whole: { from, to: t.end }, ...mark });
    };
    if (verb === "flush" && t.accept("ruleset")) {
      const family = atEnd(t) ? undefined : this.family();
      const span = { from, to: t.end };
      add(
        { op: "flush-ruleset", ...(family === undefined ? {} : { family }) },
        { table: span, object: span },
      );
      return { kind: "change", steps, marks, text: span };
    }
    const object = this.objectOf(verb);
    const family = this.family();
    if (object === "table") this.table(verb, family, add);
    else this.inTable(verb, object, family, add);
    const text = { from, to: t.end };
    return { kind: "change", steps, marks: marks.map((m) => ({ ...m, whole: text })), text };
  }

  private objectOf(verb: string): string {
    const { t } = this;
    const objects = ["table", "chain", "rule", "set", "map", "element", "counter"];
    const token = t.peek();
    if (objects.includes(token.text)) return t.next().text;
    const refused = ["flowtable", "quota", "limit", "synproxy", "secmark", "ct"];
    if (refused.includes(token.text))
      throw new NftError(`flannelgraph: ${token.text} objects are not modelled yet`, token.from, token.to);
    // `add TABLE CHAIN RULE` without the word "rule".
    if (verb === "add" && token.kind === "word") return "rule";
    return t.unexpected();
  }

  private table(verb: string, family: NftFamily, add: Adder): void {
    const { t } = this;
    const token = t.identifier();
    const table = token.text;
    const at = { table: span(token), object: span(token) };
    this.spoken = at.table;
    if (verb === "add" || verb === "create") this.made.add(`${family} ${table}`);
    if (verb === "delete") {
      add({ op: "delete-table", family, table }, at);
      return;
    }
    if (verb === "flush") {
      add({ op: "flush-chain", family, table }, at);
      return;
    }
    if (!t.is("{")) {
      add({ op: "add-table", family, table, ...(verb === "create" ? { exclusive: true } : {}) }, at);
      return;
    }
    this.tableBlock(verb, family, table, at, add);
  }

  /** Everything in a written-out table: first the objects, then the rules, which may refer to later chains. */
  private tableBlock(verb: string, family: NftFamily, table: string, at: At, add: Adder): void {
    const { t } = this;
    t.expect("{");
    const header: { comment?: string; dormant?: boolean } = {};
    const chains: [NftStep, At][] = [];
    const objects: [NftStep, At][] = [];
    const sets: [NftStep, At][] = [];
    const elements: [NftStep, At][] = [];
    const rules: [NftStep, At][] = [];
    for (;;) {
      t.skipNewlines();
      if (t.accept("}")) break;
      if (t.accept("comment")) header.comment = t.name().text;
      else if (t.accept("flags")) {
        t.expect("dormant");
        header.dormant = true;
      } else if (t.accept("chain")) this.chainBlock(family, table, at, chains, rules);
      else if (t.is("set", "map")) this.setBlock(family, table, at, sets, elements);
      else if (t.accept("counter")) this.counterBlock(family, table, at, objects);
      else t.unexpected();
      // Nothing of a block ends with the block's own brace.
      if (t.is("}")) t.unexpected("newline or semicolon");
    }
    add({ op: "add-table", family, table, ...header, ...(verb === "create" ? { exclusive: true } : {}) }, at);
    for (const [step, where] of [...chains, ...objects, ...sets, ...elements, ...rules]) add(step, where);
  }

  private chainBlock(
    family: NftFamily,
    table: string,
    at: At,
    first: [NftStep, At][],
    rules: [NftStep, At][],
  ): void {
    const { t } = this;
    const token = t.identifier();
    const where = { table: at.table, object: span(token) };
    t.expect("{");
    let base: NftBase | undefined;
    let comment: string | undefined;
    for (;;) {
      t.skipNewlines();
      if (t.accept("}")) break;
      if (t.is("type") && t.peek(2).text === "hook") base = this.declarations.base();
      else if (t.is("policy") && base !== undefined) base = { ...base, policy: this.declarations.policy() };
      else if (t.is("comment") && t.peek(1).kind === "string") {
        t.next();
        comment = t.next().text;
      } else {
        const from = t.peek().from;
        const rule = readRule(t, this.context(family, table));
        rules.push([
          { op: "add-rule", family, table, chain: token.text, rule, place: { at: "end" } },
          { ...where, inner: { from, to: t.end } },
        ]);
        if (t.is("}")) t.unexpected("newline or semicolon");
      }
    }
    first.push([
      {
        op: "add-chain",
        family,
        table,
        chain: token.text,
        ...(base === undefined ? {} : { base }),
        ...(comment === undefined ? {} : { comment }),
      },
      where,
    ]);
  }

  private setBlock(
    family: NftFamily,
    table: string,
    at: At,
    first: [NftStep, At][],
    elements: [NftStep, At][],
  ): void {
    const map = this.t.next().text === "map";
    const token = this.t.identifier();
    const where = { table: at.table, object: span(token) };
    const { spec, members } = this.declarations.set(token.text, map, family, table);
    first.push([{ op: "add-set", family, table, set: spec }, where]);
    if (members.length > 0)
      elements.push([{ op: "add-elements", family, table, set: spec.name, elements: members }, where]);
  }

  private counterBlock(family: NftFamily, table: string, at: At, first: [NftStep, At][]): void {
    const token = this.t.identifier();
    const where = { table: at.table, object: span(token) };
    first.push([{ op: "add-counter", family, table, counter: token.text, ...this.counterBody() }, where]);
  }

  private counterBody(): { packets?: number; bytes?: number; comment?: string } {
    const { t } = this;
    const out: { packets?: number; bytes?: number; comment?: string } = {};
    const braces = t.accept("{");
    for (;;) {
      if (braces) t.skipNewlines();
      if (t.accept("packets")) out.packets = t.number();
      else if (t.accept("bytes")) out.bytes = t.number();
      else if (t.accept("comment")) out.comment = t.name().text;
      else break;
    }
    if (braces) t.expect("}");
    return out;
  }

  private inTable(verb: string, object: string, family: NftFamily, add: Adder): void {
    const { t } = this;
    const tableToken = t.identifier();
    const table = tableToken.text;
    const nameToken = t.identifier();
    const at = { table: span(tableToken), object: span(nameToken) };
    this.spoken = at.table;
    const name = nameToken.text;
    switch (object) {
      case "chain":
        this.chain(verb, family, table, name, at, add);
        return;
      case "rule":
        this.rule(verb, family, table, name, at, add);
        return;
      case "set":
      case "map":
        if (verb === "delete") add({ op: "delete-set", family, table, set: name }, at);
        else if (verb === "flush") add({ op: "flush-set", family, table, set: name }, at);
        else {
          const { spec, members } = this.declarations.set(name, object === "map", family, table);
          add(
            { op: "add-set", family, table, set: spec, ...(verb === "create" ? { exclusive: true } : {}) },
            at,
          );
          if (members.length > 0)
            add({ op: "add-elements", family, table, set: name, elements: members }, at);
        }
        return;
      case "element":
        this.elements(verb, family, table, name, at, add);
        return;
      case "counter":
        if (verb === "delete") add({ op: "delete-counter", family, table, counter: name }, at);
        else
          add(
            {
              op: "add-counter",
              family,
              table,
              counter: name,
              ...this.counterBody(),
              ...(verb === "create" ? { exclusive: true } : {}),
            },
            at,
          );
        return;
      default:
        t.unexpected();
    }
  }

  private elements(verb: string, family: NftFamily, table: string, name: string, at: At, add: Adder): void {
    const { t } = this;
    const types = this.setTypes(family, table, name, at.object.from, at.object.to);
    const first = t.peek(1).from;
    const elements = readElements(t, this.world.names, types.key, verb === "delete" ? undefined : types.data);
    const where = { ...at, inner: { from: first, to: t.endOfPart(first) } };
    if (verb === "delete") add({ op: "delete-elements", family, table, set: name, elements }, where);
    else
      add(
        {
          op: "add-elements",
          family,
          table,
          set: name,
          elements,
          ...(verb === "create" ? { exclusive: true } : {}),
        },
        where,
      );
  }

  private chain(verb: string, family: NftFamily, table: string, chain: string, at: At, add: Adder): void {
    const { t } = this;
    if (verb === "delete") add({ op: "delete-chain", family, table, chain }, at);
    else if (verb === "flush") add({ op: "flush-chain", family, table, chain }, at);
    else if (verb === "rename")
      add({ op: "rename-chain", family, table, chain, to: t.identifier().text }, at);
    else {
      let base: NftBase | undefined;
      let comment: string | undefined;
      if (t.accept("{")) {
        for (;;) {
          t.skipNewlines();
          if (t.accept("}")) break;
          if (t.is("type")) base = this.declarations.base();
          else if (t.is("policy") && base !== undefined)
            base = { ...base, policy: this.declarations.policy() };
          else if (t.accept("comment")) comment = t.name().text;
          else t.unexpected();
        }
      }
      add(
        {
          op: "add-chain",
          family,
          table,
          chain,
          ...(base === undefined ? {} : { base }),
          ...(comment === undefined ? {} : { comment }),
          ...(verb === "create" ? { exclusive: true } : {}),
        },
        at,
      );
    }
  }

  private rule(verb: string, family: NftFamily, table: string, chain: string, at: At, add: Adder): void {
    const { t } = this;
    if (verb === "delete") {
      t.expect("handle");
      const token = t.peek();
      const handle = t.number();
      add({ op: "delete-rule", family, table, chain, handle }, { ...at, inner: span(token) });
      return;
    }
    const { place, mark } = this.place(verb, family, table, chain);
    const from = t.peek().from;
    const rule = readRule(t, this.context(family, table));
    add({ op: "add-rule", family, table, chain, rule, place }, { ...at, inner: mark ?? { from, to: t.end } });
  }

  private place(
    verb: string,
    family: NftFamily,
    table: string,
    chain: string,
  ): { place: NftPlace; mark?: Span } {
    const { t } = this;
    const relation = verb === "replace" ? "replace" : verb === "insert" ? "before" : "after";
    if (t.accept("handle", "position")) {
      const token = t.peek();
      const handle = t.number();
      // No rule has the handle 0: it is as if nothing were said.
      if (handle !== 0 || verb === "replace") return { place: { at: relation, handle }, mark: span(token) };
    }
    const word = t.peek();
    if (t.accept("index")) {
      const token = t.peek();
      this.requireTable(family, table);
      const handle = this.world.ruleAt(family, table, chain, t.number());
      if (handle === undefined)
        throw new NftError("Could not process rule: No such file or directory", word.from, token.to);
      return { place: { at: relation, handle }, mark: span(token) };
    }
    if (verb === "replace") t.unexpected("handle");
    return { place: { at: verb === "insert" ? "start" : "end" } };
  }

  private list(verb: "list" | "reset" | "get", from: number): NftCommand {
    const { t } = this;
    const token = t.peek();
    const whats: readonly ListWhat[] = [
      "ruleset",
      "tables",
      "table",
      "chains",
      "chain",
      "sets",
      "set",
      "maps",
      "map",
      "counters",
      "counter",
    ];
    if (verb === "get") t.expect("element");
    const what: ListWhat =
      verb === "get" ? "set" : (whats.find((known) => known === token.text) ?? t.unexpected());
    if (verb !== "get") t.next();
    const command: { family?: NftFamily; table?: string; name?: string; elements?: NftElement[] } = {};
    const plural = what === "ruleset" || what.endsWith("s");
    let table: Span = { from, to: from };
    let object = table;
    if (!atEnd(t)) command.family = this.family();
    if (plural) {
      if (!atEnd(t) && t.accept("table")) {
        command.family = this.family();
        const token = t.identifier();
        command.table = token.text;
        table = object = span(token);
      }
    } else {
      const tableToken = t.identifier();
      command.table = tableToken.text;
      command.family ??= "ip";
      table = object = span(tableToken);
      if (what !== "table") {
        const nameToken = t.identifier();
        command.name = nameToken.text;
        object = span(nameToken);
        if (verb === "get") {
          const types = this.setTypes(
            command.family,
            command.table,
            nameToken.text,
            nameToken.from,
            nameToken.to,
          );
          command.elements = readElements(t, this.world.names, types.key, undefined);
        }
      }
    }
    return { kind: verb, what, ...command, marks: { whole: { from, to: t.end }, table, object } };
  }
}

type At = Omit<Marks, "whole">;
type Adder = (step: NftStep, mark: At) => void;

function span(token: Span): Span {
  return { from: token.from, to: token.to };
}
