import { decodeBase64 } from "../../base/base64.ts";
import type { WireguardChange, WireguardPeerChange } from "../../kernel/uapi/index.ts";
import { type Ipv4Prefix, parseIpv4, parsePrefix } from "../../wire/address.ts";
import { fail, refuse } from "../args/exit.ts";
import { parseUnsigned } from "../args/words.ts";

/** Values and whole configurations as wg(8) reads them. Models: wireguard-tools, config.c. */

/** Bytes of a key, and of its text. */
const KEY = 32;

export function parseKey(text: string): Uint8Array | undefined {
  const bytes = decodeBase64(text.trim());
  return bytes.ok && bytes.value.length === KEY ? bytes.value : undefined;
}

export function keyOf(text: string): Uint8Array {
  return parseKey(text) ?? fail(1, `Key is not the correct length or format: \`${text}'\n`);
}

export function portOf(text: string): number {
  return parseUnsigned(text, 65535) ?? fail(1, `Unable to parse port: \`${text}'\n`);
}

export function markOf(text: string): number {
  return text === "off"
    ? 0
    : (parseUnsigned(text) ?? fail(1, `Fwmark is neither 0/off nor 0-0xffffffff: \`${text}'\n`));
}

export function keepaliveOf(text: string): number {
  if (text === "off") return 0;
  return (
    parseUnsigned(text, 65535) ??
    fail(1, `Persistent keepalive interval is neither 0/off nor 1-65535: \`${text}'\n`)
  );
}

export function endpointOf(text: string): NonNullable<WireguardPeerChange["endpoint"]> {
  if (text.startsWith("[")) refuse("an IPv6 endpoint of WireGuard");
  const colon = text.lastIndexOf(":");
  if (colon < 0) fail(1, `Unable to find port of endpoint: \`${text}'\n`);
  const address = parseIpv4(text.slice(0, colon));
  if (address === undefined) refuse("a WireGuard endpoint by name");
  return { address, port: portOf(text.slice(colon + 1)) };
}

export function allowedIpsOf(text: string): readonly Ipv4Prefix[] {
  return text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "")
    .map((word) => {
      if (word.includes(":")) refuse("IPv6 allowed-ips of WireGuard");
      const prefix = parsePrefix(word.includes("/") ? word : `${word}/32`);
      if (prefix === undefined) return fail(1, `AllowedIP is not in the correct format: \`${word}'\n`);
      const mask = prefix.length === 0 ? 0 : (-1 << (32 - prefix.length)) >>> 0;
      return { address: ((prefix.address & mask) >>> 0) as Ipv4Prefix["address"], length: prefix.length };
    });
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** `[Interface]` and `[Peer]` sections, for `wg setconf`. */
export function parseConfiguration(text: string, replace: boolean): WireguardChange {
  const change: Mutable<WireguardChange> = { replacePeers: replace };
  const peers: Mutable<Partial<WireguardPeerChange>>[] = [];
  let section = "";
  for (const raw of text.split("\n")) {
    const line = raw.replace(/#.*$/, "").trim();
    if (line === "") continue;
    if (/^\[(interface|peer)\]$/i.test(line)) {
      section = line.toLowerCase();
      if (section === "[peer]") peers.push({});
      continue;
    }
    const [key = "", value = ""] = line.split(/\s*=\s*(.*)/s, 2);
    const known =
      section === "[peer]"
        ? peerLine(peers.at(-1)!, key.toLowerCase(), value)
        : interfaceLine(change, key.toLowerCase(), value);
    if (section === "" || !known)
      fail(1, `Line unrecognized: \`${line.replace(/\s/g, "")}'\nConfiguration parsing error\n`);
  }
  change.peers = peers.map((peer) => {
    const { publicKey } = peer;
    return publicKey === undefined
      ? fail(1, "A peer is missing a public key\nConfiguration parsing error\n")
      : { ...peer, publicKey };
  });
  return change;
}

function interfaceLine(change: Mutable<WireguardChange>, key: string, value: string): boolean {
  if (key === "privatekey") change.privateKey = keyOf(value);
  else if (key === "listenport") change.listenPort = portOf(value);
  else if (key === "fwmark") change.firewallMark = markOf(value);
  else return false;
  return true;
}

function peerLine(peer: Mutable<Partial<WireguardPeerChange>>, key: string, value: string): boolean {
  if (key === "publickey") peer.publicKey = keyOf(value);
  else if (key === "presharedkey") peer.presharedKey = keyOf(value);
  else if (key === "endpoint") peer.endpoint = endpointOf(value);
  else if (key === "allowedips") peer.allowedIps = [...(peer.allowedIps ?? []), ...allowedIpsOf(value)];
  else if (key === "persistentkeepalive") peer.persistentKeepalive = keepaliveOf(value);
  else return false;
  return true;
}
