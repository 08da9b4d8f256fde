import type { AddressRow } from "../../../trace/rows.ts";
import { parsePrefix } from "../../../wire/address.ts";
import { routeEntries } from "./routing.ts";
import type { Break, EntryBreak, Site } from "./entry.ts";

const KERNEL_ROUTE = "proto kernel";
const HOST_SCOPE = 254;

/** What a device takes with it when it goes down, and does not bring back. */
export function takenAlong(site: Site, dev: number): readonly string[] {
  return [...lostAddresses(site, dev), ...leaningOn(site, dev)];
}

/** What goes with a device's last address: routes that somebody made, neighbours that somebody typed. */
function leaningOn(site: Site, dev: number): readonly string[] {
  const routes = routeEntries(site, dev).flatMap(({ undo = "" }) =>
    undo.includes(KERNEL_ROUTE) ? [] : [undo.replace(" route add", " route replace")],
  );
  const neighbours = neighbourEntries(site, dev).flatMap(({ undo = "" }) =>
    undo.includes("nud permanent") ? [undo] : [],
  );
  return [...routes, ...neighbours];
}

/** A device that goes down keeps its IPv4 addresses, and loses those of IPv6. */
function lostAddresses({ world, cast, place }: Site, dev: number): readonly string[] {
  return world.rows("address", place.netns).flatMap(({ row }) => {
    if (row.dev !== dev || !row.local.includes(":") || isGiven(row)) return [];
    return [`ip addr replace ${row.local}/${row.length} dev ${cast.deviceName(place.netns, dev)}`];
  });
}

/** Addresses that the kernel gives to a device by itself. */
function isGiven({ scope, local }: AddressRow): boolean {
  return scope === HOST_SCOPE || local.startsWith("fe80:");
}

/** What of a device can have another value: its MTU, its address on the link, whether it is up. */
export function linkEntries({ world, cast, place }: Site): readonly EntryBreak[] {
  return world.rows("link", place.netns).flatMap(({ key, row }): EntryBreak[] => {
    if (cast.device(place.netns, row.index) === undefined) return [];
    const { name, mtu, mac, up } = row;
    const of = (what: string, now: string): EntryBreak => {
      const set = `ip link set ${name} ${what}${now}`;
      return {
        label: "break.edit",
        values: { command: set },
        at: place.label,
        command: set,
        undo: set,
        set,
        entry: `link/${key}/${what.trim()}`,
        row: `link/${key}`,
        says: now,
        ...(what !== "" && { edit: { head: `ip link set ${name} ${what}`, text: now } }),
      };
    };
    return [of("mtu ", String(mtu)), of("address ", mac), of("", up ? "up" : "down")];
  });
}

/** Addresses, as `ip addr` adds and deletes them; with an address go the routes that stand on it. */
export function addressEntries(site: Site, dev?: number): readonly EntryBreak[] {
  const { world, cast, place } = site;
  const all = world.rows("address", place.netns);
  return all.flatMap(({ key, row }): EntryBreak[] => {
    if (dev !== undefined && row.dev !== dev) return [];
    if (isGiven(row)) return [];
    const on = `dev ${cast.deviceName(place.netns, row.dev)}`;
    const words = (one: typeof row): string => {
      const broadcast = one.broadcast === undefined ? "" : ` brd ${one.broadcast}`;
      return `${one.local}/${one.length}${broadcast}${one.scope === 253 ? " scope link" : ""} ${on}`;
    };
    const others = all.filter(
      (other) =>
        other.row.dev === row.dev && other.row.secondary && !row.secondary && isOneNet(other.row, row),
    );
    const again = [row, ...others.map((other) => other.row)].map((one) => `ip addr add ${words(one)}`);
    const command = `ip addr del ${row.local}/${row.length} ${on}`;
    return [
      {
        label: "break.address",
        values: { text: `${row.local}/${row.length}`, name: cast.deviceName(place.netns, row.dev) },
        at: place.label,
        command,
        undo: [...again, ...leaningOn(site, row.dev)].join(" && "),
        set: `ip addr replace ${words(row)}`,
        entry: `address/${key}`,
        row: `address/${key}`,
        says: words(row),
        edit: { head: `${command} && ip addr add `, text: words(row) },
      },
    ];
  });
}

interface Written {
  readonly local: string;
  readonly length: number;
}

function isOneNet(a: Written, b: Written): boolean {
  const [one, other] = [parsePrefix(`${a.local}/${a.length}`), parsePrefix(`${b.local}/${b.length}`)];
  if (one === undefined || other === undefined || a.length !== b.length) return false;
  const size = 2 ** (32 - a.length);
  return Math.floor(one.address / size) === Math.floor(other.address / size);
}

export function neighbourEntries({ world, cast, place }: Site, dev?: number): readonly EntryBreak[] {
  return world.rows("neigh", place.netns).flatMap(({ key, row }): EntryBreak[] => {
    if ((dev !== undefined && row.dev !== dev) || row.state === "NOARP") return [];
    if (row.lladdr === undefined && !row.proxy) return [];
    const name = cast.deviceName(place.netns, row.dev);
    const which = `${row.proxy ? "proxy " : ""}${row.dst} dev ${name}`;
    const nud = row.state === "PERMANENT" ? " nud permanent" : " nud reachable";
    const text = row.proxy ? which : `${row.dst} lladdr ${row.lladdr ?? ""} dev ${name}`;
    const line = row.proxy ? text : `${text}${nud}`;
    return [
      {
        label: "break.neigh",
        values: { text },
        at: place.label,
        command: `ip neigh del ${which}`,
        undo: `ip neigh replace ${line}`,
        set: `ip neigh replace ${line}`,
        entry: `neigh/${key}`,
        row: `neigh/${key}`,
        says: line,
        edit: { head: "ip neigh replace ", text: line },
      },
    ];
  });
}

export function fdbEntries({ world, cast, place }: Site, dev?: number): readonly EntryBreak[] {
  return world.rows("fdb", place.netns).flatMap(({ key, row }): EntryBreak[] => {
    if ((dev !== undefined && row.table !== dev) || row.local) return [];
    const isTunnel = row.dst !== undefined;
    const port = isTunnel
      ? `dev ${cast.deviceName(place.netns, row.table)} dst ${row.dst}`
      : `dev ${cast.deviceName(place.netns, row.dev)} master`;
    const text = `${row.mac} ${port}`;
    const how = isTunnel ? "" : row.state === "static" ? " static" : " dynamic";
    const command = `bridge fdb del ${text}`;
    // A group, and what is for everybody else, has many ends: none of them is replaced.
    const isMany = /^(00:00:00:00:00:00|.[13579bdf]:)/i.test(row.mac);
    const head = isTunnel && isMany ? `${command} && bridge fdb append ` : "bridge fdb replace ";
    return [
      {
        label: "break.fdb",
        values: { text },
        at: place.label,
        command,
        undo: `bridge fdb append ${text}${how}`,
        entry: `fdb/${key}`,
        row: `fdb/${key}`,
        says: `${text}${how}`,
        edit: { head, text: `${text}${how}` },
      },
    ];
  });
}

/** Settings that somebody has written; a switch is turned round. */
export function settingEntries({ world, place }: Site): readonly EntryBreak[] {
  return world
    .rows("sysctl", place.netns)
    .map(({ key, row }) => settingEntry(place.label, key, row, "break.sysctl"));
}

export function settingEntry(at: string, name: string, value: string, label: Break["label"]): EntryBreak {
  const other = value === "0" ? "1" : "0";
  const set = (to: string): string => `sysctl -w ${name}=${/\s/.test(to) ? `"${to}"` : to}`;
  return {
    label,
    values: { name, before: value, after: other },
    at,
    command: set(other),
    undo: set(value),
    set: set(value),
    entry: `sysctl/${name}`,
    row: `sysctl/${name}`,
    says: value,
    edit: /\s/.test(value)
      ? { head: `sysctl -w ${name}="`, text: value.replaceAll("\t", " "), end: '"' }
      : { head: `sysctl -w ${name}=`, text: value },
  };
}
