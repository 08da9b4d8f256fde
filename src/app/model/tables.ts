import type { TextKey } from "../i18n/en.ts";
import type { ConntrackRow, ConntrackTuple } from "../../trace/rows.ts";
import { parsePrefix } from "../../wire/address.ts";
import type { Cast } from "./cast.ts";
import { endText } from "./packet-ends.ts";
import type { Entry, WorldState } from "./world.ts";

export interface TableRow {
  readonly key: string;
  readonly cells: readonly string[];
  /** The entry that decided. */
  readonly used: boolean;
  /** Written since the hop before. */
  readonly changed: boolean;
  readonly actor: string;
  readonly detail: string;
}

/** A table of the kernel, ready to be shown. Cells are as the tools print them; headings are words. */
export interface TableView {
  readonly title: TextKey;
  /** The entry that it is the table of, when it is one itself: a virtual service. */
  readonly entry?: string;
  /** Which table it is: a device's, a namespace's. */
  readonly of: string;
  readonly columns: readonly TextKey[];
  readonly rows: readonly TableRow[];
}

/** What to look at, which entry was just used, and since which record changes count as new. */
export interface Question {
  readonly world: WorldState;
  readonly cast: Cast;
  readonly netns: number;
  readonly since: number;
  readonly used?: string | undefined;
}

/** A program by its name, not its path; its command line only when that says more. */
export function author({ actor, detail }: Pick<Entry<unknown>, "actor" | "detail">): {
  readonly actor: string;
  readonly detail: string;
} {
  const name = actor.split("/").at(-1) ?? actor;
  return {
    actor: name,
    detail: detail.split("/").at(-1) === name || detail.startsWith(`${actor} `) ? "" : detail,
  };
}

export function tableRow<T>(q: Question, entry: Entry<T>, cells: readonly string[]): TableRow {
  const { key, changedAt } = entry;
  const { actor, detail } = author(entry);
  return { key, cells, used: key === q.used, changed: changedAt >= q.since, actor, detail };
}

const [MAIN, LOCAL] = [254, 255];

export function routeTable(q: Question, local = false, number = local ? LOCAL : MAIN): TableView {
  const rows = q.world
    .rows("route", q.netns)
    .filter(({ row: r }) => r.table === number && (!local || r.type === "local"))
    .sort((a, b) => byPrefix(a.row.dst, b.row.dst))
    .map((entry) => {
      const { dst, gateway, dev, onlink, hops } = entry.row;
      const way = gateway === undefined ? "" : `${gateway}${onlink === true ? " onlink" : ""}`;
      const ways = hops?.map((hop) => `${hop.gateway ?? ""} ×${hop.weight}`.trim()).join("\n") ?? way;
      return tableRow(q, entry, [
        dst,
        ways,
        dev === undefined ? entry.row.type : q.cast.deviceName(q.netns, dev),
      ]);
    });
  const title = local ? "table.local" : "table.route";
  const of = number === MAIN || local ? q.cast.name(q.netns) : `${q.cast.name(q.netns)}, table ${number}`;
  return { title, of, columns: ["column.to", "column.via", "column.dev"], rows };
}

/** The tables that somebody has made for rules of routing to look into. */
export function otherRouteTables(q: Question): readonly TableView[] {
  const numbers = new Set(q.world.rows("route", q.netns).map(({ row }) => row.table));
  return [...numbers]
    .filter((number) => number !== MAIN && number !== LOCAL)
    .sort((a, b) => a - b)
    .map((number) => routeTable(q, false, number));
}

/** Longest prefix first: the order in which they win. */
function byPrefix(a: string, b: string): number {
  const isSix = (dst: string): number => Number(dst.includes(":"));
  const length = (dst: string): number => (dst === "default" ? 0 : Number(dst.split("/")[1] ?? 128));
  const address = (dst: string): number => parsePrefix(dst)?.address ?? 0;
  return isSix(a) - isSix(b) || length(b) - length(a) || address(a) - address(b) || (a < b ? -1 : 1);
}

export function neighTable(q: Question, dev: number): TableView {
  const rows = q.world
    .rows("neigh", q.netns)
    .filter(({ row: r }) => r.dev === dev)
    .map((entry) => tableRow(q, entry, [entry.row.dst, entry.row.lladdr ?? "—", entry.row.state]));
  return {
    title: "table.neigh",
    of: q.cast.deviceName(q.netns, dev),
    columns: ["column.address", "column.mac", "column.state"],
    rows,
  };
}

export function fdbTable(q: Question, dev: number): TableView {
  const isTunnel = q.cast.role(q.netns, dev) === "tunnel";
  const rows = q.world
    .rows("fdb", q.netns)
    .filter(({ row: r }) => r.table === dev)
    .map((entry) => {
      const { mac, dst, dev: port, state, local } = entry.row;
      const where = isTunnel ? (dst ?? "—") : q.cast.deviceName(q.netns, port);
      return tableRow(q, entry, [mac, where, local ? "local" : state]);
    });
  return {
    title: "table.fdb",
    of: q.cast.deviceName(q.netns, dev),
    columns: ["column.mac", isTunnel ? "column.vtep" : "column.port", "column.state"],
    rows,
  };
}

export function addressTable(q: Question, dev: number): TableView {
  const rows = q.world
    .rows("address", q.netns)
    .filter(({ row: r }) => r.dev === dev)
    .map((entry) => tableRow(q, entry, [`${entry.row.local}/${entry.row.length}`]));
  return { title: "table.address", of: q.cast.deviceName(q.netns, dev), columns: ["column.address"], rows };
}

/** Switches of the kernel that decide whether and how packets go on. */
const TELLING = [
  "net.ipv4.ip_forward",
  "net.ipv4.conf.all.forwarding",
  "net.ipv4.conf.all.rp_filter",
  "net.bridge.bridge-nf-call-iptables",
];

export function sysctlTable(q: Question, dev: number | undefined): TableView {
  const name = dev === undefined ? undefined : q.cast.deviceName(q.netns, dev);
  const rows = q.world
    .rows("sysctl", q.netns)
    .filter(({ key }) => TELLING.includes(key) || (name !== undefined && key.includes(`.${name}.`)))
    .map((entry) => tableRow(q, entry, [entry.key, entry.row]));
  return { title: "table.sysctl", of: q.cast.name(q.netns), columns: ["column.name", "column.value"], rows };
}

const PROTOCOLS: Readonly<Record<number, string>> = { 1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6" };

export function protocolText(number: number): string {
  return PROTOCOLS[number] ?? String(number);
}

/** A member of an ipset as `ipset` prints it: the journal has numbers for protocols. */
export function ipsetMember(member: string): string {
  return member.replace(/\b(\d+):(?=\d)/g, (_, number: string) => `${protocolText(Number(number))}:`);
}

/** `10.244.1.4:50093 → 10.96.0.10:53`, or with the id of an echo. */
export function tupleText({ src, dst, sport, dport, icmp }: ConntrackTuple): string {
  return icmp === undefined
    ? `${endText(src, sport)} → ${endText(dst, dport)}`
    : `${src} → ${dst} id ${icmp.id}`;
}

/** How far a flow has come, in conntrack(8)'s words. */
export function flowState({ state, seenReply, assured }: ConntrackRow): string {
  const words = [state, seenReply ? undefined : "[UNREPLIED]", assured ? "[ASSURED]" : undefined];
  return words.filter((word) => word !== undefined).join(" ");
}

/** Flows: the one in question first, then the newest. */
export function conntrackTable(q: Question, most = 12): TableView {
  const all = q.world.rows("conntrack", q.netns);
  const rows = all
    .toReversed()
    .toSorted((a, b) => Number(b.key === q.used) - Number(a.key === q.used))
    .slice(0, most)
    .map((entry) => {
      const { protocol, original, reply } = entry.row;
      const both = `${tupleText(original)}\n${tupleText(reply)}`;
      return tableRow(q, entry, [protocolText(protocol), both, flowState(entry.row)]);
    });
  const count = all.length > most ? ` (${most}/${all.length})` : "";
  return {
    title: "table.conntrack",
    of: q.cast.name(q.netns) + count,
    columns: ["column.protocol", "column.flow", "column.state"],
    rows,
  };
}

export function socketTable(q: Question): TableView {
  const rows = q.world.rows("socket", q.netns).map((entry) => {
    const { kind, local, remote, state, owner } = entry.row;
    const far = remote === undefined ? "" : `\n→ ${remote}`;
    return tableRow(q, entry, [kind, `${local}${far}`, state ?? "", owner.split(" ")[0] ?? ""]);
  });
  const columns = ["column.protocol", "column.address", "column.state", "column.program"] as const;
  return { title: "table.socket", of: q.cast.name(q.netns), columns, rows };
}

/** At most `most` rows: those around the one that decided. */
export function excerpt(table: TableView, most: number): TableView {
  const { rows } = table;
  if (rows.length <= most) return table;
  const used = Math.max(
    0,
    rows.findIndex((r) => r.used),
  );
  const from = Math.max(0, Math.min(rows.length - most, used - Math.floor(most / 2)));
  return { ...table, rows: rows.slice(from, from + most) };
}
