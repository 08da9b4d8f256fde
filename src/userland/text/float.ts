/** C's `%e`, `%f`, `%g` for printf(1) and awk(1). */
export interface FloatSpec {
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

const DEFAULT_PRECISION = 6;

export function formatFloat(value: number, letter: string, spec: FloatSpec): string {
  const negative = value < 0 || Object.is(value, -0);
  const sign = negative ? "-" : spec.flags.includes("+") ? "+" : spec.flags.includes(" ") ? " " : "";
  const finite = Number.isFinite(value);
  const digits = finite ? body(Math.abs(value), letter, spec) : Number.isNaN(value) ? "nan" : "inf";
  const text = /[EFGA]/.test(letter) ? digits.toUpperCase() : digits;
  const missing = (spec.width ?? 0) - sign.length - text.length;
  if (missing <= 0) return sign + text;
  if (spec.flags.includes("-")) return sign + text + " ".repeat(missing);
  return spec.flags.includes("0") && finite
    ? sign + "0".repeat(missing) + text
    : " ".repeat(missing) + sign + text;
}

function body(value: number, letter: string, spec: FloatSpec): string {
  const precision = Math.min(spec.precision ?? DEFAULT_PRECISION, 100);
  switch (letter.toLowerCase()) {
    case "e":
      return exponential(value, precision);
    case "f":
      return fixed(value, precision);
    case "g":
      return general(value, precision, spec.flags.includes("#"));
    default:
      return value.toString(16);
  }
}

/** As toFixed, which above 1e21 falls back to an exponent. */
function fixed(value: number, precision: number): string {
  if (value < 1e21) return value.toFixed(precision);
  const whole = BigInt(value).toString();
  return precision === 0 ? whole : `${whole}.${"0".repeat(precision)}`;
}

function exponential(value: number, precision: number): string {
  const [mantissa = "0", exponent = "0"] = value.toExponential(precision).split("e");
  const power = Number(exponent);
  return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

function general(value: number, precision: number, keepZeros: boolean): string {
  const significant = precision === 0 ? 1 : precision;
  const exponent = value === 0 ? 0 : Number(value.toExponential(significant - 1).split("e")[1]);
  const scientific = exponent < -4 || exponent >= significant;
  const text = scientific ? exponential(value, significant - 1) : fixed(value, significant - 1 - exponent);
  if (keepZeros) return text;
  const [number = "", power] = text.split("e");
  const short = number.includes(".") ? number.replace(/\.?0+$/, "") : number;
  return power === undefined ? short : `${short}e${power}`;
}
