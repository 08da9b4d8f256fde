import { formatIpv4, formatPrefix, inPrefix, parseIpv4 } from "../../../wire/address.ts";
import type { ApiStore } from "../../api/index.ts";
import { pools } from "../api/index.ts";
import { addressOrdinal, blockHost, blockPrefix, ordinalAddress } from "../ipam/block.ts";
import { Ipam } from "../ipam/ipam.ts";
import { boxTable } from "./box-table.ts";

/** Go's %.5g. */
function short(value: number): string {
  if (value < 100_000) return String(value);
  const power = Math.floor(Math.log10(value));
  const digits = (value / 10 ** power).toFixed(4).replace(/\.?0+$/, "");
  return `${digits}e+${String(power).padStart(2, "0")}`;
}

function row(kind: string, cidr: string, used: number, total: number): readonly string[] {
  const percent = (part: number): string => `${short(part)} (${Math.round((100 * part) / total)}%)`;
  return [kind, cidr, short(total), percent(used), percent(total - used)];
}

/** `ipam show [--show-blocks]`. Models: showBlockUtilization. */
export function showUtilization(store: ApiStore, withBlocks: boolean): string {
  const ipam = new Ipam(store, "calicoctl");
  const blocks = ipam
    .blocks()
    .toSorted((a, b) => blockPrefix(a.spec.cidr).address - blockPrefix(b.spec.cidr).address);
  const rows = pools(ipam.client).flatMap((pool) => {
    const own = blocks.filter(({ spec }) => {
      const { address } = blockPrefix(spec.cidr);
      return inPrefix(address, pool.prefix.address, pool.prefix.length);
    });
    const each = own.map(({ spec }) => {
      const total = spec.allocations.length;
      return { cidr: spec.cidr, used: total - spec.unallocated.length, total };
    });
    const used = each.reduce((sum, block) => sum + block.used, 0);
    const blockRows = each.map((block) => row("Block", block.cidr, block.used, block.total));
    return [
      row("IP Pool", formatPrefix(pool.prefix), used, 2 ** (32 - pool.prefix.length)),
      ...(withBlocks ? blockRows : []),
    ];
  });
  return boxTable(["GROUPING", "CIDR", "IPS TOTAL", "IPS IN USE", "IPS FREE"], rows);
}

/** `ipam show --ip=`. Models: showIP. */
export function showIp(store: ApiStore, text: string): string {
  const address = parseIpv4(text);
  if (address === undefined)
    return `Error executing command: invalid IP address specified. Argument '${text}' is not a valid IP\n`;
  for (const { spec } of new Ipam(store, "calicoctl").blocks()) {
    const ordinal = addressOrdinal(spec, address);
    const index = ordinal === undefined ? null : spec.allocations[ordinal];
    if (index === null || index === undefined) continue;
    const pairs = Object.entries(spec.attributes[index]?.secondary ?? {});
    const lines =
      pairs.length === 0
        ? ["No attributes defined"]
        : ["Attributes:", ...pairs.map(([key, value]) => `  ${key}: ${value}`)];
    return `IP ${text} is in use\n${lines.join("\n")}\n`;
  }
  return `${text} is not assigned\n`;
}

/** `ipam show --show-borrowed`. */
export function showBorrowed(store: ApiStore): string {
  const rows = new Ipam(store, "calicoctl").blocks().flatMap(({ spec }) =>
    spec.allocations.flatMap((index, ordinal) => {
      const held = index === null ? undefined : spec.attributes[index]?.secondary;
      const owner = blockHost(spec) ?? "";
      const node = held?.["node"];
      if (held === undefined || held === null || node === undefined || node === owner) return [];
      const { pod, namespace = "", type = "" } = held;
      const kind = pod === undefined ? type : "pod";
      return [
        [
          formatIpv4(ordinalAddress(spec, ordinal)),
          node,
          spec.cidr,
          owner,
          kind,
          pod === undefined ? "" : `${namespace}/${pod}`,
        ],
      ];
    }),
  );
  return boxTable(["IP", "BORROWING-NODE", "BLOCK", "BLOCK OWNER", "TYPE", "ALLOCATED-TO"], rows);
}

/** `ipam show --show-configuration`. */
export function showConfiguration(store: ApiStore): string {
  const spec = new Ipam(store, "calicoctl").client.get("IPAMConfig", "default")?.spec;
  const { strictAffinity = false, autoAllocateBlocks = true, maxBlocksPerHost = 0 } = spec ?? {};
  return boxTable(
    ["PROPERTY", "VALUE"],
    [
      ["StrictAffinity", String(strictAffinity)],
      ["AutoAllocateBlocks", String(autoAllocateBlocks)],
      ["MaxBlocksPerHost", String(maxBlocksPerHost)],
    ],
  );
}
