import { utf8Decode } from "../../base/utf8.ts";
import { parseUnsigned } from "../args/words.ts";
import { TABLES } from "../netlink/names.ts";
import type { Ip } from "./context.ts";

/** Names of routing tables as /etc/iproute2/rt_tables gives them. Models: lib/rt_names.c rtnl_rttable_a2n, _n2a. */

const FILE = "/etc/iproute2/rt_tables";

function* entries(ip: Ip): Generator<readonly [number, string]> {
  const bytes = ip.process.host.fs.read(FILE);
  if (!bytes.ok) return;
  for (const line of utf8Decode(bytes.value).split("\n")) {
    const m = /^\s*(0x[0-9a-fA-F]+|\d+)\s+([^#\s]\S*)/.exec(line);
    if (m !== null) yield [Number(m[1]), m[2]!];
  }
}

/** A name or a number. */
export function parseTable(ip: Ip, word: string): number | undefined {
  for (const [number, name] of entries(ip)) if (name === word) return number;
  return TABLES.parse(word, 0xffffffff) ?? parseUnsigned(word);
}

export function tableName(ip: Ip, table: number): string {
  if (ip.options.numeric) return String(table);
  for (const [number, name] of entries(ip)) if (number === table) return name;
  return TABLES.text(table);
}
