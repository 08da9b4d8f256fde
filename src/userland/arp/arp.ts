import type { IfIndex, NeighInfo } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { formatIpv4, formatMac, inPrefix, type Ipv4, type Mac, parseMac } from "../../wire/address.ts";
import { fail, program, refuse } from "../args/exit.ts";
import { getopt, type LongOption } from "../args/getopt.ts";
import { strerror } from "../os/errno.ts";
import type { Process } from "../os/process.ts";
import { inetAton } from "../resolver/addresses.ts";
import { lookupHosts, reverseHosts } from "../resolver/files.ts";
import { USAGE, VERSION } from "./usage.ts";

/** arp(8) of net-tools 2.10. Models: arp.c, /proc/net/arp. */

const LONG: readonly LongOption[] = [
  { name: "verbose", argument: "none", short: "v" },
  { name: "version", argument: "none", short: "V" },
  { name: "all", argument: "none", short: "a" },
  { name: "delete", argument: "none", short: "d" },
  { name: "file", argument: "none", short: "f" },
  { name: "numeric", argument: "none", short: "n" },
  { name: "set", argument: "none", short: "s" },
  { name: "protocol", argument: "required", short: "A" },
  { name: "hw-type", argument: "required", short: "H" },
  { name: "device", argument: "required", short: "i" },
  { name: "help", argument: "none", short: "h" },
  { name: "use-device", argument: "none", short: "D" },
  { name: "symbolic", argument: "none", short: "N" },
];

interface Options {
  readonly bsd: boolean;
  readonly numeric: boolean;
  readonly verbose: boolean;
  readonly device: string | undefined;
  readonly useDevice: boolean;
}

/** States that /proc/net/arp calls complete (ATF_COM). */
const COMPLETE: readonly NeighInfo["state"][] = [
  "PERMANENT",
  "NOARP",
  "REACHABLE",
  "STALE",
  "DELAY",
  "PROBE",
];

interface Row {
  readonly address: string;
  readonly name: string;
  readonly mac: string;
  readonly device: string;
  readonly complete: boolean;
  readonly permanent: boolean;
  readonly published: boolean;
}

function rowOf(process: Process, neigh: NeighInfo, numeric: boolean): Row {
  const address = formatIpv4(neigh.dst);
  const name = numeric ? undefined : reverseHosts(process.host, neigh.dst);
  return {
    address,
    name: name ?? (numeric ? "?" : ""),
    mac: neigh.lladdr === undefined ? "00:00:00:00:00:00" : formatMac(neigh.lladdr),
    device: process.net.link.byIndex(neigh.dev)?.name ?? "*",
    complete: COMPLETE.includes(neigh.state) && !neigh.proxy,
    permanent: neigh.state === "PERMANENT" || neigh.proxy,
    published: neigh.proxy,
  };
}

/** Neighbours without a state, and NOARP ones, are not shown. */
function rows(process: Process, numeric: boolean): readonly Row[] {
  const list = process.net.neigh.list();
  const shown = list.filter((n) => !n.proxy && n.state !== "NONE" && n.state !== "NOARP");
  return [...shown, ...list.filter((n) => n.proxy)].map((n) => rowOf(process, n, numeric));
}

const TITLES = "Address                  HWtype  HWaddress           Flags Mask            Iface\n";

/** Models: arp_disp_2. */
function linuxLine(row: Row, numeric: boolean): string {
  const label = (numeric || row.name === "" || row.name === "?" ? row.address : row.name).slice(0, 23);
  let text = label.padEnd(25);
  const flags = (row.complete ? "C" : "") + (row.permanent ? "M" : "") + (row.published ? "P" : "");
  if (!row.complete && !row.published) text += `${"".padEnd(8)}${"(incomplete)".padEnd(20)}`;
  else {
    text += (row.published ? "*" : "ether").padEnd(8);
    text += (row.published ? "<from_interface>" : row.mac).padEnd(20);
  }
  return `${text}${flags.padEnd(6)}${"".padEnd(15)} ${row.device}\n`;
}

/** Models: arp_disp. */
function bsdLine(row: Row): string {
  let text = `${row.name === "" ? "?" : row.name} (${row.address}) at `;
  if (row.published) text += "<from_interface> ";
  else text += row.complete ? `${row.mac} [ether] ` : "<incomplete> ";
  if (row.permanent) text += "PERM ";
  if (row.published) text += "PUB ";
  return `${text}on ${row.device}\n`;
}

function* show(process: Process, options: Options, host: string | undefined): Task<number> {
  const wanted = host === undefined ? undefined : lookup(process, host);
  const all = rows(process, options.numeric);
  const found = all.filter(
    (row) =>
      (wanted === undefined || row.address === formatIpv4(wanted)) &&
      (options.device === undefined || row.device === options.device),
  );
  let text = found.length > 0 && !options.bsd ? TITLES : "";
  for (const row of found) text += options.bsd ? bsdLine(row) : linuxLine(row, options.numeric);
  if (options.verbose)
    text += `Entries: ${all.length}\tSkipped: ${all.length - found.length}\tFound: ${found.length}\n`;
  if (found.length === 0 && wanted !== undefined && host !== undefined && !options.bsd)
    text += `${host} (${formatIpv4(wanted)}) -- no entry\n`;
  else if (found.length === 0 && (wanted !== undefined || options.device !== undefined))
    text += `arp: in ${all.length} entries no match found.\n`;
  yield* process.print(text);
  return 0;
}

const FAILED = 255;

function lookup(process: Process, name: string): Ipv4 {
  const known = inetAton(name) ?? lookupHosts(process.host, name)?.addresses[0];
  return known ?? fail(FAILED, `${name}: Host name lookup failure\n`);
}

/** The device whose network holds the address, as the kernel finds it for SIOCSARP. */
function deviceFor(process: Process, address: Ipv4): IfIndex | undefined {
  return process.net.address
    .list()
    .find((a) => inPrefix(address, a.local, a.prefixLength) && a.prefixLength < 32)?.dev;
}

function readMac(process: Process, options: Options, word: string | undefined): Mac {
  if (word === undefined) fail(FAILED, "arp: need hardware address\n");
  if (!options.useDevice) return parseMac(word) ?? fail(FAILED, "arp: invalid hardware address\n");
  const link = process.net.link.byName(word);
  return link?.mac ?? fail(FAILED, `arp: cant get HW-Address for \`${word}': No such device.\n`);
}

function targetDevice(process: Process, options: Options, address: Ipv4, call: string): IfIndex {
  if (options.device === undefined)
    return deviceFor(process, address) ?? fail(FAILED, `${call}: ${strerror("ENETUNREACH")}\n`);
  const link = process.net.link.byName(options.device);
  return link?.index ?? fail(FAILED, `${call}: ${strerror("ENODEV")}\n`);
}

function set(process: Process, options: Options, words: readonly string[]): number {
  const [host, hardware, ...flags] = words;
  if (host === undefined) fail(FAILED, "arp: need host name\n");
  const address = lookup(process, host);
  const lladdr = readMac(process, options, hardware);
  const unknown = flags.find((flag) => !["temp", "pub", "priv", "trail", "dontpub"].includes(flag));
  if (unknown !== undefined) refuse(`arp -s with "${unknown}"`);
  const dev = targetDevice(process, options, address, "SIOCSARP");
  const result = flags.includes("pub")
    ? process.net.neigh.add({ dev, dst: address, proxy: true }, "replace")
    : process.net.neigh.add(
        { dev, dst: address, lladdr, state: flags.includes("temp") ? "STALE" : "PERMANENT" },
        "replace",
      );
  return result.ok ? 0 : fail(FAILED, `SIOCSARP: ${strerror(result.error.errno)}\n`);
}

function remove(process: Process, options: Options, words: readonly string[]): number {
  const [host, ...flags] = words;
  if (host === undefined) fail(FAILED, "arp: need host name\n");
  const address = lookup(process, host);
  const proxy = flags.includes("pub");
  const none = `No ARP entry for ${host}\n`;
  const list = process.net.neigh.list().filter((n) => n.dst === address && n.proxy === proxy);
  const dev = options.device === undefined ? list[0]?.dev : process.net.link.byName(options.device)?.index;
  if (dev === undefined || !list.some((n) => n.dev === dev)) return fail(FAILED, none);
  return process.net.neigh.delete(dev, address, proxy).ok ? 0 : fail(FAILED, none);
}

function* main(process: Process): Task<number> {
  const argv = ["arp", ...process.argv.slice(1)];
  const { options: given, operands, complaint } = getopt(argv, "A:H:adfp:nsei:t:vh?DNV", LONG);
  if (complaint !== undefined) fail(3, complaint + USAGE);
  const letters = new Set(given.map(({ letter }) => letter));
  if (letters.has("V")) {
    yield* process.print(VERSION);
    return 0;
  }
  if (letters.has("h") || letters.has("?")) fail(3, USAGE);
  if (letters.has("f")) refuse("arp -f");
  const options: Options = {
    bsd: letters.has("a") && !letters.has("e"),
    numeric: letters.has("n"),
    verbose: letters.has("v"),
    device: given.findLast(({ letter }) => letter === "i")?.value,
    useDevice: letters.has("D"),
  };
  if (letters.has("d")) return remove(process, options, operands);
  if (letters.has("s")) return set(process, options, operands);
  return yield* show(process, options, operands[0]);
}

export const arp = program(main);
