/** Numbers with units as tc(8) reads and prints them. Models: tc/tc_util.c, lib/utils_math.c. */

type Units = Readonly<Record<string, number>>;

/** strtod(3) and a unit, which may be missing. */
function scaled(word: string, units: Units, bare: number): number | undefined {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(.*)$/i.exec(word);
  if (match === null) return undefined;
  const unit = match[2]!.toLowerCase();
  const factor = unit === "" ? bare : units[unit];
  return factor === undefined ? undefined : Number(match[1]) * factor;
}

const TIMES: Units = {
  s: 1e6,
  sec: 1e6,
  secs: 1e6,
  ms: 1e3,
  msec: 1e3,
  msecs: 1e3,
  us: 1,
  usec: 1,
  usecs: 1,
};

/** get_time(): microseconds. */
export function parseTime(word: string): number | undefined {
  const value = scaled(word, TIMES, 1);
  return value === undefined || value < 0 ? undefined : Math.floor(value);
}

const POWERS = ["", "k", "m", "g", "t"];

/** Bits a second of `bit`, `kbit`, `kibit` ... and `bps`, `kbps` ... */
const RATES: Units = Object.fromEntries(
  POWERS.flatMap((p, i) => [
    [`${p}bit`, 1000 ** i],
    [`${p}bps`, 8 * 1000 ** i],
    ...(i === 0
      ? []
      : [
          [`${p}ibit`, 1024 ** i],
          [`${p}ibps`, 8 * 1024 ** i],
        ]),
  ]),
) as Units;

/** get_rate64(): bytes a second. */
export function parseRate(word: string): number | undefined {
  const value = scaled(word, RATES, 1);
  return value === undefined || value < 0 ? undefined : Math.floor(value / 8);
}

const SIZES: Units = {
  b: 1,
  k: 1024,
  kb: 1024,
  m: 1024 ** 2,
  mb: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1024 ** 3,
  kbit: 1024 / 8,
  mbit: 1024 ** 2 / 8,
  gbit: 1024 ** 3 / 8,
};

/** get_size(): bytes. */
export function parseSize(word: string): number | undefined {
  const value = scaled(word, SIZES, 1);
  return value === undefined || value < 0 ? undefined : Math.floor(value);
}

/** get_percent(): a part of a hundred, with or without the sign. */
export function parsePercent(word: string): number | undefined {
  const match = /^(\d+\.?\d*|\.\d+)%?$/.exec(word);
  const value = match === null ? Infinity : Number(match[1]);
  return value <= 100 ? value : undefined;
}

/** %.3g */
function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** print_time() */
export function timeText(micros: number): string {
  if (micros >= 1e6) return `${short(micros / 1e6)}s`;
  if (micros >= 1e3) return `${short(micros / 1e3)}ms`;
  return `${Math.floor(micros)}us`;
}

/** print_rate(): in bits, the unit that leaves no remainder. */
export function rateText(bytesPerSecond: number): string {
  let rate = bytesPerSecond * 8;
  let power = 0;
  while (power < 4 && rate >= 1000 && (rate % 1000 === 0 || rate >= 1_000_000)) {
    rate = Math.floor(rate / 1000);
    power++;
  }
  return `${rate}${POWERS[power]!.toUpperCase()}bit`;
}

/** print_size() */
export function sizeText(bytes: number): string {
  const mega = Math.round(bytes / 1024 ** 2);
  if (bytes >= 1024 ** 2 && Math.abs(mega * 1024 ** 2 - bytes) < 1024) return `${mega}Mb`;
  const kilo = Math.round(bytes / 1024);
  if (bytes >= 1024 && Math.abs(kilo * 1024 - bytes) < 16) return `${kilo}Kb`;
  return `${bytes}b`;
}

/** %g of a percentage as it survives the kernel's 32 bits. */
export function percentText(percent: number): string {
  return `${Number(percent.toPrecision(6))}%`;
}

/** The kernel's clock tick in microseconds, the inverse of /proc/net/psched's tick_in_usec. */
const TICKS_PER_MICRO = 15.625;

/** What is left of a burst after it was told as ticks of sending: tc_calc_xmittime, tc_calc_xmitsize. */
export function roundedBurst(burst: number, rate: number): number {
  const ticks = Math.floor(Math.floor((1e6 * burst) / rate) * TICKS_PER_MICRO);
  return Math.floor((rate * Math.floor(ticks / TICKS_PER_MICRO)) / 1e6);
}
