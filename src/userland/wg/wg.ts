import { encodeBase64 } from "../../base/base64.ts";
import { clamped, publicKey } from "../../base/x25519.ts";
import { utf8Decode } from "../../base/utf8.ts";
import type { Task } from "../../sim/task.ts";
import type { LinkInfo, WireguardChange, WireguardPeerChange } from "../../kernel/uapi/index.ts";
import { fail, program } from "../args/exit.ts";
import { openFile } from "../os/files.ts";
import { readAll } from "../os/io.ts";
import { strerror } from "../os/errno.ts";
import type { Process, Program } from "../os/process.ts";
import { configurationText, factText, prettyText } from "./show.ts";
import {
  allowedIpsOf,
  endpointOf,
  keepaliveOf,
  keyOf,
  markOf,
  parseConfiguration,
  parseKey,
  portOf,
} from "./words.ts";

/** wg(8) of wireguard-tools 1.0.20210914. Keys are true X25519 keys; the tunnel encrypts nothing (see the kernel's device). */

const USAGE = `Usage: wg <cmd> [<args>]

Available subcommands:
  show: Shows the current configuration and device information
  showconf: Shows the current configuration of a given WireGuard interface, for use with \`setconf'
  set: Change the current configuration, add peers, remove peers, or change peers
  setconf: Applies a configuration file to a WireGuard interface
  addconf: Appends a configuration file to a WireGuard interface
  syncconf: Synchronizes a configuration file to a WireGuard interface
  genkey: Generates a new private key and writes it to stdout
  genpsk: Generates a new preshared key and writes it to stdout
  pubkey: Reads a private key from stdin and writes a public key to stdout
You may pass \`--help' to any of these subcommands to view usage.
`;

const SHOW_USAGE =
  "Usage: wg show { <interface> | all | interfaces } [public-key | private-key | listen-port | fwmark | peers | preshared-keys | endpoints | allowed-ips | latest-handshakes | transfer | persistent-keepalive | dump]\n";
const SET_USAGE =
  "Usage: wg set <interface> [listen-port <port>] [fwmark <mark>] [private-key <file path>] [peer <base64 public key> [remove] [preshared-key <file path>] [endpoint <ip>:<port>] [persistent-keepalive <interval seconds>] [allowed-ips <ip1>/<cidr1>[,<ip2>/<cidr2>]...] ]...\n";

/** Seconds of the epoch at which the world's clock begins: 2026-01-01. */
const EPOCH_SECONDS = 1_767_225_600;

function* readFile(process: Process, name: string): Task<string> {
  if (name === "/dev/stdin" || name === "-") return utf8Decode(yield* readAll(process.stdin));
  const opened = openFile(process, name, "read");
  if (!opened.ok) return fail(1, `fopen: No such file or directory\n`);
  const bytes = yield* readAll(opened.value);
  opened.value.close();
  return utf8Decode(bytes);
}

function* readKey(process: Process, name: string): Task<Uint8Array | null> {
  const text = (yield* readFile(process, name)).trim();
  if (text === "") return null;
  return parseKey(text) ?? fail(1, `Key is not the correct length or format: \`${text}'\n`);
}

function deviceOf(process: Process, name: string, doing: string): LinkInfo {
  const link = process.net.link.byName(name);
  if (link === undefined) fail(1, `Unable to ${doing} interface: No such device\n`);
  return link.kind === "wireguard"
    ? link
    : fail(1, `Unable to ${doing} interface: Operation not supported\n`);
}

function infoOf(process: Process, link: LinkInfo): Parameters<typeof prettyText>[0] {
  const info = process.net.wireguard.get(link.index);
  return info.ok ? info.value : fail(1, `Unable to access interface: ${strerror(info.error.errno)}\n`);
}

function show(process: Process, words: readonly string[]): string {
  const [name = "all", what] = words;
  const all = process.net.link.list().filter((link) => link.kind === "wireguard");
  if (name === "interfaces" && words.length === 1)
    return all.length === 0 ? "" : all.map((link) => link.name).join(" ") + "\n";
  if (words.length > 2 || name === "--help" || name === "-h" || name === "help") fail(1, SHOW_USAGE);
  const links = name === "all" ? all : [deviceOf(process, name, "access")];
  const { now } = process.host.queue;
  if (what === undefined) return links.map((link) => prettyText(infoOf(process, link), now)).join("\n");
  return links
    .map((link) => factText(infoOf(process, link), what, name === "all", EPOCH_SECONDS))
    .map((text) => text ?? fail(1, `Invalid parameter: \`${what}'\n${SHOW_USAGE}`))
    .join("");
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function* set(process: Process, words: readonly string[]): Task<void> {
  const [name, ...rest] = words;
  if (name === undefined || rest.length === 0) return fail(1, SET_USAGE);
  const link = deviceOf(process, name, "modify");
  const change: Mutable<WireguardChange> = {};
  const peers: Mutable<WireguardPeerChange>[] = [];
  const values = rest.values();
  const value = (): string => values.next().value ?? fail(1, `Invalid argument: \`${rest.at(-1) ?? ""}'\n`);
  for (let next = values.next(); next.done !== true; next = values.next()) {
    const word = next.value;
    const peer = peers.at(-1);
    if (word === "peer") peers.push({ publicKey: keyOf(value()) });
    else if (peer === undefined && word === "listen-port") change.listenPort = portOf(value());
    else if (peer === undefined && word === "fwmark") change.firewallMark = markOf(value());
    else if (peer === undefined && word === "private-key")
      change.privateKey = yield* readKey(process, value());
    else if (peer !== undefined && word === "remove") peer.remove = true;
    else if (peer !== undefined && word === "preshared-key")
      peer.presharedKey = yield* readKey(process, value());
    else if (peer !== undefined && word === "endpoint") peer.endpoint = endpointOf(value());
    else if (peer !== undefined && word === "persistent-keepalive")
      peer.persistentKeepalive = keepaliveOf(value());
    else if (peer !== undefined && word === "allowed-ips") peer.allowedIps = allowedIpsOf(value());
    else fail(1, `Invalid argument: \`${word}'\n`);
  }
  apply(process, link, { ...change, peers });
}

function apply(process: Process, link: LinkInfo, change: WireguardChange): void {
  const result = process.net.wireguard.set(link.index, change);
  if (!result.ok) fail(1, `Unable to modify interface: ${strerror(result.error.errno)}\n`);
}

function* configure(process: Process, words: readonly string[], replace: boolean, verb: string): Task<void> {
  const [name, file] = words;
  if (name === undefined || file === undefined || words.length !== 2)
    return fail(1, `Usage: wg ${verb} <interface> <configuration filename>\n`);
  const text = yield* readFile(process, file);
  apply(process, deviceOf(process, name, "modify"), parseConfiguration(text, replace));
}

function freshKey(process: Process): Uint8Array {
  return Uint8Array.from({ length: 32 }, () => process.host.random.below(256));
}

function* main(process: Process): Task<number> {
  const [verb = "show", ...words] = process.argv.slice(1);
  switch (verb) {
    case "show":
      yield* process.print(show(process, words));
      return 0;
    case "showconf":
      if (words.length !== 1) fail(1, "Usage: wg showconf <interface>\n");
      yield* process.print(configurationText(infoOf(process, deviceOf(process, words[0]!, "access"))));
      return 0;
    case "set":
      yield* set(process, words);
      return 0;
    case "setconf":
    case "addconf":
    case "syncconf":
      yield* configure(process, words, verb !== "addconf", verb);
      return 0;
    case "genkey":
      yield* process.print(`${encodeBase64(clamped(freshKey(process)))}\n`);
      return 0;
    case "genpsk":
      yield* process.print(`${encodeBase64(freshKey(process))}\n`);
      return 0;
    case "pubkey": {
      const key = parseKey(utf8Decode(yield* readAll(process.stdin)).trim());
      if (key === undefined) fail(1, "wg: Key is not the correct length or format\n");
      yield* process.print(`${encodeBase64(publicKey(key))}\n`);
      return 0;
    }
    case "help":
    case "--help":
    case "-h":
      yield* process.print(USAGE);
      return 0;
    case "--version":
    case "-v":
    case "version":
      yield* process.print("wireguard-tools v1.0.20210914 - https://git.zx2c4.com/wireguard-tools/\n");
      return 0;
    default:
      return fail(1, `Invalid subcommand: \`${verb}'\n${USAGE}`);
  }
}

export const wg: Program = program(main);
