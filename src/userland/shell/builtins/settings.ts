import type { Task } from "../../../sim/task.ts";
import { assignScalar } from "../assign.ts";
import { type OptionAnswer, optionOfLetter } from "../options.ts";
import { valueQuote } from "../quote.ts";
import type { Shell } from "../shell.ts";
import { notModelled, print, refuseOption, usage } from "./output.ts";
import { type BuiltinCall, STATUS_USAGE } from "./types.ts";

const NAME_WIDTH = 15;

export function* set(shell: Shell, call: BuiltinCall): Task<number> {
  const { words } = call;
  if (words.length === 0) return yield* listVariables(shell);
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at]!;
    if (word === "--") {
      shell.positional = words.slice(at + 1);
      return 0;
    }
    if (word === "-") {
      shell.options.set("xtrace", false);
      shell.options.set("verbose", false);
      if (at + 1 < words.length) shell.positional = words.slice(at + 1);
      return 0;
    }
    if (!/^[-+]./.test(word)) break;
    const on = word.startsWith("-");
    for (const letter of word.slice(1)) {
      if (letter === "o") {
        const name = words[at + 1];
        if (name === undefined || /^[-+]/.test(name)) {
          yield* listOptions(shell, on);
          continue;
        }
        at++;
        const answer = shell.options.set(name, on);
        if (answer !== "done") return yield* refuse(shell, name, answer);
        continue;
      }
      const name = optionOfLetter(letter);
      if (name === undefined) {
        if ("bkptHr".includes(letter)) return yield* notModelled(shell, "set", word.slice(0, 1) + letter);
        return yield* refuseOption(shell, call, word.slice(0, 1) + letter);
      }
      const answer = shell.options.set(name, on);
      if (answer !== "done") return yield* refuse(shell, name, answer);
    }
  }
  if (at < words.length) shell.positional = words.slice(at);
  return 0;
}

function* refuse(shell: Shell, name: string, answer: OptionAnswer): Task<number> {
  if (answer === "refused") return yield* notModelled(shell, "set", name);
  yield* shell.complain(`set: ${name}: invalid option name`);
  return STATUS_USAGE;
}

function* listOptions(shell: Shell, table: boolean): Task<void> {
  const lines = shell.options.names().map((name) => {
    const on = shell.options.has(name);
    return table ? `${name.padEnd(NAME_WIDTH)}\t${on ? "on" : "off"}\n` : `set ${on ? "-" : "+"}o ${name}\n`;
  });
  yield* print(shell, "set", lines.join(""));
}

function* listVariables(shell: Shell): Task<number> {
  let out = "";
  for (const name of shell.variables.names()) {
    const variable = shell.variables.get(name);
    if (variable?.value.kind === "scalar") out += `${name}=${valueQuote(variable.value.text)}\n`;
  }
  return yield* print(shell, "set", out);
}

export function* shopt(shell: Shell, call: BuiltinCall): Task<number> {
  let { words } = call;
  let letters = "";
  while (/^-./.test(words[0] ?? "")) {
    const option = words[0]!;
    if (!/^-[pqsuo]+$/.test(option)) return yield* refuseOption(shell, call, option.slice(0, 2));
    letters += option.slice(1);
    words = words.slice(1);
  }
  const change = letters.includes("s") ? true : letters.includes("u") ? false : undefined;
  const long = letters.includes("o");
  if (words.length === 0) words = long ? shell.options.names() : shell.options.shoptNames();
  let status = 0;
  let out = "";
  for (const name of words) {
    const known = (long ? shell.options.names() : shell.options.shoptNames()).includes(name);
    if (!known) {
      yield* shell.complain(`shopt: ${name}: invalid shell option name`);
      status = 1;
      continue;
    }
    const on = long ? shell.options.has(name) : shell.options.shopt(name);
    if (change === undefined) {
      if (!on && call.words.includes(name)) status = 1;
      out += letters.includes("p")
        ? `shopt ${on ? "-s" : "-u"} ${name}\n`
        : `${name.padEnd(NAME_WIDTH)}\t${on ? "on" : "off"}\n`;
      continue;
    }
    const answer = long ? shell.options.set(name, change) : shell.options.setShopt(name, change);
    if (answer === "refused") return yield* notModelled(shell, "shopt", name);
  }
  if (!letters.includes("q")) yield* print(shell, "shopt", out);
  return status;
}

export function* getopts(shell: Shell, call: BuiltinCall): Task<number> {
  const [optstring, name, ...given] = call.words;
  if (optstring === undefined || name === undefined) return yield* usage(shell, call);
  const args = given.length > 0 ? given : shell.positional;
  let index = Number(shell.variables.text("OPTIND") ?? 1);
  if (index !== shell.getoptsIndex) shell.getoptsOffset = 1;
  const word = args[index - 1];
  const finish = (letter: string, argument: string | undefined): void => {
    assignScalar(shell, name, letter);
    if (argument === undefined) shell.variables.unset("OPTARG");
    else assignScalar(shell, "OPTARG", argument);
    assignScalar(shell, "OPTIND", String(index));
    shell.getoptsIndex = index;
  };
  if (word === undefined || !/^-./.test(word) || word === "--") {
    if (word === "--") index++;
    shell.getoptsOffset = 1;
    finish("?", undefined);
    return 1;
  }
  const letter = word[shell.getoptsOffset++]!;
  const last = shell.getoptsOffset >= word.length;
  const rest = word.slice(shell.getoptsOffset);
  if (last) {
    index++;
    shell.getoptsOffset = 1;
  }
  const at = letter === ":" ? -1 : optstring.replace(/^:/, "").indexOf(letter);
  const silent = optstring.startsWith(":");
  if (at < 0) {
    finish("?", silent ? letter : undefined);
    if (!silent && shell.variables.text("OPTERR") !== "0")
      yield* shell.writeError(`${shell.name}: illegal option -- ${letter}\n`);
    return 0;
  }
  if (optstring.replace(/^:/, "")[at + 1] !== ":") {
    finish(letter, undefined);
    return 0;
  }
  if (!last) index++;
  shell.getoptsOffset = 1;
  const argument = last ? args[index++ - 1] : rest;
  if (argument !== undefined) {
    finish(letter, argument);
    return 0;
  }
  index--;
  finish(silent ? ":" : "?", silent ? letter : undefined);
  if (!silent && shell.variables.text("OPTERR") !== "0")
    yield* shell.writeError(`${shell.name}: option requires an argument -- ${letter}\n`);
  return 0;
}
