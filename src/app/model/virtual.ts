import { formatIpv4, type Ipv4 } from "../../wire/address.ts";
import type { VirtualRow } from "./rows.ts";
import type { Question, TableView } from "./tables.ts";
import type { Entry, WorldState } from "./world.ts";

/** A virtual service of IPVS with its real servers, as `ipvsadm -Ln` prints them. */
export interface VirtualServer {
  /** `TCP 10.96.0.10:53`, or `FWM 3`. */
  readonly name: string;
  /** `-t 10.96.0.10:53`: how ipvsadm is told of it. */
  readonly option: string;
  readonly scheduler: string;
  readonly servers: readonly {
    readonly end: string;
    readonly weight: number;
    readonly flag: string;
    readonly upper?: number;
    readonly lower?: number;
  }[];
  readonly entry: Entry<VirtualRow>;
}

const NAMES: Readonly<Record<number, readonly [string, string]>> = {
  6: ["TCP", "-t"],
  17: ["UDP", "-u"],
  132: ["SCTP", "--sctp-service"],
};

/** `nat` is masquerading, the way that lets answers come back through this machine. */
const FORWARDS: Readonly<Record<string, string>> = { masq: "-m", route: "-g", tunnel: "-i", local: "-g" };

/** A line for the service and one for each of its servers. */
export function virtualLines(row: VirtualRow): readonly string[] {
  const { name, scheduler, servers } = describe(row);
  return [
    `${name} ${scheduler}`,
    ...servers.map(({ end, flag, weight }) => `${name} -> ${end} ${flag} -w ${weight}`),
  ];
}

function describe(row: VirtualRow): Omit<VirtualServer, "entry"> {
  const { key, scheduler, destinations } = row;
  const servers = destinations.map(({ address, port, weight, forward, upper, lower }) => ({
    end: `${formatIpv4(address as Ipv4)}:${port}`,
    weight,
    flag: FORWARDS[forward] ?? "-m",
    ...(upper !== undefined && { upper }),
    ...(lower !== undefined && { lower }),
  }));
  if ("fwmark" in key) return { name: `FWM ${key.fwmark}`, option: `-f ${key.fwmark}`, scheduler, servers };
  const [protocol, flag] = NAMES[key.protocol] ?? [String(key.protocol), "-t"];
  const end = `${formatIpv4(key.address as Ipv4)}:${key.port}`;
  return { name: `${protocol} ${end}`, option: `${flag} ${end}`, scheduler, servers };
}

export function virtualServers(world: WorldState, netns: number): readonly VirtualServer[] {
  return world.rows("ipvs", netns).map((entry) => ({ ...describe(entry.row), entry }));
}

/** The virtual service with an address and port, `10.96.0.10:53`. */
export function virtualServer(world: WorldState, netns: number, end: string): VirtualServer | undefined {
  return virtualServers(world, netns).find(({ name }) => name.endsWith(` ${end}`));
}

/** Every virtual service with its real servers, as tables. */
export function virtualTables(q: Question): readonly TableView[] {
  return virtualServers(q.world, q.netns).map((server) => serverTable(q, server));
}

/** The real servers of a virtual service; the one that was taken is lit. */
export function serverTable(q: Question, { name, scheduler, servers, entry }: VirtualServer): TableView {
  return {
    title: "table.ipvs",
    entry: `ipvs/${entry.key}`,
    of: `${name} ${scheduler}`,
    columns: ["column.server", "column.weight"],
    rows: servers.map(({ end, weight }) => ({
      key: `${entry.key}/${end}`,
      cells: [end, String(weight)],
      used: end === q.used,
      changed: entry.changedAt >= q.since,
      actor: entry.actor,
      detail: "",
    })),
  };
}
