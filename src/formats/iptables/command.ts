import { err, ok, type Result } from "../../base/result.ts";
import type { XtCounters, XtFamily, XtHook, XtRule } from "../../kernel/uapi/xtables.ts";
import { addCommand, checkOptions, type Op, SHORT_OPTIONS } from "./command-letters.ts";
import { Failure, type Problem, wrong } from "./failure.ts";
import { Getopt, type Item } from "./getopt.ts";
import {
  isTargetName,
  type ParserWorld,
  ruleNumber,
  RuleParser,
  XT_EXTENSION_MAXNAMELEN,
} from "./rule-parser.ts";

/** A command line of iptables, or a line of a saved rule set, understood. */
export interface IptablesCommand {
  /** Mostly one; `-L -Z` and `-S -Z` are two. Empty: the line is for the other family. */
  readonly ops: readonly Op[];
  /** Asked for with -h or -V; then nothing else counts. */
  readonly show?: "help" | "version";
  readonly table: string;
  readonly chain?: string;
  /** The rule that -D, -I, -R, -L, -S or -Z names. */
  readonly number?: number;
  /** `-E`: the new name. */
  readonly newName?: string;
  /** `-P`: as given. */
  readonly policy?: string;
  /** One for each pair of addresses. Empty for commands that are not about rules. */
  readonly rules: readonly XtRule[];
  /** The chain that the rules lead to. */
  readonly jumpsTo?: string;
  readonly counters?: XtCounters;
  readonly verbose: number;
  readonly numeric: boolean;
  readonly exact: boolean;
  readonly lineNumbers: boolean;
  /** What goes to standard error before anything else. */
  readonly warnings: readonly string[];
}

export interface ParseOptions {
  readonly family: XtFamily;
  /** A line of a saved rule set: its table, and the name of the tool that reads it. */
  readonly restore?: { readonly table: string; readonly program: string };
  readonly world?: ParserWorld;
}

const RULE_OPS: readonly Op[] = ["append", "check", "delete", "insert", "replace"];

/** Reads a command line, without the program's name. Models: xshared.c do_parse. */
export function parseCommand(
  words: readonly string[],
  options: ParseOptions,
): Result<IptablesCommand, Problem> {
  const parser = new CommandParser(words, options);
  try {
    return ok(parser.parse());
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return err(parser.placed(error.problem));
  }
}

class CommandParser {
  private readonly options: ParseOptions;
  private readonly getopt: Getopt;
  private readonly rule: RuleParser;
  private readonly ops: Op[] = [];
  /** Letters of the common options that were given. */
  private readonly given = new Set<string>();
  private invert = false;
  /** The option at work, for messages; undefined once all words are read. */
  private current: string | undefined;
  private reading = true;
  private table: string;
  private chain: string | undefined;
  private number: number | undefined;
  private newName: string | undefined;
  private policy: string | undefined;
  private counters: XtCounters | undefined;
  private verbose = 0;
  private wait = false;
  private waitInterval = false;
  private show: IptablesCommand["show"];
  private ignored = false;

  constructor(words: readonly string[], options: ParseOptions) {
    this.options = options;
    this.getopt = new Getopt(words, SHORT_OPTIONS);
    this.rule = new RuleParser(options.family, options.world ?? {});
    this.table = options.restore?.table ?? "filter";
  }

  /** The problem with the word at which it was found. */
  placed(problem: Problem): Problem {
    const said = this.rule.warnings.length > 0 ? { warnings: this.rule.warnings } : {};
    if (!this.reading || problem.position !== undefined) return { ...problem, ...said };
    const position = Math.max(0, this.getopt.at - 1);
    const token = this.getopt.words[position];
    return {
      ...problem,
      ...said,
      position,
      ...(token !== undefined && { token }),
      ...(this.current !== undefined && { option: this.current }),
    };
  }

  parse(): IptablesCommand {
    while (this.show === undefined && !this.ignored) {
      const item = this.getopt.next(this.rule.longOptions());
      if (item.kind === "end") break;
      this.take(item);
    }
    this.reading = false;
    return this.show === undefined && !this.ignored ? this.finish() : this.result([]);
  }

  private take(item: Exclude<Item, { kind: "end" }>): void {
    this.current = item.kind === "option" ? item.word : undefined;
    if (item.kind === "word") {
      if (item.word !== "!") throw new Failure({ kind: "bare", message: `Bad argument \`${item.word}'` });
      if (this.invert) wrong("multiple consecutive ! not allowed");
      this.invert = true;
      return;
    }
    if (item.kind === "unknown") {
      if (!this.rule.loadProtocol()) wrong(`unknown option "${this.getopt.last}"`);
      this.getopt.at--;
      return;
    }
    if (item.key.length > 1) this.rule.takeOption(item.key, item.value, this.invert, this.getopt);
    else if (!this.takeCommand(item.key, item.value)) this.takeCommon(item.key, item.value ?? "");
    this.invert = false;
  }

  private command(op: Op, beside: readonly Op[] = []): void {
    addCommand(this.ops, op, beside, this.invert);
  }

  /** -A to -P. */
  private takeCommand(letter: string, value: string | undefined): boolean {
    switch (letter) {
      case "A":
      case "C":
        this.command(letter === "A" ? "append" : "check");
        this.chain = value;
        return true;
      case "D":
      case "I":
      case "R":
        this.numbered(letter, value ?? "");
        return true;
      case "L":
      case "S":
        this.command(letter === "L" ? "list" : "list-rules", ["zero", "zero-number"]);
        this.chain = value ?? this.getopt.takeWord() ?? this.chain;
        this.number = this.optionalNumber() ?? this.number;
        return true;
      case "Z": {
        this.command("zero", ["list", "list-rules"]);
        this.chain = value ?? this.getopt.takeWord() ?? this.chain;
        const number = this.optionalNumber();
        if (number === undefined) return true;
        this.number = number;
        this.ops[this.ops.length - 1] = "zero-number";
        return true;
      }
      case "F":
      case "X":
        this.command(letter === "F" ? "flush" : "delete-chain");
        this.chain = value ?? this.getopt.takeWord();
        return true;
      case "N":
        checkChainName(value ?? "");
        this.command("new-chain");
        this.chain = value;
        return true;
      case "E":
      case "P":
        this.pair(letter, value ?? "");
        return true;
      default:
        return false;
    }
  }

  private optionalNumber(): number | undefined {
    const word = this.getopt.takeWord();
    return word === undefined ? undefined : ruleNumber(word);
  }

  private numbered(letter: "D" | "I" | "R", chain: string): void {
    this.command(letter === "D" ? "delete" : letter === "I" ? "insert" : "replace");
    this.chain = chain;
    const number = this.optionalNumber();
    if (letter === "R" && number === undefined) wrong("-R requires a rule number");
    if (letter === "D" && number !== undefined) this.ops[this.ops.length - 1] = "delete-number";
    this.number = number ?? (letter === "I" ? 1 : undefined);
  }

  private pair(letter: "E" | "P", chain: string): void {
    this.command(letter === "E" ? "rename-chain" : "policy");
    this.chain = chain;
    const second = this.getopt.takeWord();
    if (second === undefined)
      wrong(
        letter === "E" ? "-E requires old-chain-name and new-chain-name" : "-P requires a chain and a policy",
      );
    if (letter === "E") this.newName = second;
    else this.policy = second;
  }

  /** Notes a common option; each may stand once, and few may be inverted. */
  private once(letter: string, invertible: boolean): void {
    if (this.given.has(letter)) wrong(`multiple -${letter} flags not allowed`);
    if (this.invert && !invertible) wrong(`cannot have ! before -${letter}`);
    this.given.add(letter);
  }

  /** The options of the rule itself. */
  private takeCommon(letter: string, value: string): void {
    const { rule, invert } = this;
    switch (letter) {
      case "p":
        this.once("p", true);
        return rule.setProtocol(this.getopt.last, invert);
      case "s":
        this.once("s", true);
        rule.source = { text: value, invert };
        return;
      case "d":
        this.once("d", true);
        rule.dest = { text: value, invert };
        return;
      case "i":
      case "o":
        if (value !== "") this.once(letter, true);
        return rule.setInterface(letter === "i" ? "in" : "out", value, invert);
      case "f":
        this.once("f", true);
        return rule.setFragment(invert);
      case "j":
      case "g":
        this.once("j", false);
        return rule.setTarget(value, letter === "g");
      case "m":
        if (invert) wrong("unexpected ! flag before --match");
        return rule.addMatch(value);
      default:
        this.takeOther(letter, value);
    }
  }

  /** The options of the tool. */
  private takeOther(letter: string, value: string): void {
    switch (letter) {
      case "v":
        if (this.verbose === 0) this.once("v", false);
        this.verbose++;
        return;
      case "n":
      case "x":
      case "0":
        return this.once(letter, false);
      case "t":
        if (this.invert) wrong("unexpected ! flag before --table");
        if (this.options.restore !== undefined)
          wrong(`The -t option cannot be used in ${this.options.restore.program}.\n`);
        this.table = value;
        return;
      case "c":
        this.once("c", false);
        this.counters = this.readCounters(value);
        return;
      case "w":
      case "W":
        return this.takeWait(letter, value);
      case "h":
        this.show = "help";
        return;
      case "V":
        this.show = "version";
        return;
      case "4":
      case "6":
        return this.takeFamily(letter === "4" ? "ip" : "ip6");
      default:
        return;
    }
  }

  private takeWait(letter: "w" | "W", value: string): void {
    if (this.options.restore !== undefined)
      wrong(`You cannot use \`-${letter}' from ${this.options.restore.program}`);
    if (letter === "W") {
      this.rule.warn("Ignoring deprecated --wait-interval option.\n");
      this.waitInterval = true;
    } else this.wait = true;
    const word = value === "" ? this.getopt.takeWord() : value;
    if (word !== undefined && !/^-?\d+/.test(word))
      wrong(letter === "w" ? "wait seconds not numeric" : "wait interval not numeric");
  }

  private takeFamily(family: XtFamily): void {
    if (family === this.options.family) return;
    if (this.options.restore === undefined) throw new Failure({ kind: "hint", message: "" });
    this.ignored = true;
  }

  private readCounters(value: string): XtCounters {
    const comma = value.indexOf(",", 1);
    const bytes = comma < 0 ? this.getopt.takeWord() : value.slice(comma + 1);
    if (bytes === undefined) return wrong("-c requires packet and byte counter");
    if (!/^\s*[+-]?\d/.test(value)) wrong("-c packet counter not numeric");
    if (!/^\s*[+-]?\d/.test(bytes)) wrong("-c byte counter not numeric");
    return { packets: Number.parseInt(value, 10), bytes: Number.parseInt(bytes, 10) };
  }

  /** All words are read: what they mean together. */
  private finish(): IptablesCommand {
    const { rule, table } = this;
    if (this.waitInterval && !this.wait) wrong("--wait-interval only makes sense with --wait\n");
    if (table === "nat" && (this.policy === "DROP" || rule.jump === "DROP"))
      wrong(`\nThe "nat" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n`);
    const { matches, target } = rule.finishExtensions();
    if (this.getopt.at < this.getopt.words.length) wrong("unknown arguments found on commandline");
    if (this.ops.length === 0) wrong("no command specified");
    if (this.invert) wrong("nothing appropriate following !");
    const rules = rule.rules(matches, target);
    if (this.ops.includes("replace") && rules.length !== 1)
      wrong("Replacement rule does not specify a unique address");
    checkOptions(this.ops, this.given);
    this.checkChain();
    return this.result(this.ops.some((op) => RULE_OPS.includes(op)) ? rules : []);
  }

  private checkChain(): void {
    const { chain } = this;
    if (chain === undefined) return;
    if (chain.length >= XT_EXTENSION_MAXNAMELEN)
      wrong(`chain name \`${chain}' too long (must be under ${XT_EXTENSION_MAXNAMELEN} chars)`);
    if (!this.ops.some((op) => ["append", "delete", "insert", "replace"].includes(op))) return;
    const noOut: readonly XtHook[] = ["PREROUTING", "INPUT"];
    const noIn: readonly XtHook[] = ["POSTROUTING", "OUTPUT"];
    if (noOut.some((hook) => hook === chain) && this.given.has("o")) wrong(`Can't use -o with ${chain}\n`);
    if (noIn.some((hook) => hook === chain) && this.given.has("i")) wrong(`Can't use -i with ${chain}\n`);
  }

  private result(rules: readonly XtRule[]): IptablesCommand {
    const { chain, number, newName, policy, counters, show } = this;
    const jumpsTo = rules.length > 0 ? this.rule.chain : undefined;
    return {
      ops: this.ignored ? [] : this.ops,
      ...(show !== undefined && { show }),
      table: this.table,
      ...(chain !== undefined && { chain }),
      ...(number !== undefined && { number }),
      ...(newName !== undefined && { newName }),
      ...(policy !== undefined && { policy }),
      rules,
      ...(jumpsTo !== undefined && { jumpsTo }),
      ...(counters !== undefined && { counters }),
      verbose: this.verbose,
      numeric: this.given.has("n"),
      exact: this.given.has("x"),
      lineNumbers: this.given.has("0"),
      warnings: this.rule.warnings,
    };
  }
}

/** parse_chain. */
export function checkChainName(name: string): void {
  if (name.length >= XT_EXTENSION_MAXNAMELEN)
    wrong(`chain name \`${name}' too long (must be under ${XT_EXTENSION_MAXNAMELEN} chars)`);
  if (name.startsWith("-") || name.startsWith("!"))
    wrong(`chain name not allowed to start with \`${name.charAt(0)}'`);
  if (name === "" || isTargetName(name)) wrong("chain name may not clash with target name");
  if (/\s/.test(name)) wrong(`Invalid chain name \`${name}'`);
}
