import type { LinkInfo } from "../../kernel/uapi/index.ts";
import type { Report } from "../netlink/report.ts";
import type { Ip } from "./context.ts";

/** Models: ip/ipaddress.c print_stats64: seven columns, each as wide as its widest number in all four rows. */
const LEAST = ["*X errors:", "packets", "errors", "dropped", "heartbt", "overrun", "compressed"].map(
  (s) => s.length,
);

interface Row {
  readonly title: string;
  /** Where the numbers begin: the rows of errors leave out the first column. */
  readonly from: 0 | 1;
  readonly heads: readonly string[];
  readonly values: readonly number[];
}

function rows(link: LinkInfo, errors: boolean): readonly Row[] {
  const s = link.stats;
  const rx = ["bytes", "packets", "errors", "dropped", "missed", "mcast"];
  const tx = ["bytes", "packets", "errors", "dropped", "carrier", "collsns"];
  const plain: readonly Row[] = [
    {
      title: "RX:",
      from: 0,
      heads: rx,
      values: [s.rxBytes, s.rxPackets, s.rxErrors, s.rxDropped, 0, s.multicast],
    },
    {
      title: "TX:",
      from: 0,
      heads: tx,
      values: [s.txBytes, s.txPackets, s.txErrors, s.txDropped, s.txCarrier, s.collisions],
    },
  ];
  if (!errors) return plain;
  const rxErrors = ["length", "crc", "frame", "fifo", "overrun"];
  const txErrors = ["aborted", "fifo", "window", "heartbt", "transns"];
  return [
    plain[0]!,
    { title: "RX errors:", from: 1, heads: rxErrors, values: [0, 0, 0, 0, 0] },
    plain[1]!,
    { title: "TX errors:", from: 1, heads: txErrors, values: [0, 0, 0, 0, s.carrierChanges ?? 0] },
  ];
}

const SUFFIXES = ["", "k", "M", "G", "T", "P"];

/** `-h`: three digits and a power of a thousand. */
export function humanNumber(value: number): string {
  let power = 0;
  let scaled = value;
  while (scaled >= 1000 && power < SUFFIXES.length - 1) {
    scaled /= 1000;
    power++;
  }
  if (power === 0) return String(value);
  return scaled.toFixed(scaled < 10 ? 2 : scaled < 100 ? 1 : 0) + SUFFIXES[power]!;
}

function printRow(out: Report, row: Row, widths: readonly number[], text: (value: number) => string): void {
  const heads = row.heads.map((head, i) =>
    row.from === 0 && i === 0 ? head.padStart(widths[0]! - 4) : head.padStart(widths[i + row.from]!),
  );
  const gap = row.from === 0 ? "" : " ".repeat(widths[0]! - row.title.length);
  out.breakLine();
  out.say(`    ${row.title}${gap} ${heads.join(" ")}`);
  if (row.from === 0) out.say(` ${" ".repeat(widths[6]!)}`);
  out.breakLine();
  out.say("    " + (row.from === 0 ? "" : " ".repeat(widths[0]!) + " "));
  row.values.forEach((value, i) => out.say(text(value).padStart(widths[i + row.from]!) + " "));
}

function printMembers(out: Report, link: LinkInfo): void {
  const s = link.stats;
  const side = (name: string, members: readonly (readonly [string, number])[]): void => {
    out.object(name, () => members.forEach(([key, value]) => out.add(key, value, "")));
  };
  out.object("stats64", () => {
    side("rx", [
      ["bytes", s.rxBytes],
      ["packets", s.rxPackets],
      ["errors", s.rxErrors],
      ["dropped", s.rxDropped],
      ["over_errors", 0],
      ["multicast", s.multicast],
    ]);
    side("tx", [
      ["bytes", s.txBytes],
      ["packets", s.txPackets],
      ["errors", s.txErrors],
      ["dropped", s.txDropped],
      ["carrier_errors", s.txCarrier],
      ["collisions", s.collisions],
    ]);
  });
}

export function printStatistics(ip: Ip, link: LinkInfo): void {
  if (ip.out.json) {
    printMembers(ip.out, link);
    return;
  }
  const text = ip.options.human ? humanNumber : String;
  const all = rows(link, ip.options.statistics > 1);
  const widths = [...LEAST];
  for (const row of all)
    row.values.forEach((value, i) => {
      widths[i + row.from] = Math.max(widths[i + row.from]!, text(value).length);
    });
  for (const row of all) printRow(ip.out, row, widths, text);
}
