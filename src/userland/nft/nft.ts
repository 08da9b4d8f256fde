import { parseNft } from "../../formats/nft/command.ts";
import type { NftCommand, Span } from "../../formats/nft/commands.ts";
import type { Numeric } from "../../formats/nft/value.ts";
import { NftError } from "../../formats/nft/lexer.ts";
import type { Style } from "../../formats/nft/print.ts";
import type { NftStep, NftTableInfo } from "../../kernel/uapi/index.ts";
import { utf8Decode } from "../../base/utf8.ts";
import type { Task } from "../../sim/task.ts";
import { fail, NOT_MODELLED, program, refuse } from "../args/exit.ts";
import type { Process } from "../os/process.ts";
import { readInput } from "../text/lines.ts";
import { complaint, misspelt, refusal, type Source } from "./complaint.ts";
import { absentTable } from "./absent.ts";
import { listed } from "./list.ts";
import { namesOf, worldOf } from "./world.ts";

const VERSION = "nftables v1.0.6 (Lester Gooch #5)\n";

interface Options {
  handles: boolean;
  stateless: boolean;
  terse: boolean;
  check: boolean;
  echo: boolean;
  numeric: Numeric;
  file: string | undefined;
  words: readonly string[];
}

/** nft(8) of nftables 1.0.6. */
export const nft = program(function* (process: Process): Task<number> {
  const options = readOptions(process.argv.slice(1));
  if (options === "version") {
    yield* process.print(VERSION);
    return 0;
  }
  const source = yield* sourceOf(process, options);
  return yield* run(process, source, options);
});

const FLAGS: Readonly<Record<string, "handles" | "stateless" | "terse" | "check" | "echo" | "ignored">> = {
  a: "handles",
  handle: "handles",
  s: "stateless",
  stateless: "stateless",
  t: "terse",
  terse: "terse",
  c: "check",
  check: "check",
  e: "echo",
  echo: "echo",
  N: "ignored",
  reversedns: "ignored",
  T: "ignored",
  "numeric-time": "ignored",
  u: "ignored",
  guid: "ignored",
  o: "ignored",
  optimize: "ignored",
};

/** What stays a number; without any of these only ports do. */
const NUMERIC: Readonly<Record<string, Partial<Numeric>>> = {
  n: { symbols: true, protocols: true, priorities: true },
  y: { priorities: true },
  p: { protocols: true },
  S: { ports: false },
};
const LONG_NUMERIC: Readonly<Record<string, string>> = {
  numeric: "n",
  "numeric-priority": "y",
  "numeric-protocol": "p",
  service: "S",
};

function readOptions(argv: readonly string[]): Options | "version" {
  const options: Options = {
    handles: false,
    stateless: false,
    terse: false,
    check: false,
    echo: false,
    numeric: { symbols: false, protocols: false, priorities: false, ports: true },
    file: undefined,
    words: [],
  };
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (!word.startsWith("-") || word === "-") {
      options.words = argv.slice(i);
      break;
    }
    const names = word.startsWith("--") ? [word.slice(2)] : word.slice(1).split("");
    for (const name of names) {
      if (name === "v" || name === "version") return "version";
      if (name === "f" || name === "file") {
        options.file = argv[++i] ?? fail(1, "nft: option requires an argument -- 'f'\n");
        continue;
      }
      if (
        [
          "j",
          "json",
          "i",
          "interactive",
          "h",
          "help",
          "d",
          "debug",
          "D",
          "define",
          "I",
          "includepath",
        ].includes(name)
      )
        refuse(`nft -${name}`);
      const numeric = NUMERIC[LONG_NUMERIC[name] ?? name];
      if (numeric !== undefined) {
        options.numeric = { ...options.numeric, ...numeric };
        continue;
      }
      const flag = FLAGS[name];
      if (flag === undefined) fail(1, `nft: invalid option -- '${name}'\n`);
      if (flag !== "ignored") options[flag] = true;
    }
  }
  return options;
}

function* sourceOf(process: Process, options: Options): Task<Source> {
  const { file, words } = options;
  if (file === undefined) {
    if (words.length === 0) fail(1, "nft: no command specified\n");
    return { file: null, text: words.join(" ") };
  }
  const path = file === "-" ? "/dev/stdin" : file;
  const input = yield* readInput(process, file);
  if ("error" in input)
    fail(
      1,
      `internal:0:0-0: Error: Could not open file "${path}": ${input.error.replace(/^.*: /, "")}\n\n\n`,
    );
  return { file: path, text: utf8Decode(input.bytes) };
}

function parsed(process: Process, source: Source, tables: readonly NftTableInfo[]): NftCommand[] {
  try {
    return parseNft(source.text, worldOf(process.net, tables));
  } catch (error) {
    if (!(error instanceof NftError)) throw error;
    if (error.message.startsWith("flannelgraph: ")) fail(NOT_MODELLED, `${error.message}\n`);
    return fail(1, complaint(source, error.message, error));
  }
}

function* run(process: Process, source: Source, options: Options): Task<number> {
  const { nft: api } = process.net;
  const tables = api.list();
  const commands = parsed(process, source, tables);
  change(process, source, commands, tables, options);
  const style: Style = { ...options, names: { ...namesOf(process.net), numeric: options.numeric } };
  for (const command of commands) {
    if (command.kind === "describe") refuse("nft describe");
    if (command.kind === "change") continue;
    const text = isThere(command, api.list()) ? listed(command, api.list(), style) : null;
    if (text === null) {
      const get = command.kind === "get";
      const message = get ? "Could not process rule: No such file or directory" : "No such file or directory";
      fail(
        1,
        complaint(
          source,
          message,
          get ? { ...command.marks.whole, to: command.marks.whole.to + 1 } : missing(command, api.list()),
        ),
      );
    }
    yield* process.print(text);
    if (command.kind === "reset") resetCounters(process, command, api.list());
  }
  return 0;
}

type Listing = Extract<NftCommand, { kind: "list" | "reset" | "get" }>;

/** What of a listing is not there: its table, or what it names in it. */
function missing(command: Listing, tables: readonly NftTableInfo[]): Span {
  return isThere(command, tables) ? command.marks.object : command.marks.table;
}

/** Whether the table that is asked about exists, if one is. */
function isThere({ family, table }: Listing, tables: readonly NftTableInfo[]): boolean {
  if (table === undefined) return true;
  return tables.some((one) => one.name === table && (family === undefined || one.family === family));
}

type Change = Extract<NftCommand, { kind: "change" }>;

/** Everything that changes something goes to the kernel as one transaction. */
function change(
  process: Process,
  source: Source,
  commands: readonly NftCommand[],
  tables: readonly NftTableInfo[],
  options: Options,
): void {
  const changes = commands.filter((command): command is Change => command.kind === "change");
  const steps = changes.flatMap((command) => command.steps);
  const marks = changes.flatMap((command) => command.marks);
  if (steps.length === 0) return;
  if (options.check) refuse("nft -c");
  if (options.echo) refuse("nft -e");
  const added = new Set(steps.flatMap((step) => (step.op === "add-chain" ? [step.chain] : [])));
  const made = new Set(steps.flatMap((s) => (s.op === "add-table" ? [`${s.family} ${s.table}`] : [])));
  for (const [i, step] of steps.entries()) {
    const absent = absentTable(step, marks[i]!, tables, made);
    if (absent !== undefined) fail(1, complaint(source, absent.message, absent.span));
    const hint = misspelt(step, added, tables) ?? notIntervals(step, steps, tables);
    if (hint !== undefined)
      fail(
        1,
        complaint(
          source,
          hint,
          (step.op === "add-elements" ? marks[i]!.inner : undefined) ?? marks[i]!.object,
        ),
      );
  }
  const result = process.net.nft.commit(steps);
  if (result.ok) return;
  const { error } = result;
  if (error.extack !== undefined) refuse(error.extack.replace(/ is not modelled$/, ""));
  fail(1, refusal(source, steps[error.step]!, marks[error.step]!, error, tables));
}

/** Prefixes and ranges go into sets that were declared for them only. */
function notIntervals(
  step: NftStep,
  steps: readonly NftStep[],
  tables: readonly NftTableInfo[],
): string | undefined {
  if (step.op !== "add-elements") return undefined;
  const kinds = new Set(step.elements.flatMap((element) => element.key.map((part) => part.kind)));
  if (!kinds.has("prefix") && !kinds.has("range")) return undefined;
  const made = steps.find((s) => s.op === "add-set" && s.table === step.table && s.set.name === step.set);
  const table = tables.find((one) => one.family === step.family && one.name === step.table);
  const spec = made?.op === "add-set" ? made.set : table?.sets.find((set) => set.name === step.set);
  if (spec === undefined || spec.flags.includes("interval")) return undefined;
  const what = kinds.has("prefix") ? "prefix" : "range";
  return `You must add 'flags interval' to your set declaration if you want to add ${what} elements`;
}

function resetCounters(process: Process, command: NftCommand, tables: readonly NftTableInfo[]): void {
  if (command.kind !== "reset") return;
  const steps = tables.flatMap(({ family, name: table, counters }) =>
    counters
      .filter(
        (counter) => command.name === undefined || (command.table === table && command.name === counter.name),
      )
      .map((counter): NftStep => ({ op: "reset-counter", family, table, counter: counter.name })),
  );
  process.net.nft.commit(steps);
}
