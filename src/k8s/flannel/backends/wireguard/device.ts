import { decodeBase64, encodeBase64 } from "../../../../base/base64.ts";
import { err, ok, type Result } from "../../../../base/result.ts";
import { clamped, publicKey } from "../../../../base/x25519.ts";
import { goErrno } from "../../../../container/errno.ts";
import { fsErrorText, readTextOr, writeText } from "../../../../container/files.ts";
import {
  type IfIndex,
  type KernelResult,
  type LinkInfo,
  type NetApi,
  PROTO_BOOT,
  SCOPE_LINK,
  type WireguardPeerChange,
} from "../../../../kernel/uapi/index.ts";
import type { Random } from "../../../../sim/random.ts";
import type { Task } from "../../../../sim/task.ts";
import type { Process } from "../../../../userland/os/process.ts";
import type { Ipv4Prefix } from "../../../../wire/address.ts";
import type { Klog } from "../../klog.ts";

/** 40 of an outer IPv6 header (IPv4 has 20), 8 UDP, 16 of a data message's header, 16 authentication tag. */
export const OVERHEAD = 80;
const KEY_FILE = "/run/flannel/wgkey";
const KEY_BYTES = 32;

export interface Keys {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly presharedKey: Uint8Array | undefined;
}

/** Models: wgtypes.ParseKey. */
export function parseKey(text: string): Result<Uint8Array, string> {
  const key = decodeBase64(text);
  if (!key.ok) return err("wgtypes: failed to parse base64-encoded key: illegal base64 data");
  if (key.value.length !== KEY_BYTES) return err(`wgtypes: incorrect key size: ${key.value.length}`);
  return key;
}

function newKey(process: Process, random: Random, path: string): Result<Uint8Array, string> {
  const key = clamped(Uint8Array.from({ length: KEY_BYTES }, () => random.below(256)));
  const written = writeText(process.host.fs, path, encodeBase64(key), 0o400);
  return written.ok ? ok(key) : err(`could not write key file: open ${path}: ${fsErrorText(written.error)}`);
}

/** The node's own key pair, kept in a file from one start to the next. Models: setupKeys. */
export function setupKeys(process: Process, random: Random, psk: string): Result<Keys, string> {
  const path = process.env.get("WIREGUARD_KEY_FILE") ?? KEY_FILE;
  const exists = process.host.fs.stat(path) !== undefined;
  const text = exists ? readTextOr(process.host.fs, path) : undefined;
  if (text?.ok === false) return text;
  const own = text === undefined ? newKey(process, random, path) : parseKey(text.value);
  if (!own.ok) return text === undefined ? own : err(`could not parse private key from file: ${own.error}`);
  const shared = psk === "" ? ok(undefined) : parseKey(psk);
  if (!shared.ok) return err(`could not parse psk: ${shared.error}`);
  return ok({ privateKey: own.value, publicKey: publicKey(own.value), presharedKey: shared.value });
}

/** A fresh device: one that is there goes. Models: newWGDevice, ensureLink. */
export function* newDevice(
  net: NetApi,
  log: Klog,
  name: string,
  mtu: number,
  keys: Keys,
  listenPort: number,
): Task<Result<LinkInfo, string>> {
  const spec = { kind: "wireguard", name, mtu: mtu - OVERHEAD } as const;
  const added = net.link.add(spec);
  if (!added.ok) {
    if (added.error.errno !== "EEXIST")
      return err(`could not create wireguard interface: ${goErrno(added.error)}`);
    yield* log.warning("device.go:194", `"${name}" already exists; recreating device`);
    const old = net.link.byName(name);
    const gone = old === undefined ? ok() : net.link.delete(old.index);
    if (!gone.ok) return err(goErrno(gone.error));
    const again = net.link.add(spec);
    if (!again.ok) return err(`could not create wireguard interface: ${goErrno(again.error)}`);
  }
  const link = net.link.byName(name);
  if (link === undefined) return err("can't locate created wireguard device: Link not found");
  // The queue length of flanneld's request is Go's zero.
  net.link.change(link.index, { txQueueLength: 0 });
  const { privateKey } = keys;
  const configured = net.wireguard.set(link.index, { privateKey, listenPort, replacePeers: true });
  return configured.ok ? ok(link) : err(`failed to configure device ${goErrno(configured.error)}`);
}

export function addPeer(net: NetApi, dev: IfIndex, peer: WireguardPeerChange): KernelResult<void> {
  return net.wireguard.set(dev, { peers: [peer] });
}

export function removePeer(net: NetApi, dev: IfIndex, key: Uint8Array): KernelResult<void> {
  return net.wireguard.set(dev, { peers: [{ publicKey: key, remove: true }] });
}

/** One route for all pods there are: which node has them, the peers' allowed addresses say. Models: addRoute. */
export function addRoute(net: NetApi, dev: IfIndex, dst: Ipv4Prefix): KernelResult<void> {
  return net.route.add({ dst, protocol: PROTO_BOOT, scope: SCOPE_LINK, nexthops: [{ dev }] }, "replace");
}
