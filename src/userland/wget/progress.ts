import { NANOS_PER_SECOND } from "../../sim/time.ts";

/** wget's dotted progress, where no terminal is: a dot for 1 KiB, ten to a cluster, fifty to a line. */

const DOT = 1024;
const PER_LINE = 50;
/** What arrives at once took a microsecond, for the sake of the speed. */
const LEAST_TIME = 1000;

/** `34.0K`, `1.02M`: bytes a second in the units of the progress lines. */
function rate(bytes: number, nanos: number): string {
  let speed = (bytes * NANOS_PER_SECOND) / Math.max(nanos, LEAST_TIME);
  for (const unit of ["", "K", "M", "G"]) {
    if (speed < 1024) return unit === "" ? `${Math.round(speed)}` : `${precise(speed)}${unit}`;
    speed /= 1024;
  }
  return `${precise(speed)}T`;
}

function precise(value: number): string {
  if (value >= 99.95) return String(Math.round(value));
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

function dots(count: number): string {
  let text = "";
  for (let i = 0; i < PER_LINE; i++) text += (i % 10 === 0 ? " " : "") + (i < count ? "." : " ");
  return text;
}

export function progressText(received: number, total: number | undefined, nanos: number): string {
  const lines = Math.max(1, Math.ceil(received / (DOT * PER_LINE)));
  let text = "";
  for (let i = 0; i < lines; i++) {
    const done = Math.min(received, (i + 1) * DOT * PER_LINE);
    const count = Math.floor((done - i * DOT * PER_LINE) / DOT);
    const percent =
      total === undefined
        ? "    "
        : `${String(total === 0 ? 100 : Math.floor((done * 100) / total)).padStart(3)}%`;
    text += `\n${String(i * PER_LINE).padStart(6)}K${dots(count)}${percent} ${rate(received, nanos)}`;
  }
  return `${text}=${elapsed(nanos)}\n`;
}

function elapsed(nanos: number): string {
  const seconds = nanos / NANOS_PER_SECOND;
  if (seconds < 0.0005) return "0s";
  return seconds < 1 ? `${seconds.toFixed(3).replace(/0+$/, "")}s` : `${seconds.toFixed(1)}s`;
}

/** `2026-11-21 00:13:23 (1.02 MB/s) - ‘x’ saved [3/3]`. */
export function doneText(
  now: string,
  received: number,
  total: number | undefined,
  nanos: number,
  place: string,
): string {
  const speed = rate(received, nanos).replace(/^([\d.-]+)([KMGT]?)$/, "$1 $2B/s");
  const size = total === undefined ? `${received}` : `${received}/${total}`;
  return `${now} (${speed}) - ${place} [${size}]\n\n`;
}
