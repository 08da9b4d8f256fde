import { NANOS_PER_SECOND } from "../../../sim/time.ts";
import { EPOCH_SECONDS } from "../../shell/specials.ts";
import { formatFloat } from "../../text/float.ts";
import { momentOf, strftime } from "../../text/strftime.ts";
import { AwkFault, type Expression, type Target } from "./ast.ts";
import type { Interpreter } from "./interpreter.ts";
import { awkRegExp, splitFields } from "./record.ts";
import { InputText, toNumber, type Value } from "./values.ts";
import { refuse } from "../../args/exit.ts";

/** Functions of numbers. */
const MATH: Readonly<Record<string, (x: number) => number>> = {
  cos: Math.cos,
  exp: Math.exp,
  int: Math.trunc,
  log: Math.log,
  sin: Math.sin,
  sqrt: Math.sqrt,
};

export function callBuiltin(awk: Interpreter, name: string, args: readonly Expression[]): Value {
  const math = MATH[name];
  const number = (i: number): number => toNumber(args[i] === undefined ? undefined : awk.evaluate(args[i]));
  const text = (i: number): string => (args[i] === undefined ? "" : awk.text(awk.evaluate(args[i])));
  if (math !== undefined) return math(number(0));
  switch (name) {
    case "atan2":
      return Math.atan2(number(0), number(1));
    case "rand":
      return awk.process.host.random.unit();
    case "srand":
    case "close":
      return 0;
    case "fflush":
      awk.written.push("flush");
      return 0;
    case "systime":
      return now(awk);
    case "strftime":
      return strftime(
        args[0] === undefined ? "%c" : text(0),
        momentOf(args[1] === undefined ? now(awk) : number(1)),
      );
    case "length":
      return length(awk, args[0]);
    case "index":
      return text(0).indexOf(text(1)) + 1;
    case "tolower":
      return text(0).toLowerCase();
    case "toupper":
      return text(0).toUpperCase();
    case "substr":
      return substr(text(0), number(1), args[2] === undefined ? Infinity : number(2));
    case "sprintf":
      return format(
        awk,
        "sprintf",
        text(0),
        args.slice(1).map((each) => awk.evaluate(each)),
      );
    default:
      return callOnText(awk, name, args);
  }
}

function callOnText(awk: Interpreter, name: string, args: readonly Expression[]): Value {
  switch (name) {
    case "match":
      return match(awk, args);
    case "split":
      return split(awk, args);
    case "sub":
    case "gsub":
      return substitute(awk, args, name === "gsub");
    case "system":
      refuse("mawk: system()");
    default:
      throw new AwkFault(`function ${name} never defined`);
  }
}

function now(awk: Interpreter): number {
  return EPOCH_SECONDS + Math.floor(awk.process.host.queue.now / NANOS_PER_SECOND);
}

function length(awk: Interpreter, arg: Expression | undefined): number {
  if (arg === undefined) return awk.record.text.length;
  if (arg.kind === "variable") {
    const size = awk.arraySize(arg.name);
    if (size !== undefined) return size;
  }
  return Array.from(awk.text(awk.evaluate(arg))).length;
}

/** A start before the text makes the part longer by what it lies before: so does Debian's mawk. */
function substr(text: string, from: number, count: number): string {
  const letters = Array.from(text);
  const first = Math.trunc(from);
  const start = Math.max(1, first);
  const length = Math.trunc(count === Infinity ? letters.length : count) - (first < 1 ? first : 0);
  return letters.slice(start - 1, Math.max(start - 1, start - 1 + length)).join("");
}

function match(awk: Interpreter, args: readonly Expression[]): number {
  const text = awk.text(awk.evaluate(args[0]!));
  const found = awk.expressionOf(args[1]!).exec(text);
  const start = found === null ? 0 : found.index + 1;
  awk.set("RSTART", start);
  awk.set("RLENGTH", found === null ? -1 : found[0].length);
  return start;
}

function split(awk: Interpreter, args: readonly Expression[]): number {
  const text = awk.text(awk.evaluate(args[0]!));
  const target = args[1];
  if (target?.kind !== "variable") throw new AwkFault("type error in arg(2) in call to split");
  const separator = args[2];
  const by =
    separator === undefined
      ? awk.variableText("FS")
      : separator.kind === "regexp"
        ? separator.source
        : awk.text(awk.evaluate(separator));
  const parts =
    separator?.kind === "regexp" && by.length === 1 && text !== ""
      ? text.split(awkRegExp(by))
      : splitFields(text, by);
  awk.array(target.name).load(parts.map((part) => new InputText(part)));
  return parts.length;
}

function substitute(awk: Interpreter, args: readonly Expression[], global: boolean): number {
  const expression = awk.expressionOf(args[0]!);
  const replacement = awk.text(awk.evaluate(args[1]!));
  const target: Expression = args[2] ?? { kind: "field", index: { kind: "number", value: 0 } };
  const text = awk.text(awk.evaluate(target));
  let count = 0;
  let from = 0;
  let out = "";
  let lastEnd = -1;
  expression.lastIndex = 0;
  for (let found = expression.exec(text); found !== null; found = expression.exec(text)) {
    const end = found.index + found[0].length;
    if (!(found[0] === "" && found.index === lastEnd)) {
      out += text.slice(from, found.index) + expand(replacement, found[0]);
      from = end;
      count++;
    }
    lastEnd = end;
    if (!global) break;
    if (found[0] === "") expression.lastIndex = end + 1;
    if (expression.lastIndex > text.length) break;
  }
  if (count > 0 && isTarget(target)) awk.assign(target, out + text.slice(from));
  return count;
}

function isTarget(node: Expression): node is Target {
  return node.kind === "variable" || node.kind === "field" || node.kind === "element";
}

/** `&` is the match, `\&` an ampersand. */
function expand(replacement: string, matched: string): string {
  return replacement.replace(/\\([\\&])|&/g, (_, escaped: string | undefined) => escaped ?? matched);
}

/** printf of awk. */
export function format(awk: Interpreter, name: string, pattern: string, args: readonly Value[]): string {
  let next = 0;
  const take = (): Value => {
    if (next < args.length) return args[next++];
    throw new AwkFault(`run time error: not enough arguments passed to ${name}("${pattern}")`);
  };
  return pattern.replace(
    /%(%|([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?([a-zA-Z]))/g,
    (
      whole,
      percent: string,
      flags = "",
      width: string | undefined,
      precision: string | undefined,
      letter = "",
    ) => {
      if (percent === "%") return "%";
      const wide =
        width === "*" ? Math.trunc(toNumber(take())) : width === undefined ? undefined : Number(width);
      const exact =
        precision === "*" ? toNumber(take()) : precision === undefined ? undefined : Number(precision || 0);
      const spec = {
        flags: (flags as string) + (wide !== undefined && wide < 0 ? "-" : ""),
        width: wide === undefined ? undefined : Math.abs(wide),
        precision: exact,
      };
      return convert(awk, letter as string, spec, take, whole);
    },
  );
}

interface Spec {
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

function convert(awk: Interpreter, letter: string, spec: Spec, take: () => Value, whole: string): string {
  switch (letter) {
    case "d":
    case "i":
      return integer(clamp(Math.trunc(toNumber(take()))), spec);
    case "o":
    case "x":
    case "X":
    case "u": {
      const value = Math.trunc(toNumber(take()));
      const digits = (
        value < 0 ? BigInt.asUintN(64, BigInt(value)) : BigInt(Number.isFinite(value) ? value : 0)
      ).toString(letter === "o" ? 8 : letter === "u" ? 10 : 16);
      const prefix = spec.flags.includes("#") && letter !== "u" ? (letter === "o" ? "0" : `0${letter}`) : "";
      return pad(
        prefix + (letter === "X" ? digits.toUpperCase() : digits),
        spec,
        spec.precision === undefined,
      );
    }
    case "e":
    case "E":
    case "f":
    case "F":
    case "g":
    case "G":
      return formatFloat(toNumber(take()), letter, spec);
    case "c": {
      const value = take();
      const code = typeof value === "number" ? value : value instanceof InputText ? value.number : undefined;
      return pad(code === undefined ? awk.text(value).slice(0, 1) : String.fromCharCode(code), spec, false);
    }
    case "s": {
      const text = awk.text(take());
      return pad(spec.precision === undefined ? text : text.slice(0, spec.precision), spec, false);
    }
    default:
      return whole;
  }
}

/** mawk prints what fits into an int. */
function clamp(value: number): number {
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, value));
}

function integer(value: number, spec: Spec): string {
  const sign = value < 0 ? "-" : spec.flags.includes("+") ? "+" : spec.flags.includes(" ") ? " " : "";
  let digits = Number.isFinite(value)
    ? BigInt(Math.abs(value)).toString()
    : Number.isNaN(value)
      ? "nan"
      : "inf";
  if (spec.precision !== undefined) digits = digits.padStart(spec.precision, "0");
  const zeros = spec.flags.includes("0") && !spec.flags.includes("-") && spec.precision === undefined;
  if (zeros) return sign + digits.padStart((spec.width ?? 0) - sign.length, "0");
  return pad(sign + digits, spec, false);
}

function pad(text: string, spec: Spec, zeros: boolean): string {
  const width = spec.width ?? 0;
  if (spec.flags.includes("-")) return text.padEnd(width);
  return text.padStart(width, zeros && spec.flags.includes("0") ? "0" : " ");
}
