import { utf8Encode } from "../../base/utf8.ts";
import { parseElements } from "../../formats/ipset/element.ts";
import { IpsetFailure, usage } from "../../formats/ipset/failure.ts";
import { parseCreate, parseExtensions, parseType } from "../../formats/ipset/options.ts";
import { keyText, listText, saveText } from "../../formats/ipset/print.ts";
import type { IpsetElement, IpsetInfo, KernelResult } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { program, refuse } from "../args/exit.ts";
import { readFile } from "../os/files.ts";
import { readAllText } from "../os/io.ts";
import type { Process } from "../os/process.ts";
import { utf8Decode } from "../../base/utf8.ts";
import { kernelText } from "./errors.ts";
import { COMMANDS, type CommandName, type Options, parseLine, splitLine } from "./line.ts";
import { TYPES, USAGE } from "./usage.ts";

/** ipset(8) 7.17. */

const VERSION = "ipset v7.17";

/** Types that the real tool knows beside ours. */
const NOT_MODELLED: ReadonlySet<string> = new Set([
  "hash:mac",
  "hash:ip,mac",
  "hash:ip,mark",
  "hash:net,iface",
  "hash:net,port,net",
  "bitmap:ip,mac",
]);

/** What a command printed, and whether it failed. */
interface Answer {
  readonly out: string;
  /** To standard error: answers of `test`. */
  readonly notice: string;
  readonly status: number;
}

function printed(out: string): Answer {
  return { out, notice: "", status: 0 };
}

const NOTHING = printed("");

class Session {
  private readonly process: Process;

  constructor(process: Process) {
    this.process = process;
  }

  run(command: CommandName, args: readonly string[], options: Options): Answer {
    const { min, max, options: more } = COMMANDS[command];
    if (args.length < min)
      usage(`Missing ${args.length === 1 ? "second " : ""}mandatory argument to command ${command}`);
    if (!more && args.length > max) usage(`Unknown argument ${args[max]!}`);
    const [name, second] = args;
    const { ipset } = this.process.net;
    switch (command) {
      case "create":
        this.create(args, options);
        return NOTHING;
      case "add":
      case "del":
        this.change(command, args, options);
        return NOTHING;
      case "test":
        return this.test(args);
      case "destroy": {
        const done = ipset.destroy(name);
        if (!done.ok && done.error.errno === "ENOENT" && options.exist) return NOTHING;
        this.done(command, done);
        return NOTHING;
      }
      case "flush":
        this.done(command, ipset.flush(name));
        return NOTHING;
      case "rename":
        this.done(command, ipset.rename(name!, second!));
        return NOTHING;
      case "swap":
        this.done(command, ipset.swap(name!, second!));
        return NOTHING;
      case "list":
      case "save":
        return printed(this.list(command, name, options));
      case "help":
        if (name !== undefined) refuse(`ipset help ${name}`);
        return printed(`${USAGE}${TYPES}`);
      case "version":
        return printed(`${VERSION}, protocol version: 7\n`);
      case "restore":
      case "quit":
        return NOTHING;
    }
  }

  private done(command: string, result: KernelResult<unknown>, set?: IpsetInfo): void {
    if (!result.ok) throw new IpsetFailure(1, kernelText(command, result.error, set?.type));
  }

  private create(args: readonly string[], options: Options): void {
    const [name = "", typeName = "", ...words] = args;
    if (name.length > 31)
      throw new IpsetFailure(1, `Syntax error: setname '${name}' is longer than 31 characters`);
    if (NOT_MODELLED.has(typeName)) refuse(`ipset type ${typeName}`);
    if (words.includes("bitmask")) refuse("bitmask of ipset");
    const spec = parseCreate(name, parseType(typeName), words);
    this.done("create", this.process.net.ipset.create(spec, options.exist));
  }

  private setNamed(name: string): IpsetInfo {
    const set = this.process.net.ipset.get(name);
    if (set === undefined) throw new IpsetFailure(1, "The set with the given name does not exist");
    return set;
  }

  /** Adds or deletes all that an element's text stands for; the first that the kernel refuses ends it. */
  private change(command: "add" | "del", args: readonly string[], options: Options): void {
    const [name = "", text = "", ...words] = args;
    const { ipset } = this.process.net;
    const set = this.setNamed(name);
    const { skb, ...extensions } = parseExtensions(set.type, command, words);
    const all = parseElements(text, set);
    if (command === "add") checkExtensions(set, extensions, skb);
    this.checkAnchor(extensions);
    for (const parts of all) {
      if (set.type === "hash:ip" && isNull(parts[0]))
        throw new IpsetFailure(1, "Null-valued element, cannot be stored in a hash type of set");
      const element = { parts, ...extensions };
      const done =
        command === "add"
          ? ipset.add(name, element, options.exist)
          : ipset.delete(name, element, options.exist);
      this.done(command, done, set);
    }
  }

  private checkAnchor(extensions: Omit<IpsetElement, "parts">): void {
    const anchor = extensions.before ?? extensions.after;
    if (anchor !== undefined && this.process.net.ipset.get(anchor) === undefined)
      throw new IpsetFailure(1, "The set to which you referred with 'before' or 'after' does not exist.");
  }

  private test(args: readonly string[]): Answer {
    const [name = "", text = "", ...words] = args;
    const set = this.setNamed(name);
    parseExtensions(set.type, "test", words);
    const ranged = /^[0-9.]+[-/]/.test(text) && set.type === "hash:ip";
    for (const parts of parseElements(text, set)) {
      const found = this.process.net.ipset.test(name, { parts });
      if (!found.ok && found.error.errno !== "EPROTO") this.done("test", found, set);
      const member = ranged ? text : keyText(parts, set);
      if (found.ok && found.value)
        return { out: "", notice: `Warning: ${member} is in set ${name}.\n`, status: 0 };
      return { out: "", notice: `${member} is NOT in set ${name}.\n`, status: 1 };
    }
    return NOTHING;
  }

  private list(command: "list" | "save", name: string | undefined, options: Options): string {
    const sets = name === undefined ? this.process.net.ipset.list() : [this.setNamed(name)];
    if (options.names) return sets.map((set) => `${set.name}\n`).join("");
    const mode = options.output ?? (command === "save" ? "save" : "plain");
    if (mode === "xml") refuse("ipset -output xml");
    const style = { sorted: options.sorted, terse: options.terse };
    if (mode === "save") return sets.map((set) => saveText(set, style)).join("");
    return sets.map((set) => listText(set, style)).join("\n");
  }
}

/** Extensions that the set was not made for. Models: ip_set_get_extensions. */
function checkExtensions(set: IpsetInfo, given: Omit<IpsetElement, "parts">, skb: boolean): void {
  const cannot = (what: string, feature: string): never => {
    throw new IpsetFailure(1, `${what} cannot be used: set was created without ${feature} support`);
  };
  if (given.timeout !== undefined && set.timeout === undefined) cannot("Timeout", "timeout");
  if ((given.packets !== undefined || given.bytes !== undefined) && set.counters !== true)
    cannot("Packet/byte counters", "counter");
  if (given.comment !== undefined && set.comment !== true) cannot("Comment", "comment");
  if (!skb) return;
  if (set.skbinfo !== true) cannot("skbinfo mapping", "skbinfo");
  refuse("skbinfo of ipset");
}

function isNull(part: IpsetElement["parts"][number] | undefined): boolean {
  if (part?.kind !== "address") return false;
  return typeof part.address === "number" ? part.address === 0 : part.address.every((group) => group === 0);
}

/** `-` and no words: lines from standard input, one command each. */
function* restore(process: Process, session: Session, options: Options): Task<number> {
  let text = "";
  if (options.file === undefined) text = yield* readAllText(process.stdin);
  else {
    const file = readFile(process, options.file);
    if (!file.ok) return 255;
    text = utf8Decode(file.value);
  }
  for (const [i, line] of text.split("\n").entries()) {
    const words = splitLine(line);
    if (words.length === 0 || words[0]!.startsWith("#") || words[0] === "COMMIT") continue;
    try {
      const parsed = parseLine(words);
      if (parsed.command === "quit") return 0;
      const own = { ...parsed.options, exist: parsed.options.exist || options.exist };
      const answer = session.run(parsed.command, parsed.args, own);
      yield* process.print(answer.out);
      if (answer.status !== 0) return answer.status;
    } catch (error) {
      if (!(error instanceof IpsetFailure) || error.status === 2) throw error;
      throw new IpsetFailure(1, `Error in line ${i + 1}: ${error.message}`);
    }
  }
  return 0;
}

function* run(process: Process): Task<number> {
  const { command, args, options } = parseLine(process.argv.slice(1));
  const session = new Session(process);
  try {
    if (command === "restore") return yield* restore(process, session, options);
    const answer = session.run(command, args, options);
    if (options.file !== undefined && (command === "list" || command === "save"))
      process.host.fs.write(options.file, utf8Encode(answer.out), "truncate");
    else yield* process.print(answer.out);
    if (!options.quiet) yield* process.printError(answer.notice);
    return answer.status;
  } catch (error) {
    if (error instanceof IpsetFailure && options.quiet) return error.status;
    throw error;
  }
}

export const ipset = program(function* (process) {
  try {
    return yield* run(process);
  } catch (error) {
    if (!(error instanceof IpsetFailure)) throw error;
    const hint = error.status === 2 ? "Try `ipset help' for more information.\n" : "";
    yield* process.printError(`${VERSION}: ${error.message}\n${hint}`);
    return error.status;
  }
});
