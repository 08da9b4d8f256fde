import { formatFloat } from "../../text/float.ts";

/** Text from input, which counts as a number where it looks like one. */
export class InputText {
  readonly text: string;
  readonly number: number | undefined;

  constructor(text: string) {
    this.text = text;
    this.number = looksNumeric(text) ? Number(text) : undefined;
  }
}

/** Undefined is a variable that nothing was assigned to: both "" and 0. */
export type Value = number | string | InputText | undefined;

function looksNumeric(text: string): boolean {
  return /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/.test(text);
}

export function toNumber(value: Value): number {
  if (typeof value === "number") return value;
  if (value === undefined) return 0;
  if (value instanceof InputText) return value.number ?? leadingNumber(value.text);
  return leadingNumber(value);
}

function leadingNumber(text: string): number {
  const match = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/.exec(text);
  return match === null ? 0 : Number(match[2]) * (match[1] === "-" ? -1 : 1);
}

/** `format` is CONVFMT or, for print, OFMT; whole numbers are written as such. */
export function toText(value: Value, format: string): string {
  if (typeof value === "string") return value;
  if (value === undefined) return "";
  if (value instanceof InputText) return value.text;
  if (Number.isInteger(value))
    return Math.abs(value) < 1e16 ? String(value === 0 ? 0 : value) : formatBig(value);
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  const spec = /^%\.?(\d*)([efgEFG])$/.exec(format);
  if (spec === null) return formatFloat(value, "g", { flags: "", width: undefined, precision: 6 });
  return formatFloat(value, spec[2]!, {
    flags: "",
    width: undefined,
    precision: spec[1] === "" ? 6 : Number(spec[1]),
  });
}

function formatBig(value: number): string {
  return Math.abs(value) < 2 ** 63
    ? BigInt(value).toString()
    : formatFloat(value, "g", { flags: "", width: undefined, precision: 6 });
}

export function toBoolean(value: Value): boolean {
  if (typeof value === "number") return value !== 0;
  if (typeof value === "string") return value !== "";
  if (value === undefined) return false;
  return value.number === undefined ? value.text !== "" : value.number !== 0;
}

/** Below 0, 0 or above: as numbers when both sides are, as text otherwise. */
export function compare(a: Value, b: Value, format: string): number {
  const isNumeric = (value: Value): boolean =>
    value === undefined ||
    typeof value === "number" ||
    (value instanceof InputText && value.number !== undefined);
  if (isNumeric(a) && isNumeric(b)) return toNumber(a) - toNumber(b);
  const [left, right] = [toText(a, format), toText(b, format)];
  return left < right ? -1 : left > right ? 1 : 0;
}
