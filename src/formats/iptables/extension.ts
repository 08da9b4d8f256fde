import type { XtFamily, XtMatch, XtTarget } from "../../kernel/uapi/xtables.ts";
import type { Address } from "./address.ts";
import { wrong } from "./failure.ts";

/** What the options of an extension may ask about the rule that is being read. */
export interface RuleContext {
  readonly family: XtFamily;
  /** `-p`, as far as it has been read. */
  readonly protocol: { readonly number: number; readonly invert: boolean } | undefined;
  /** The addresses of a host name; undefined when there is none. */
  resolve(name: string): readonly Address[] | undefined;
  /** The family of an ipset; undefined when there is none of that name. Absent: every name is taken. */
  setFamily?(name: string): XtFamily | "any" | undefined;
  /** What the tool says on standard error and goes on. */
  warn(text: string): void;
}

export interface Given {
  readonly value: string;
  readonly invert: boolean;
  /** The name as the option's table has it first, without dashes. */
  readonly name: string;
  /** One more word, unless an option or "!" stands there: the second argument of `--match-set`. */
  readonly more: () => string | undefined;
}

export interface OptionSpec {
  /** The first is the one that messages name. */
  readonly names: readonly string[];
  readonly argument?: "none" | "optional";
  readonly invert?: boolean;
  /** May be given more than once. */
  readonly multi?: boolean;
  readonly mandatory?: boolean;
  readonly excludes?: readonly string[];
  readonly also?: readonly string[];
  readonly take: (given: Given) => void;
}

/** An extension at work on one rule: its options put what they read into its variables, `finish` makes the result. */
export interface Session<T> {
  readonly options: readonly OptionSpec[];
  finish(): T;
}

export interface Extension<T> {
  readonly name: string;
  /** Both when absent. */
  readonly family?: XtFamily;
  readonly begin: (context: RuleContext, self: string) => Session<T>;
}

export type MatchExtension = Extension<XtMatch>;
export type TargetExtension = Extension<XtTarget>;

/** An extension in use, with the options that were given. */
export class Loaded<T> {
  readonly name: string;
  readonly session: Session<T>;
  private readonly seen = new Set<string>();

  constructor(extension: Extension<T>, context: RuleContext) {
    this.name = extension.name;
    this.session = extension.begin(context, extension.name);
  }

  option(name: string): OptionSpec | undefined {
    return this.session.options.find(({ names }) => names.includes(name));
  }

  /** Models: libxtables xtables_option_parse. */
  take(option: OptionSpec, given: Omit<Given, "name">): void {
    const name = canonical(option);
    if (option.multi !== true && this.seen.has(name))
      wrong(`${this.name}: option "--${name}" can only be used once.\n`);
    if (given.invert && option.invert !== true)
      wrong(`${this.name}: option "--${name}" cannot be inverted.\n`);
    option.take({ ...given, name });
    this.seen.add(name);
  }

  /** Models: libxtables xtables_option_mfcall, xtables_options_fcheck: first what the extension checks, then its table. */
  finish(): T {
    const result = this.session.finish();
    for (const option of this.session.options) this.check(option);
    return result;
  }

  private check(option: OptionSpec): void {
    const name = canonical(option);
    if (!this.seen.has(name)) {
      if (option.mandatory === true) wrong(`${this.name}: option "--${name}" must be specified\n`);
      return;
    }
    const clash = option.excludes?.find((other) => this.seen.has(other));
    if (clash !== undefined)
      wrong(`${this.name}: option "--${name}" cannot be used together with "--${clash}".\n`);
    const missing = option.also?.find((other) => !this.seen.has(other));
    if (missing !== undefined) wrong(`${this.name}: option "--${name}" also requires "--${missing}".\n`);
  }
}

function canonical(option: OptionSpec): string {
  return option.names[0] ?? "";
}
