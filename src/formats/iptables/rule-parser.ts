import type { XtFamily, XtInterface, XtMatch, XtRule, XtTarget } from "../../kernel/uapi/xtables.ts";
import { type Address, maskLength, parseAddresses, parseInterface } from "./address.ts";
import { type Extension, Loaded, type OptionSpec, type RuleContext } from "./extension.ts";
import { LONG_OPTIONS } from "./command-letters.ts";
import { notModelled, wrong } from "./failure.ts";
import type { Getopt, LongName } from "./getopt.ts";
import { MORE_MATCHES } from "./match-more.ts";
import { PORT_MATCHES } from "./match-ports.ts";
import { STATE_MATCHES } from "./match-state.ts";
import { OTHER_MATCHES, OTHER_TARGETS } from "./names.ts";
import { protocolName } from "../protocols.ts";
import { NAT_TARGETS } from "./target-nat.ts";
import { MORE_TARGETS } from "./target-more.ts";
import { protocol as parseProtocol, wholeNumber } from "./values.ts";

/** What the parser asks of the world around it. */
export interface ParserWorld {
  /** The addresses of a host name; undefined when there is none. */
  resolve?(name: string): readonly Address[] | undefined;
  setFamily?(name: string): XtFamily | "any" | undefined;
}

const MATCHES = [...PORT_MATCHES, ...STATE_MATCHES, ...MORE_MATCHES];
const TARGETS = [...NAT_TARGETS, ...MORE_TARGETS];

function find<T>(all: readonly Extension<T>[], name: string, family: XtFamily): Extension<T> | undefined {
  return all.find((one) => one.name === name && (one.family ?? family) === family);
}

/** Names under which protocols have their match. */
const ICMP6_NAMES = ["icmpv6", "ipv6-icmp", "icmp6"];

/** Protocols whose own options exist, but not here. */
const OTHER_PROTOCOLS = [33, 50, 51, 108, 135];

/** IPv6 never has these as the protocol behind its extension headers. */
const NEVER_MATCHED = [43, 44, 51, 60];

export const XT_EXTENSION_MAXNAMELEN = 29;

/** The rule that a command line describes, while it is being read. Models: xshared.c's command state. */
export class RuleParser implements RuleContext {
  readonly family: XtFamily;
  readonly warnings: string[] = [];
  private readonly world: ParserWorld;
  protocol: { readonly number: number; readonly invert: boolean } | undefined;
  private protocolWord = "";
  private protocolLoaded = false;
  private readonly matches: Loaded<XtMatch>[] = [];
  private target: Loaded<XtTarget> | undefined;
  /** What `-j` or `-g` names. */
  jump: string | undefined;
  private isGoto = false;
  source: { readonly text: string; readonly invert: boolean } | undefined;
  dest: { readonly text: string; readonly invert: boolean } | undefined;
  private in: XtInterface | undefined;
  private out: XtInterface | undefined;
  private fragment: boolean | undefined;
  readonly setFamily: RuleContext["setFamily"];
  /** Undefined when something was loaded since it was made. */
  private longs: readonly LongName[] | undefined;

  constructor(family: XtFamily, world: ParserWorld) {
    this.family = family;
    this.world = world;
    this.setFamily = world.setFamily?.bind(world);
  }

  resolve(name: string): readonly Address[] | undefined {
    return this.world.resolve?.(name);
  }

  warn(text: string): void {
    this.warnings.push(text);
  }

  /** `-p`. The name is read from the word before the next one, which is why `-ptcp` does not work: as in the real tool. */
  setProtocol(word: string, invert: boolean): void {
    this.protocolWord = word.toLowerCase();
    const number = parseProtocol(this.protocolWord);
    if (number === 0 && invert) wrong("rule would never match protocol");
    this.protocol = { number, invert };
    if (this.family === "ip6" && !invert && NEVER_MATCHED.includes(number))
      this.warn(`Warning: never matched protocol: ${this.protocolWord}. use extension match instead.\n`);
  }

  setInterface(side: "in" | "out", text: string, invert: boolean): void {
    if (text === "") wrong("Empty interface is likely to be undesired");
    const { name, wildcard } = parseInterface(this, text);
    // A lone "+" says nothing.
    if (name === "" && wildcard && !invert) return;
    this[side] = { name, wildcard, ...(invert && { invert }) };
  }

  setFragment(invert: boolean): void {
    if (this.family === "ip6") wrong("`-f' is not supported in IPv6, use -m frag instead");
    this.fragment = invert;
  }

  addMatch(name: string): void {
    const known = ICMP6_NAMES.includes(name) ? "icmp6" : name;
    const extension = find(MATCHES, known, this.family);
    if (extension === undefined) {
      if (OTHER_MATCHES.includes(known)) notModelled(`iptables' match ${name}`);
      wrong(`Couldn't load match \`${name}':No such file or directory\n`);
    } else this.load(extension);
  }

  private load(extension: Extension<XtMatch>): void {
    this.matches.push(new Loaded(extension, this));
    this.longs = undefined;
  }

  setTarget(name: string, isGoto: boolean): void {
    if (name === "") wrong("Invalid target name (too short)");
    if (name.length >= XT_EXTENSION_MAXNAMELEN)
      wrong(`Invalid target name \`${name}' (${XT_EXTENSION_MAXNAMELEN - 1} chars max)`);
    if (/\s/.test(name)) wrong(`Invalid target name \`${name}'`);
    this.jump = name;
    this.isGoto = isGoto;
    if (isGoto) return;
    const extension = find(TARGETS, name, this.family);
    this.longs = undefined;
    if (extension !== undefined) this.target = new Loaded(extension, this);
    else if (OTHER_TARGETS.includes(name)) notModelled(`iptables' target ${name}`);
  }

  /** The chain that the rule leads to, if it is one. */
  get chain(): string | undefined {
    return this.target === undefined ? this.jump : undefined;
  }

  /** The common long options, then those of what is loaded, the newest first. */
  longOptions(): readonly LongName[] {
    if (this.longs !== undefined) return this.longs;
    const names: LongName[] = [...LONG_OPTIONS];
    for (const { loaded, id } of this.newestFirst())
      for (const option of loaded.session.options)
        for (const name of option.names)
          names.push({ name, argument: option.argument ?? "required", key: `${id}:${option.names[0]}` });
    this.longs = names;
    return names;
  }

  /** An earlier match of the same name takes no more options. */
  private newestFirst(): { readonly loaded: Loaded<XtMatch> | Loaded<XtTarget>; readonly id: string }[] {
    const found: { loaded: Loaded<XtMatch> | Loaded<XtTarget>; id: string }[] = [];
    for (let i = this.matches.length - 1; i >= 0; i--) {
      const loaded = this.matches[i];
      if (loaded === undefined || found.some(({ loaded: newer }) => newer.name === loaded.name)) continue;
      found.push({ loaded, id: `m${i}` });
    }
    if (this.target !== undefined) found.push({ loaded: this.target, id: "j" });
    return found;
  }

  /** An option of an extension, by the key of `longOptions`. */
  takeOption(key: string, value: string | undefined, invert: boolean, getopt: Getopt): void {
    const [id, name = ""] = key.split(":");
    const loaded = this.newestFirst().find((one) => one.id === id)?.loaded;
    const option: OptionSpec | undefined = loaded?.option(name);
    if (loaded === undefined || option === undefined) return;
    loaded.take(option, { value: value ?? "", invert, more: () => getopt.takeWord() });
  }

  /** An unknown option may be one of the protocol's own match: loads it once. Models: xshared.c load_proto. */
  loadProtocol(): boolean {
    if (this.protocol === undefined) return false;
    const number = this.protocol.number;
    const name = number === 58 ? "icmp6" : protocolName(number);
    const known = this.matches.some((match) => match.name === name);
    if (known && this.protocolLoaded) return false;
    const extension = name === undefined ? undefined : find(MATCHES, name, this.family);
    if (extension === undefined) {
      if (OTHER_PROTOCOLS.includes(number)) notModelled(`iptables' match ${name ?? number}`);
      return false;
    }
    this.protocolLoaded = true;
    this.load(extension);
    return true;
  }

  /** What the extensions made of their options. */
  finishExtensions(): { readonly matches: readonly XtMatch[]; readonly target: XtTarget | undefined } {
    const matches = this.matches.map((match) => match.finish());
    const target = this.target?.finish();
    if (target !== undefined || this.jump === undefined) return { matches, target };
    return { matches, target: { kind: this.isGoto ? "goto" : "jump", chain: this.jump } };
  }

  /** One rule for each pair of a source and a destination. */
  rules(matches: readonly XtMatch[], target: XtTarget | undefined): readonly XtRule[] {
    const sources = this.addresses(this.source);
    const dests = this.addresses(this.dest);
    const base: Omit<XtRule, "source" | "dest" | "matches" | "target"> = {
      ...(this.in !== undefined && { in: this.in }),
      ...(this.out !== undefined && { out: this.out }),
      ...(this.protocol !== undefined && this.protocol.number !== 0 && { protocol: plain(this.protocol) }),
      ...(this.fragment !== undefined && { fragment: this.fragment ? { invert: true } : {} }),
    };
    return sources.flatMap((source) =>
      dests.map((dest) => ({
        ...(source !== undefined && { source }),
        ...(dest !== undefined && { dest }),
        ...base,
        matches,
        ...(target !== undefined && { target }),
      })),
    );
  }

  private addresses(of: RuleParser["source"]): readonly (XtRule["source"] | undefined)[] {
    if (of === undefined) return [undefined];
    const found = parseAddresses(this, of.text);
    if (found.length > 1 && of.invert)
      wrong("! not allowed with multiple source or destination IP addresses");
    return found.map((one) => {
      if (maskLength(one.mask) === 0 && !of.invert) return undefined;
      return { ...one, ...(of.invert && { invert: true }) };
    });
  }
}

function plain({ number, invert }: { readonly number: number; readonly invert: boolean }): {
  number: number;
  invert?: boolean;
} {
  return invert ? { number, invert } : { number };
}

/** parse_rulenumber. */
export function ruleNumber(text: string): number {
  return wholeNumber(text, 1, 0x7fffffff) ?? wrong(`Invalid rule number \`${text}'`);
}

/** Whether a name is one that `-j` takes for a target, so that no chain may have it. */
export function isTargetName(name: string): boolean {
  return OTHER_TARGETS.includes(name) || TARGETS.some((target) => target.name === name);
}

/** For tests: every match and target that is modelled. */
export const MODELLED: { readonly matches: readonly string[]; readonly targets: readonly string[] } = {
  matches: MATCHES.map(({ name }) => name),
  targets: TARGETS.map(({ name }) => name),
};
