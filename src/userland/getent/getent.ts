import { utf8Decode } from "../../base/utf8.ts";
import { protocolName, IP_PROTOCOLS } from "../../formats/tcpdump/filter/names.ts";
import type { Task } from "../../sim/task.ts";
import { formatIpv4, parseIpv4 } from "../../wire/address.ts";
import { formatIpv6, parseIpv6 } from "../../wire/address6.ts";
import { parseDnsName } from "../../wire/dns-name.ts";
import { DNS_AAAA, DNS_PTR } from "../../wire/dns-record.ts";
import { fail, program, refuse } from "../args/exit.ts";
import { getopt } from "../args/getopt.ts";
import { reverseName, shortName } from "../dns-client/names.ts";
import { readFile } from "../os/files.ts";
import type { Process } from "../os/process.ts";
import { resolverConfig } from "../resolver/files.ts";
import { query, resolveHost, searchList } from "../resolver/resolver.ts";

/** getent(1) of glibc 2.36: hosts and ahosts. */

const TRY = "Try `getent --help' or `getent --usage' for more information.\n";
const NOT_FOUND = 2;

const VERSION = `getent (Debian GLIBC 2.36-9+deb12u14) 2.36
Copyright (C) 2022 Free Software Foundation, Inc.
This is free software; see the source for copying conditions.  There is NO
warranty; not even for MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.
Written by Thorsten Kukuk.
`;

const DATABASES: ReadonlySet<string> = new Set(
  (
    "ahosts ahostsv4 ahostsv6 aliases ethers group gshadow hosts initgroups netgroup networks passwd protocols rpc " +
    "services shadow"
  ).split(" "),
);

/** A line of hosts(5). */
interface Entry {
  readonly address: string;
  readonly names: readonly string[];
}

function hostsFile(process: Process): readonly Entry[] {
  const bytes = readFile(process, "/etc/hosts");
  if (!bytes.ok) return [];
  return utf8Decode(bytes.value)
    .split("\n")
    .map((line) => line.replace(/#.*$/, "").trim().split(/\s+/))
    .filter((words) => words.length > 1)
    .map(([address = "", ...names]) => ({ address, names }));
}

function entryLine({ address, names }: Entry): string {
  return `${address.padEnd(15)} ${names.join(" ")}\n`;
}

function* reverse(process: Process, address: string): Task<readonly Entry[]> {
  const local = hostsFile(process).find((entry) => entry.address === address);
  if (local !== undefined) return [local];
  const name = reverseName(address);
  const config = resolverConfig(process.host);
  const answer = name === undefined ? undefined : yield* query(process, config, name, DNS_PTR);
  for (const { data } of answer?.answers ?? [])
    if (data.kind === "PTR") return [{ address, names: [shortName(data.name)] }];
  return [];
}

/** gethostbyname2(3) of IPv6: what the name servers say. */
function* addresses6(process: Process, name: string): Task<readonly Entry[]> {
  const config = resolverConfig(process.host);
  if (config.servers.length === 0) return [];
  for (const candidate of searchList(name, config)) {
    const full = parseDnsName(candidate);
    const answer = full === undefined ? undefined : yield* query(process, config, full, DNS_AAAA);
    const found = (answer?.answers ?? []).flatMap(({ name: owner, data }) =>
      data.kind === "AAAA" ? [{ address: formatIpv6(data.address), names: [shortName(owner)] }] : [],
    );
    if (found.length > 0) return found;
  }
  return [];
}

/** IPv6 first, then IPv4; the file before the servers. */
function* hosts(process: Process, key: string): Task<readonly Entry[]> {
  if (parseIpv4(key) !== undefined || (key.includes(":") && parseIpv6(key) !== undefined))
    return yield* reverse(process, key);
  const local = hostsFile(process).filter(({ names }) =>
    names.some((name) => name.toLowerCase() === key.toLowerCase()),
  );
  const local6 = local.filter(({ address }) => address.includes(":"));
  if (local6.length > 0) return local6;
  if (local.length > 0) return local;
  const found = yield* addresses6(process, key);
  if (found.length > 0) return found;
  const resolved = yield* resolveHost(process, key);
  if (!resolved.ok) return [];
  return resolved.value.addresses.map((address) => ({
    address: formatIpv4(address),
    names: [resolved.value.name],
  }));
}

/** getaddrinfo(3) with AI_ADDRCONFIG: without a global IPv6 address, IPv4 only. */
function* ahosts(process: Process, key: string): Task<string> {
  if (key.includes(":")) refuse("getent ahosts of IPv6");
  const resolved = yield* resolveHost(process, key);
  if (!resolved.ok) return "";
  let text = "";
  resolved.value.addresses.forEach((address, i) => {
    for (const kind of ["STREAM", "DGRAM", "RAW"]) {
      const name = i === 0 && kind === "STREAM" ? resolved.value.name : "";
      text += `${formatIpv4(address).padEnd(15)} ${kind.padEnd(6)} ${name}\n`;
    }
  });
  return text;
}

function* lookUp(process: Process, database: string, key: string): Task<string> {
  switch (database) {
    case "hosts":
      return (yield* hosts(process, key)).map(entryLine).join("");
    case "ahosts":
    case "ahostsv4":
      return yield* ahosts(process, key);
    case "protocols": {
      const number = /^\d+$/.test(key) ? Number(key) : IP_PROTOCOLS.get(key);
      const name = number === undefined ? undefined : protocolName(number);
      return name === undefined ? "" : `${name.padEnd(21)} ${number} ${name.toUpperCase()}\n`;
    }
    default:
      return refuse(`getent ${database}`);
  }
}

function* main(process: Process): Task<number> {
  const given = getopt(process.argv, "+i:s:?V", [
    { name: "version", argument: "none", short: "V" },
    { name: "help", argument: "none", short: "?" },
    { name: "service", argument: "required", short: "s" },
    { name: "no-idn", argument: "none", short: "i" },
  ]);
  if (given.complaint !== undefined) fail(64, given.complaint + TRY);
  for (const { letter } of given.options) {
    if (letter === "V") {
      yield* process.print(VERSION);
      return 0;
    }
    refuse(`getent -${letter}`);
  }
  const [database, ...keys] = given.operands;
  if (database === undefined) fail(1, `getent: wrong number of arguments\n${TRY}`);
  if (!DATABASES.has(database)) fail(1, `Unknown database: ${database}\n${TRY}`);
  if (keys.length === 0) {
    if (database !== "hosts" && database !== "ahosts") refuse(`getent ${database} without a key`);
    yield* process.print(hostsFile(process).map(entryLine).join(""));
    return 0;
  }
  let status = 0;
  for (const key of keys) {
    const text = yield* lookUp(process, database, key);
    if (text === "") status = NOT_FOUND;
    yield* process.print(text);
  }
  return status;
}

export const getent = program(main);
