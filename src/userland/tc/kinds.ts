import type { NetemOptions, QdiscOptions, TbfOptions } from "../../kernel/uapi/index.ts";
import { fail, refuse } from "../args/exit.ts";
import { matches, parseUnsigned, type Words } from "../args/words.ts";
import type { Report } from "../netlink/report.ts";
import { NETEM_USAGE, TBF_USAGE } from "./usage.ts";
import {
  parsePercent,
  parseRate,
  parseSize,
  parseTime,
  percentText,
  rateText,
  roundedBurst,
  sizeText,
  timeText,
} from "./units.ts";

/** The options of each discipline, read and printed. Models: tc/q_netem.c, q_tbf.c, q_fifo.c, q_fq_codel.c. */

type Draft<T> = { -readonly [K in keyof T]: T[K] };

function illegal(what: string): never {
  fail(1, `Illegal "${what}"\n`);
}

/** A correlation would stand here. */
function noCorrelation(words: Words, what: string): void {
  const word = words.peek();
  if (word !== undefined && /^[\d.]+%?$/.test(word)) refuse(`the correlation of netem ${what}`);
}

function readDelay(draft: Draft<NetemOptions>, words: Words): void {
  draft.delay = parseTime(words.value()) ?? illegal("latency");
  draft.jitter = 0;
  if (!/^[\d.]/.test(words.peek() ?? "")) return;
  draft.jitter = parseTime(words.value()) ?? illegal("latency");
  noCorrelation(words, "delay");
}

function readLoss(draft: Draft<NetemOptions>, words: Words): void {
  let word = words.value();
  if (word === "random") word = words.value();
  else if (word === "state" || word === "gemodel") refuse(`netem loss ${word}`);
  else if (!/^\d/.test(word)) fail(1, `Unknown loss parameter: ${word}\n`);
  draft.loss = parsePercent(word) ?? illegal("loss percent");
  noCorrelation(words, "loss");
}

const NETEM_UNMODELLED = ["corrupt", "reorder", "gap", "distribution", "ecn", "slot"];

export function readNetem(words: Words): NetemOptions {
  const draft: Draft<NetemOptions> = {
    kind: "netem",
    limit: 1000,
    delay: 0,
    jitter: 0,
    loss: 0,
    duplicate: 0,
    rate: 0,
  };
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const key = word;
    if (matches(key, "limit")) draft.limit = parseSize(words.value()) ?? illegal("limit");
    else if (matches(key, "latency") || matches(key, "delay")) readDelay(draft, words);
    else if (matches(key, "loss") || matches(key, "drop")) readLoss(draft, words);
    else if (NETEM_UNMODELLED.some((name) => matches(key, name))) refuse(`netem ${key}`);
    else if (matches(key, "duplicate")) {
      draft.duplicate = parsePercent(words.value()) ?? illegal("duplicate");
      noCorrelation(words, "duplicate");
    } else if (matches(key, "rate")) {
      draft.rate = parseRate(words.value()) ?? illegal("rate");
      if (/^-?\d/.test(words.peek() ?? "")) refuse("the overhead of netem rate");
    } else if (key === "help") fail(1, NETEM_USAGE);
    else fail(1, `What is "${key}"?\n${NETEM_USAGE}`);
  }
  return draft;
}

function badTbf(key: string, word: string): never {
  fail(1, `tbf: illegal value for "${key}": "${word}"\n`);
}

interface TbfDraft {
  rate?: number;
  burst?: number;
  limit?: number;
  latency?: number;
}

function readTbfWords(words: Words): TbfDraft {
  const draft: TbfDraft = {};
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const key = word;
    const value = (parse: (text: string) => number | undefined, name = key): number => {
      const text = words.value();
      return parse(text) ?? badTbf(name, text);
    };
    if (matches(key, "limit")) draft.limit = value(parseSize);
    else if (matches(key, "latency")) draft.latency = value(parseTime);
    else if (matches(key, "burst") || key === "buffer" || key === "maxburst") {
      draft.burst = value((text) => (text.includes("/") ? undefined : parseSize(text)));
    } else if (matches(key, "rate")) draft.rate = value(parseRate);
    else if (["mtu", "minburst", "peakrate", "overhead", "linklayer", "mpu"].includes(key))
      refuse(`tbf ${key}`);
    else if (key === "help") fail(1, TBF_USAGE);
    else fail(1, `tbf: unknown parameter "${key}"\n${TBF_USAGE}`);
  }
  return draft;
}

export function readTbf(words: Words): TbfOptions {
  const { rate, burst, limit, latency } = readTbfWords(words);
  if (rate === undefined || burst === undefined || (limit === undefined && latency === undefined)) {
    const complaints = [
      ...(rate === undefined ? ['tbf: the "rate" parameter is mandatory.\n'] : []),
      ...(burst === undefined ? ['tbf: the "burst" parameter is mandatory.\n'] : []),
      ...(limit === undefined && latency === undefined
        ? ['tbf: either "limit" or "latency" is required.\n']
        : []),
    ];
    return fail(1, complaints.join("") + TBF_USAGE);
  }
  const bytes = limit ?? Math.floor((rate * (latency ?? 0)) / 1e6 + burst);
  return { kind: "tbf", rate, burst: roundedBurst(burst, rate), limit: bytes };
}

function readFifo(kind: "pfifo" | "bfifo", words: Words): QdiscOptions {
  let limit: number | undefined;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word !== "limit")
      fail(1, `${kind}: unknown parameter "${word}"\nUsage: ... ${kind} [ limit NUMBER ]\n`);
    const text = words.value();
    limit = kind === "bfifo" ? parseSize(text) : parseUnsigned(text);
    if (limit === undefined) fail(1, `${kind}: Illegal value for "limit" :"${text}"\n`);
  }
  return { kind, ...(limit !== undefined && { limit }) };
}

/** `QDISC_KIND OPTIONS`; undefined: a kind that Linux does not have either. */
export function readKind(kind: string, words: Words): QdiscOptions | undefined {
  switch (kind) {
    case "netem":
      return readNetem(words);
    case "tbf":
      return readTbf(words);
    case "pfifo":
    case "bfifo":
      return readFifo(kind, words);
    case "noqueue":
    case "pfifo_fast":
    case "fq_codel":
      if (words.left > 0) refuse(`options of ${kind}`);
      return { kind };
    default:
      return undefined;
  }
}

function printNetem(out: Report, o: NetemOptions): void {
  out.add("limit", o.limit, `limit ${o.limit}`);
  if (o.delay !== 0) {
    if (out.json)
      out.object("delay", () => {
        out.add("delay", o.delay / 1e6, "");
        out.add("jitter", o.jitter / 1e6, "");
        out.add("correlation", 0, "");
      });
    out.say(` delay ${timeText(o.delay)}${o.jitter === 0 ? "" : `  ${timeText(o.jitter)}`}`);
  }
  printChance(out, "loss-random", "loss", o.loss);
  printChance(out, "duplicate", "duplicate", o.duplicate);
  if (o.rate !== 0) {
    if (out.json)
      out.object("rate", () => {
        out.add("rate", o.rate, "");
        for (const key of ["packetoverhead", "cellsize", "celloverhead"]) out.add(key, 0, "");
      });
    out.say(` rate ${rateText(o.rate)}`);
  }
  out.add("ecn", false, "");
  out.add("gap", 0, "");
}

function printChance(out: Report, key: string, name: string, percent: number): void {
  if (percent === 0) return;
  if (out.json)
    out.object(key, () => {
      out.add(name, Number((percent / 100).toPrecision(6)), "");
      out.add("correlation", 0, "");
    });
  out.say(` ${name} ${percentText(percent)}`);
}

function printTbf(out: Report, o: TbfOptions): void {
  const latency = (1e6 * o.limit) / o.rate - (1e6 * o.burst) / o.rate;
  out.add("rate", o.rate, `rate ${rateText(o.rate)} `);
  out.add("burst", o.burst, `burst ${sizeText(o.burst)} `);
  out.add("lat", Math.round(latency), `lat ${timeText(Math.round(latency))} `);
}

/** Bands of pfifo_fast by priority. */
const PRIOMAP = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];

/** What stands behind `refcnt`; `queueLength` and `mtu` are the device's, for the defaults of the kernel. */
export function printKind(out: Report, o: QdiscOptions, queueLength: number, mtu: number): void {
  if (o.kind === "noqueue" || o.kind === "noop") return;
  out.object("options", () => {
    if (o.kind === "netem") printNetem(out, o);
    else if (o.kind === "tbf") printTbf(out, o);
    else if (o.kind === "pfifo") out.add("limit", o.limit ?? queueLength, `limit ${o.limit ?? queueLength}p`);
    else if (o.kind === "bfifo") {
      const limit = o.limit ?? queueLength * (mtu + 14);
      out.add("limit", limit, `limit ${limit}b`);
    } else if (o.kind === "pfifo_fast") {
      out.add("bands", 3, "bands 3 priomap ");
      out.array("priomap", () =>
        PRIOMAP.forEach((band, i) => out.item(band, i === 0 ? `${band}` : ` ${band}`)),
      );
    } else printFqCodel(out);
  });
}

/** Models: fq_codel_print_opt, with the defaults of the kernel. */
function printFqCodel(out: Report): void {
  out.add("limit", 10240, "limit 10240p ");
  out.add("flows", 1024, "flows 1024 ");
  out.add("quantum", 1514, "quantum 1514 ");
  out.add("target", 4999, "target 5ms ");
  out.add("interval", 99999, "interval 100ms ");
  out.add("memory_limit", 33554432, "memory_limit 32Mb ");
  out.add("ecn", true, "ecn ");
  out.add("drop_batch", 64, "drop_batch 64 ");
}
