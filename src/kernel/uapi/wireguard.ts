import { err, ok } from "../../base/result.ts";
import type { Ipv4, Ipv4Prefix } from "../../wire/address.ts";
import type { Nanos } from "../../sim/time.ts";
import { Wireguard } from "../device/wireguard.ts";
import { WireguardPeer } from "../device/wireguard-peer.ts";
import type { Netns } from "../netns.ts";
import type { IfIndex, KernelError, KernelResult } from "./types.ts";

/** Keys are 32 bytes; times in nanoseconds of the simulation. */
export interface WireguardPeerInfo {
  readonly publicKey: Uint8Array;
  readonly presharedKey?: Uint8Array;
  readonly endpoint?: { readonly address: Ipv4; readonly port: number };
  readonly allowedIps: readonly Ipv4Prefix[];
  /** Seconds, 0 for off. */
  readonly persistentKeepalive: number;
  readonly latestHandshake?: Nanos;
  readonly rxBytes: number;
  readonly txBytes: number;
}

export interface WireguardInfo {
  readonly name: string;
  readonly privateKey?: Uint8Array;
  readonly publicKey?: Uint8Array;
  readonly listenPort: number;
  readonly firewallMark: number;
  readonly peers: readonly WireguardPeerInfo[];
}

/** What is absent stays; a key of null is taken away. */
export interface WireguardPeerChange {
  readonly publicKey: Uint8Array;
  readonly remove?: boolean;
  /** Only a peer that is there. */
  readonly updateOnly?: boolean;
  readonly presharedKey?: Uint8Array | null;
  readonly endpoint?: { readonly address: Ipv4; readonly port: number };
  readonly persistentKeepalive?: number;
  /** All of them: former ones go. */
  readonly allowedIps?: readonly Ipv4Prefix[];
}

export interface WireguardChange {
  readonly privateKey?: Uint8Array | null;
  readonly listenPort?: number;
  readonly firewallMark?: number;
  readonly replacePeers?: boolean;
  readonly peers?: readonly WireguardPeerChange[];
}

/** The generic netlink family "wireguard". */
export interface WireguardApi {
  get(dev: IfIndex): KernelResult<WireguardInfo>;
  set(dev: IfIndex, change: WireguardChange): KernelResult<void>;
}

/** Models: wg_get_device_dump, wg_set_device. */
export function wireguardApi(ns: Netns): WireguardApi {
  const find = (index: number): Wireguard | KernelError => {
    const dev = ns.device(index);
    if (dev === undefined) return { errno: "ENODEV" };
    return dev instanceof Wireguard ? dev : { errno: "EOPNOTSUPP" };
  };
  return {
    get(index) {
      const dev = find(index);
      return dev instanceof Wireguard ? ok(info(dev)) : err(dev);
    },
    set(index, change) {
      const dev = find(index);
      return dev instanceof Wireguard ? set(dev, change) : err(dev);
    },
  };
}

function info(dev: Wireguard): WireguardInfo {
  return {
    name: dev.name,
    ...(dev.privateKey === undefined ? {} : { privateKey: dev.privateKey }),
    ...(dev.publicKey === undefined ? {} : { publicKey: dev.publicKey }),
    listenPort: dev.listenPort,
    firewallMark: dev.firewallMark,
    peers: [...dev.peers.values()].map((peer) => ({
      publicKey: peer.publicKey,
      ...(peer.presharedKey === undefined ? {} : { presharedKey: peer.presharedKey }),
      ...(peer.endpoint === undefined ? {} : { endpoint: peer.endpoint }),
      allowedIps: dev.allowed.filter((a) => a.peer === peer).map((a) => a.prefix),
      persistentKeepalive: peer.persistentKeepalive,
      ...(peer.latestHandshake === undefined ? {} : { latestHandshake: peer.latestHandshake }),
      rxBytes: peer.rxBytes,
      txBytes: peer.txBytes,
    })),
  };
}

function set(dev: Wireguard, change: WireguardChange): KernelResult<void> {
  if (change.firewallMark !== undefined) dev.firewallMark = change.firewallMark;
  if (change.listenPort !== undefined && !dev.setListenPort(change.listenPort))
    return err({ errno: "EADDRINUSE" });
  if (change.replacePeers === true) for (const peer of [...dev.peers.values()]) removePeer(dev, peer);
  if (change.privateKey !== undefined) dev.setPrivateKey(change.privateKey ?? undefined);
  for (const peer of change.peers ?? []) setPeer(dev, peer);
  return ok();
}

function removePeer(dev: Wireguard, peer: WireguardPeer): void {
  peer.stop();
  dev.forbid((entry) => entry.peer === peer);
  dev.peers.delete(peer.publicKey.join());
}

function setPeer(dev: Wireguard, change: WireguardPeerChange): void {
  const key = change.publicKey.join();
  let peer = dev.peers.get(key);
  if (change.remove === true) {
    if (peer !== undefined) removePeer(dev, peer);
    return;
  }
  // A device is no peer of itself.
  if ((peer === undefined && change.updateOnly === true) || dev.publicKey?.join() === key) return;
  if (peer === undefined) {
    peer = new WireguardPeer(dev, change.publicKey);
    dev.peers.set(key, peer);
  }
  if (change.presharedKey !== undefined) peer.presharedKey = change.presharedKey ?? undefined;
  if (change.endpoint !== undefined) peer.endpoint = change.endpoint;
  if (change.allowedIps !== undefined) {
    const of = peer;
    dev.forbid((entry) => entry.peer === of);
    for (const prefix of change.allowedIps) dev.allow(prefix, peer);
  }
  if (change.persistentKeepalive === undefined) return;
  const starts = peer.persistentKeepalive === 0 && change.persistentKeepalive > 0;
  peer.persistentKeepalive = change.persistentKeepalive;
  if (starts && dev.up) peer.keepalive();
}
