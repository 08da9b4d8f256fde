import { utf8Decode } from "../../../base/utf8.ts";
import { spawn, type Task } from "../../../sim/task.ts";
import { seconds } from "../../../sim/time.ts";
import type { OpenFile } from "../../os/io.ts";
import { assignScalar, complainOfAssignment } from "../assign.ts";
import { ifsOf } from "../expand.ts";
import type { Shell } from "../shell.ts";
import { indexed } from "../variables.ts";
import { notModelled, refuseOption } from "./output.ts";
import type { BuiltinCall } from "./types.ts";

/** 128 + SIGALRM: what `read -t` answers when the time is over. */
const STATUS_TIMEOUT = 142;

interface Request {
  readonly raw: boolean;
  readonly array: string | undefined;
  readonly delimiter: string;
  /** `-n`, `-N`. */
  readonly count: number | undefined;
  readonly exact: boolean;
  readonly timeout: number | undefined;
  readonly descriptor: number;
  readonly prompt: string;
  readonly names: readonly string[];
}

/** A character that was read; one after a backslash neither separates nor ends anything. */
interface Character {
  readonly c: string;
  readonly escaped: boolean;
}

/** Options that take an argument, and those that do not. */
const WITH_ARGUMENT = "adinNptu";
const PLAIN = "ers";

/** The options by their letters; a string is a complaint. */
function options(
  call: BuiltinCall,
): { given: Map<string, string>; names: readonly string[] } | { complaint: string } {
  const given = new Map<string, string>();
  const { words } = call;
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at]!;
    if (word === "--") {
      at++;
      break;
    }
    if (!/^-./.test(word)) break;
    for (let i = 1; i < word.length; i++) {
      const letter = word[i]!;
      if (PLAIN.includes(letter)) given.set(letter, "");
      else if (!WITH_ARGUMENT.includes(letter)) return { complaint: `-${letter}` };
      else {
        given.set(letter, i + 1 < word.length ? word.slice(i + 1) : (words[++at] ?? ""));
        break;
      }
    }
  }
  return { given, names: words.slice(at) };
}

export function* read(shell: Shell, call: BuiltinCall): Task<number> {
  const parsed = options(call);
  if ("complaint" in parsed) return yield* refuseOption(shell, call, parsed.complaint);
  const { given, names } = parsed;
  if (given.has("i")) return yield* notModelled(shell, "read", "-i");
  const bad = names.find((name) => !/^[A-Za-z_]\w*(\[.+\])?$/.test(name));
  if (bad !== undefined) {
    yield* shell.complain(`read: \`${bad}': not a valid identifier`);
    return 1;
  }
  const count = given.get("N") ?? given.get("n");
  const request: Request = {
    raw: given.has("r"),
    array: given.get("a"),
    delimiter: given.get("d")?.slice(0, 1) ?? "\n",
    count: count === undefined ? undefined : Number(count),
    exact: given.has("N"),
    timeout: given.has("t") ? Number(given.get("t")) : undefined,
    descriptor: Number(given.get("u") ?? 0),
    prompt: given.get("p") ?? "",
    names,
  };
  const file = shell.process.files.get(request.descriptor);
  if (file === undefined) {
    yield* shell.complain(`read: ${request.descriptor}: invalid file descriptor: Bad file descriptor`);
    return 1;
  }
  if (request.prompt !== "" && file.isTerminal) yield* shell.writeError(request.prompt);
  return yield* readAndAssign(shell, request, file);
}

function* readAndAssign(shell: Shell, request: Request, file: OpenFile): Task<number> {
  const line: Character[] = [];
  let status: number;
  if (request.timeout === undefined) status = yield* readLine(file, request, line);
  else {
    const reading = spawn(shell.host.queue, readLine(file, request, line));
    const outcome = reading.outcome ?? (yield* reading.ended.waitAtMost(seconds(request.timeout)));
    if (outcome?.kind === "threw") throw outcome.error;
    if (outcome === undefined) reading.kill("KILL");
    status = outcome?.kind === "returned" ? outcome.value : STATUS_TIMEOUT;
  }
  try {
    assignLine(shell, request, line);
  } catch (error) {
    yield* complainOfAssignment(shell, error);
    return 1;
  }
  return status;
}

/** Reads to the delimiter, a byte at a time, since what follows belongs to the next reader. */
function* readLine(file: OpenFile, request: Request, line: Character[]): Task<number> {
  let escaped = false;
  const delimiter = request.delimiter === "" ? "\0" : request.delimiter;
  while (request.count === undefined || line.length < request.count) {
    const c = yield* readCharacter(file);
    if (c === null) return 1;
    if (escaped) {
      escaped = false;
      if (c !== "\n") line.push({ c, escaped: true });
      continue;
    }
    if (c === delimiter && !request.exact) return 0;
    if (c === "\\" && !request.raw) escaped = true;
    else if (c !== "\0") line.push({ c, escaped: false });
  }
  return 0;
}

function* readCharacter(file: OpenFile): Task<string | null> {
  const first = yield* file.read(1);
  if (first === null) return null;
  const lead = first[0]!;
  if (lead < 0xc0) return utf8Decode(first);
  const bytes = [lead];
  for (let more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1; more > 0; more--) {
    const next = yield* file.read(1);
    if (next === null) break;
    bytes.push(next[0]!);
  }
  return utf8Decode(Uint8Array.from(bytes));
}

function assignLine(shell: Shell, request: Request, line: readonly Character[]): void {
  const text = (from: readonly Character[]): string => from.map((each) => each.c).join("");
  const separators = ifsOf(shell);
  if (request.array !== undefined) {
    const items = split(line, separators, Infinity).map(text);
    shell.variables.ensure(request.array).value = indexed(items).value;
    return;
  }
  if (request.names.length === 0) {
    assignScalar(shell, "REPLY", text(line));
    return;
  }
  const fields = request.exact ? [line] : split(line, separators, request.names.length);
  for (const [i, name] of request.names.entries()) assignScalar(shell, name, text(fields[i] ?? []));
}

/** Splits at IFS into at most `limit` fields; the last takes the rest, without the white space around it. */
function split(line: readonly Character[], separators: string, limit: number): (readonly Character[])[] {
  const separates = (each: Character | undefined): boolean =>
    each !== undefined && !each.escaped && separators.includes(each.c);
  const blank = (each: Character | undefined): boolean =>
    each !== undefined && separates(each) && " \t\n".includes(each.c);
  const fields: (readonly Character[])[] = [];
  let at = 0;
  while (blank(line[at])) at++;
  while (at < line.length) {
    let end = at;
    while (end < line.length && !separates(line[end])) end++;
    let next = end;
    while (blank(line[next])) next++;
    if (separates(line[next])) {
      next++;
      while (blank(line[next])) next++;
    }
    if (fields.length === limit - 1 && next < line.length) {
      let stop = line.length;
      while (stop > at && blank(line[stop - 1])) stop--;
      fields.push(line.slice(at, stop));
      return fields;
    }
    fields.push(line.slice(at, end));
    at = next;
  }
  return fields;
}

/** `mapfile`, `readarray`: the lines of a file as an array. */
export function* mapfile(shell: Shell, call: BuiltinCall): Task<number> {
  const { words } = call;
  let strip = false;
  let delimiter = "\n";
  let descriptor = 0;
  let skip = 0;
  let limit = 0;
  let at = 0;
  for (; /^-./.test(words[at] ?? ""); at++) {
    const option = words[at]!;
    if (option === "-t") strip = true;
    else if (option.startsWith("-d")) delimiter = option.slice(2) || (words[++at] ?? "").slice(0, 1) || "\0";
    else if (option.startsWith("-u")) descriptor = Number(option.slice(2) || words[++at]);
    else if (option.startsWith("-s")) skip = Number(option.slice(2) || words[++at]);
    else if (option.startsWith("-n")) limit = Number(option.slice(2) || words[++at]);
    else if (/^-[COc]/.test(option)) return yield* notModelled(shell, call.name, option.slice(0, 2));
    else return yield* refuseOption(shell, call, option.slice(0, 2));
  }
  const file = shell.process.files.get(descriptor);
  if (file === undefined) {
    yield* shell.complain(`${call.name}: ${descriptor}: invalid file descriptor: Bad file descriptor`);
    return 1;
  }
  const lines: string[] = [];
  const request: Request = {
    raw: true,
    array: undefined,
    delimiter,
    count: undefined,
    exact: false,
    timeout: undefined,
    descriptor,
    prompt: "",
    names: [],
  };
  for (let status = 0; status === 0 && (limit === 0 || lines.length < skip + limit);) {
    const line: Character[] = [];
    status = yield* readLine(file, request, line);
    const ending = status === 0 && !strip ? delimiter : "";
    if (status === 0 || line.length > 0) lines.push(line.map((each) => each.c).join("") + ending);
  }
  shell.variables.ensure(words[at] ?? "MAPFILE").value = indexed(lines.slice(skip)).value;
  return 0;
}
