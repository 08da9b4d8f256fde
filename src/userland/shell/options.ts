/** `set -X` and its long name, in the order in which `set -o` lists the long names. */
const LETTERS: readonly (readonly [string, string])[] = [
  ["a", "allexport"],
  ["B", "braceexpand"],
  ["e", "errexit"],
  ["E", "errtrace"],
  ["T", "functrace"],
  ["h", "hashall"],
  ["m", "monitor"],
  ["C", "noclobber"],
  ["n", "noexec"],
  ["f", "noglob"],
  ["u", "nounset"],
  ["P", "physical"],
  ["x", "xtrace"],
  ["v", "verbose"],
];

/** Every name of `set -o`, sorted as bash lists them, and whether this shell does what it says. */
const LONG: Readonly<Record<string, boolean>> = {
  allexport: true,
  braceexpand: true,
  emacs: false,
  errexit: true,
  errtrace: true,
  functrace: false,
  hashall: true,
  histexpand: false,
  history: false,
  ignoreeof: false,
  "interactive-comments": true,
  keyword: false,
  monitor: false,
  noclobber: true,
  noexec: true,
  noglob: true,
  nolog: false,
  notify: false,
  nounset: true,
  onecmd: false,
  physical: true,
  pipefail: true,
  posix: false,
  privileged: false,
  verbose: true,
  vi: false,
  xtrace: true,
};

/** The names of `shopt` that are known, with their state in a script, and whether this shell can change them. */
const SHOPT: Readonly<Record<string, { readonly on: boolean; readonly modelled: boolean }>> = {
  dotglob: { on: false, modelled: true },
  expand_aliases: { on: false, modelled: true },
  extglob: { on: false, modelled: true },
  failglob: { on: false, modelled: true },
  globstar: { on: false, modelled: false },
  huponexit: { on: false, modelled: true },
  inherit_errexit: { on: false, modelled: true },
  lastpipe: { on: false, modelled: false },
  nocaseglob: { on: false, modelled: false },
  nocasematch: { on: false, modelled: true },
  nullglob: { on: false, modelled: true },
  sourcepath: { on: true, modelled: true },
  xpg_echo: { on: false, modelled: true },
};

/** What asking for an option can come to: `refused` is one that bash has and this shell does not model. */
export type OptionAnswer = "done" | "unknown" | "refused";

/** The switches of `set` and `shopt`. */
export class Options {
  private readonly on = new Set(["braceexpand", "hashall", "interactive-comments"]);
  private readonly shopts = new Set(Object.keys(SHOPT).filter((name) => SHOPT[name]!.on));

  copy(): Options {
    const twin = new Options();
    twin.on.clear();
    for (const name of this.on) twin.on.add(name);
    twin.shopts.clear();
    for (const name of this.shopts) twin.shopts.add(name);
    return twin;
  }

  has(name: string): boolean {
    return this.on.has(name);
  }

  shopt(name: string): boolean {
    return this.shopts.has(name);
  }

  set(name: string, value: boolean): OptionAnswer {
    const modelled = LONG[name];
    if (modelled === undefined) return "unknown";
    if (!modelled && value) return "refused";
    if (value) this.on.add(name);
    else this.on.delete(name);
    return "done";
  }

  setShopt(name: string, value: boolean): OptionAnswer {
    const known = SHOPT[name];
    if (known === undefined) return "unknown";
    if (!known.modelled && value !== known.on) return "refused";
    if (value) this.shopts.add(name);
    else this.shopts.delete(name);
    return "done";
  }

  /** `$-` without the letters that depend on how the shell was started. */
  letters(): string {
    const set = LETTERS.filter(([, name]) => this.on.has(name)).map(([letter]) => letter);
    return set.sort((a, b) => order(a) - order(b)).join("");
  }

  names(): readonly string[] {
    return Object.keys(LONG);
  }

  shoptNames(): readonly string[] {
    return Object.keys(SHOPT);
  }
}

/** The order of `$-`: the table of flags in bash's flags.c. */
function order(letter: string): number {
  return "aefhkmnptuvxBCEHPT".indexOf(letter);
}

/** The long name of `set -X`. */
export function optionOfLetter(letter: string): string | undefined {
  return LETTERS.find(([known]) => known === letter)?.[1];
}
