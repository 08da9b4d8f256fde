import { encodeBase64 } from "../../base/base64.ts";
import type { WireguardInfo, WireguardPeerInfo } from "../../kernel/uapi/index.ts";
import { formatIpv4 } from "../../wire/address.ts";

/** What `wg show` and `wg showconf` print. Models: wireguard-tools, show.c, showconf.c. */

const NONE = "(none)";

function key(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? NONE : encodeBase64(bytes);
}

function endpoint(peer: WireguardPeerInfo): string {
  return peer.endpoint === undefined ? NONE : `${formatIpv4(peer.endpoint.address)}:${peer.endpoint.port}`;
}

function allowed(peer: WireguardPeerInfo, separator: string): string {
  const prefixes = peer.allowedIps.map((p) => `${formatIpv4(p.address)}/${p.length}`);
  return prefixes.length === 0 ? NONE : prefixes.join(separator);
}

const SPANS: readonly (readonly [name: string, seconds: number])[] = [
  ["year", 31_536_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** `1 minute, 5 seconds`. */
export function spanText(seconds: number): string {
  const parts: string[] = [];
  let left = seconds;
  for (const [name, unit] of SPANS) {
    const n = Math.floor(left / unit);
    left -= n * unit;
    if (n > 0) parts.push(`${n} ${name}${n === 1 ? "" : "s"}`);
  }
  return parts.join(", ");
}

/** `180 B`, `1.21 KiB`. */
export function bytesText(bytes: number): string {
  const units = ["KiB", "MiB", "GiB", "TiB"];
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes / 1024;
  let i = 0;
  for (; value >= 1024 && i < units.length - 1; i++) value /= 1024;
  return `${value.toFixed(2)} ${units[i]!}`;
}

function mark(value: number): string {
  return value === 0 ? "off" : `0x${value.toString(16)}`;
}

/** Peers with the latest handshake first. */
function byHandshake(peers: readonly WireguardPeerInfo[]): readonly WireguardPeerInfo[] {
  return [...peers].sort((a, b) => (b.latestHandshake ?? -1) - (a.latestHandshake ?? -1));
}

export function prettyText(device: WireguardInfo, now: number): string {
  let out = `interface: ${device.name}\n`;
  if (device.publicKey !== undefined) out += `  public key: ${key(device.publicKey)}\n`;
  if (device.privateKey !== undefined) out += "  private key: (hidden)\n";
  if (device.listenPort !== 0) out += `  listening port: ${device.listenPort}\n`;
  if (device.firewallMark !== 0) out += `  fwmark: ${mark(device.firewallMark)}\n`;
  for (const peer of byHandshake(device.peers)) out += `\n${peerText(peer, now)}`;
  return out;
}

function peerText(peer: WireguardPeerInfo, now: number): string {
  let out = `peer: ${key(peer.publicKey)}\n`;
  if (peer.presharedKey !== undefined) out += "  preshared key: (hidden)\n";
  if (peer.endpoint !== undefined) out += `  endpoint: ${endpoint(peer)}\n`;
  out += `  allowed ips: ${allowed(peer, ", ")}\n`;
  if (peer.latestHandshake !== undefined) {
    const ago = Math.floor((now - peer.latestHandshake) / 1e9);
    out += `  latest handshake: ${ago === 0 ? "Now" : `${spanText(ago)} ago`}\n`;
  }
  if (peer.rxBytes > 0 || peer.txBytes > 0)
    out += `  transfer: ${bytesText(peer.rxBytes)} received, ${bytesText(peer.txBytes)} sent\n`;
  if (peer.persistentKeepalive > 0)
    out += `  persistent keepalive: every ${spanText(peer.persistentKeepalive)}\n`;
  return out;
}

/** Seconds since the epoch of the latest handshake, 0 for never; `epoch` is what the world's clock began with. */
function handshakeTime(peer: WireguardPeerInfo, epoch: number): number {
  return peer.latestHandshake === undefined ? 0 : epoch + Math.floor(peer.latestHandshake / 1e9);
}

/** One fact of a device; undefined: no such word. `named`: each line begins with the device (`wg show all`). */
export function factText(
  device: WireguardInfo,
  what: string,
  named: boolean,
  epoch: number,
): string | undefined {
  const front = named ? `${device.name}\t` : "";
  const peers = (fact: (peer: WireguardPeerInfo) => string): string =>
    byHandshake(device.peers)
      .map((peer) => `${front}${key(peer.publicKey)}${fact(peer)}\n`)
      .join("");
  const keepalive = (peer: WireguardPeerInfo): string =>
    peer.persistentKeepalive === 0 ? "off" : String(peer.persistentKeepalive);
  switch (what) {
    case "public-key":
      return `${front}${key(device.publicKey)}\n`;
    case "private-key":
      return `${front}${key(device.privateKey)}\n`;
    case "listen-port":
      return `${front}${device.listenPort}\n`;
    case "fwmark":
      return `${front}${mark(device.firewallMark)}\n`;
    case "peers":
      return peers(() => "");
    case "preshared-keys":
      return peers((peer) => `\t${key(peer.presharedKey)}`);
    case "endpoints":
      return peers((peer) => `\t${endpoint(peer)}`);
    case "allowed-ips":
      return peers((peer) => `\t${allowed(peer, " ")}`);
    case "latest-handshakes":
      return peers((peer) => `\t${handshakeTime(peer, epoch)}`);
    case "transfer":
      return peers((peer) => `\t${peer.rxBytes}\t${peer.txBytes}`);
    case "persistent-keepalive":
      return peers((peer) => `\t${keepalive(peer)}`);
    case "dump":
      return dumpText(device, front, epoch);
    default:
      return undefined;
  }
}

/** Everything, one line a device and a peer, for programs. */
function dumpText(device: WireguardInfo, front: string, epoch: number): string {
  const own = [key(device.privateKey), key(device.publicKey), device.listenPort, mark(device.firewallMark)];
  const lines = byHandshake(device.peers).map((peer) => [
    key(peer.publicKey),
    key(peer.presharedKey),
    endpoint(peer),
    allowed(peer, ","),
    handshakeTime(peer, epoch),
    peer.rxBytes,
    peer.txBytes,
    peer.persistentKeepalive === 0 ? "off" : peer.persistentKeepalive,
  ]);
  return [own, ...lines].map((line) => `${front}${line.join("\t")}\n`).join("");
}

export function configurationText(device: WireguardInfo): string {
  let out = "[Interface]\n";
  if (device.listenPort !== 0) out += `ListenPort = ${device.listenPort}\n`;
  if (device.firewallMark !== 0) out += `FwMark = ${mark(device.firewallMark)}\n`;
  if (device.privateKey !== undefined) out += `PrivateKey = ${key(device.privateKey)}\n`;
  for (const peer of device.peers) {
    out += `\n[Peer]\nPublicKey = ${key(peer.publicKey)}\n`;
    if (peer.presharedKey !== undefined) out += `PresharedKey = ${key(peer.presharedKey)}\n`;
    if (peer.allowedIps.length > 0) out += `AllowedIPs = ${allowed(peer, ", ")}\n`;
    if (peer.endpoint !== undefined) out += `Endpoint = ${endpoint(peer)}\n`;
    if (peer.persistentKeepalive > 0) out += `PersistentKeepalive = ${peer.persistentKeepalive}\n`;
  }
  return out;
}
