import { absent } from "../args/exit.ts";
import type { Program } from "../os/process.ts";
import { ip6tables, iptables } from "./iptables.ts";
import { ip6tablesRestore, iptablesRestore } from "./restore.ts";
import { ip6tablesSave, iptablesSave } from "./save.ts";

const ABSENT: readonly string[] = [
  "arptables",
  "arptables-restore",
  "arptables-save",
  "ebtables",
  "ebtables-restore",
  "ebtables-save",
  "ip6tables-apply",
  "ip6tables-legacy",
  "ip6tables-legacy-restore",
  "ip6tables-legacy-save",
  "ip6tables-restore-translate",
  "ip6tables-translate",
  "iptables-apply",
  "iptables-legacy",
  "iptables-legacy-restore",
  "iptables-legacy-save",
  "iptables-restore-translate",
  "iptables-translate",
  "xtables-monitor",
];

/** The commands of Debian's iptables package by their names; `-nft` is what the plain names are links to. */
export const IPTABLES_PROGRAMS: readonly (readonly [string, Program])[] = [
  ["iptables", iptables],
  ["iptables-nft", iptables],
  ["iptables-save", iptablesSave],
  ["iptables-nft-save", iptablesSave],
  ["iptables-restore", iptablesRestore],
  ["iptables-nft-restore", iptablesRestore],
  ["ip6tables", ip6tables],
  ["ip6tables-nft", ip6tables],
  ["ip6tables-save", ip6tablesSave],
  ["ip6tables-nft-save", ip6tablesSave],
  ["ip6tables-restore", ip6tablesRestore],
  ["ip6tables-nft-restore", ip6tablesRestore],
  ...ABSENT.map((name) => [name, absent(name)] as const),
];
