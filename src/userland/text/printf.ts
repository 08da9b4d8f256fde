import { ByteText, writeEscape, writeEscaped } from "./escapes.ts";
import { formatFloat } from "./float.ts";

/** What differs between bash's printf, coreutils' printf and others: the words of their complaints, and what they can do. */
export interface PrintfStyle {
  invalidNumber(text: string): string;
  invalidFormat(conversion: string): string;
  /** `%q`; absent: not a conversion. */
  quote?(text: string): string;
  /** `%(format)T`; absent: not a conversion. */
  time?(format: string, seconds: number): string;
}

export interface PrintfResult {
  readonly bytes: Uint8Array;
  readonly complaints: readonly string[];
}

const CONVERSION = /^%([-+ #0]*)(\*|\d+)?(?:\.(\*|-?\d*))?(?:hh|h|ll|l|j|z|t|L)?/;

interface Spec {
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

/** printf(1): the format is used again as long as arguments are left. */
export function formatPrintf(format: string, args: readonly string[], style: PrintfStyle): PrintfResult {
  return new Printer(args, style).run(format);
}

class Stop extends Error {}

class Printer {
  private readonly out = new ByteText();
  private readonly complaints: string[] = [];
  private readonly args: readonly string[];
  private readonly style: PrintfStyle;
  private next = 0;

  constructor(args: readonly string[], style: PrintfStyle) {
    this.args = args;
    this.style = style;
  }

  run(format: string): PrintfResult {
    try {
      do {
        const before = this.next;
        this.pass(format);
        if (this.next === before) break;
      } while (this.next < this.args.length);
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
    }
    return { bytes: this.out.bytes(), complaints: this.complaints };
  }

  private pass(format: string): void {
    for (let i = 0; i < format.length;) {
      const c = format[i]!;
      if (c === "\\") {
        const after = writeEscape(this.out, format, i, "plain");
        if (after === "stop") throw new Stop();
        i = after;
      } else if (c === "%") i = this.conversion(format, i);
      else {
        this.out.text(c);
        i++;
      }
    }
  }

  private take(): string | undefined {
    return this.args[this.next++];
  }

  private conversion(format: string, at: number): number {
    if (format[at + 1] === "%") {
      this.out.text("%");
      return at + 2;
    }
    const head = CONVERSION.exec(format.slice(at))!;
    const after = at + head[0].length;
    const flags = head[1]!;
    let width =
      head[2] === "*"
        ? Number(this.integer(this.take()))
        : head[2] === undefined
          ? undefined
          : Number(head[2]);
    const precision =
      head[3] === "*"
        ? Number(this.integer(this.take()))
        : head[3] === undefined
          ? undefined
          : Number(head[3] || 0);
    let left = flags;
    if (width !== undefined && width < 0) {
      left += "-";
      width = -width;
    }
    const spec: Spec = {
      flags: left,
      width,
      precision: precision !== undefined && precision < 0 ? undefined : precision,
    };
    const time = /^\(([^)]*)\)T/.exec(format.slice(after));
    if (time !== null && this.style.time !== undefined) {
      const seconds = this.take();
      this.out.text(
        pad(this.style.time(time[1]!, seconds === undefined ? -1 : Number(this.integer(seconds))), spec),
      );
      return after + time[0].length;
    }
    this.convert(format, after, spec);
    return after + 1;
  }

  private convert(format: string, at: number, spec: Spec): void {
    const letter = format[at] ?? "";
    switch (letter) {
      case "s":
        this.out.text(pad(cut(this.take() ?? "", spec), spec));
        return;
      case "c":
        this.out.text(pad((this.take() ?? "").slice(0, 1), spec));
        return;
      case "b":
        if (writeEscaped(this.out, this.take() ?? "", "both").stopped) throw new Stop();
        return;
      case "d":
      case "i":
        this.out.text(signed(this.integer(this.take()), spec));
        return;
      case "u":
      case "o":
      case "x":
      case "X":
        this.out.text(unsigned(this.integer(this.take()), letter, spec));
        return;
      default:
        if (/[eEfFgGaA]/.test(letter)) this.out.text(formatFloat(this.float(this.take()), letter, spec));
        else if (letter === "q" && this.style.quote !== undefined)
          this.out.text(pad(this.style.quote(this.take() ?? ""), spec));
        else {
          this.complaints.push(this.style.invalidFormat(letter));
          throw new Stop();
        }
    }
  }

  private complain(text: string): void {
    this.complaints.push(this.style.invalidNumber(text));
  }

  private integer(text: string | undefined): bigint {
    if (text === undefined) return 0n;
    if (/^["']/.test(text)) return BigInt(text.codePointAt(1) ?? 0);
    const match = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|\d+)/.exec(text);
    if (match === null || match[0].length !== text.length) this.complain(text);
    if (match === null) return 0n;
    const digits = match[2]!;
    const octal = /^0\d/.test(digits);
    const valid = octal ? (/^[0-7]+/.exec(digits)?.[0] ?? "0") : digits;
    if (valid !== digits) this.complain(text);
    const value = BigInt(octal ? `0o${valid}` : digits);
    return BigInt.asIntN(64, match[1] === "-" ? -value : value);
  }

  private float(text: string | undefined): number {
    if (text === undefined) return 0;
    if (/^["']/.test(text)) return text.codePointAt(1) ?? 0;
    const match =
      /^\s*[-+]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|inf(?:inity)?|nan)/i.exec(text);
    if (match === null || match[0].length !== text.length) this.complain(text);
    if (match === null) return 0;
    const word = match[0].trim().toLowerCase();
    if (/inf/.test(word)) return word.startsWith("-") ? -Infinity : Infinity;
    return Number(word);
  }
}

function cut(text: string, spec: Spec): string {
  return spec.precision === undefined ? text : Array.from(text).slice(0, spec.precision).join("");
}

function pad(text: string, spec: Spec): string {
  const missing = (spec.width ?? 0) - Array.from(text).length;
  if (missing <= 0) return text;
  return spec.flags.includes("-") ? text + " ".repeat(missing) : " ".repeat(missing) + text;
}

/** Pads a number, with zeros between its sign and its digits where the flags say so. */
function padNumber(sign: string, digits: string, spec: Spec): string {
  const full = spec.precision === undefined ? digits : digits.padStart(spec.precision, "0");
  if (spec.flags.includes("0") && !spec.flags.includes("-") && spec.precision === undefined)
    return sign + full.padStart((spec.width ?? 0) - sign.length, "0");
  return pad(sign + full, spec);
}

function signed(value: bigint, spec: Spec): string {
  const sign = value < 0n ? "-" : spec.flags.includes("+") ? "+" : spec.flags.includes(" ") ? " " : "";
  return padNumber(sign, (value < 0n ? -value : value).toString(), spec);
}

function unsigned(value: bigint, letter: string, spec: Spec): string {
  const bits = BigInt.asUintN(64, value);
  const alternate = spec.flags.includes("#") && bits !== 0n;
  if (letter === "u") return padNumber("", bits.toString(), spec);
  if (letter === "o") return padNumber(alternate ? "0" : "", bits.toString(8), spec);
  const digits = bits.toString(16);
  if (letter === "x") return padNumber(alternate ? "0x" : "", digits, spec);
  return padNumber(alternate ? "0X" : "", digits.toUpperCase(), spec);
}
