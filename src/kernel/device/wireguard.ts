import { getU32 } from "../../base/bytes.ts";
import { publicKey } from "../../base/x25519.ts";
import { type Ipv4, type Ipv4Prefix, MAC_ZERO } from "../../wire/address.ts";
import { ETH_P_IP } from "../../wire/ethernet.ts";
import { IPPROTO_UDP, ipv4Dest, ipv4Source, ipv4TotalLength } from "../../wire/ipv4.ts";
import { setUdpChecksum, UDP_HEADER, udpSourcePort, writeUdpHeader } from "../../wire/udp.ts";
import { icmpSend } from "../ipv4/icmp-send.ts";
import { ipLocalOut } from "../ipv4/output.ts";
import { routeOutput, traceOutput } from "../ipv4/route.ts";
import type { Actor, LinkType } from "../uapi/index.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { NetDevice, type XmitResult } from "./device.ts";
import { netifReceive } from "./receive.ts";
import { DATA, DATA_HEADER, INITIATION, initiator, open, RESPONSE, TAG } from "./wireguard-crypt.ts";
import type { WireguardPeer } from "./wireguard-peer.ts";

/** DS field of handshake messages: AF41. */
const HANDSHAKE_TOS = 0x88;

/**
 * A WireGuard device: a packet goes to the peer whose allowed addresses hold its destination, and comes in only from the
 * peer whose allowed addresses hold its source. Models: drivers/net/wireguard, without cryptography (wireguard-crypt.ts).
 */
export class Wireguard extends NetDevice {
  readonly kind = "wireguard";
  /** The namespace whose network carries the tunnel: where the device was made. */
  readonly home: Netns;
  privateKey: Uint8Array | undefined;
  publicKey: Uint8Array | undefined;
  listenPort = 0;
  firewallMark = 0;
  readonly peers = new Map<string, WireguardPeer>();
  readonly allowed: { readonly prefix: Ipv4Prefix; readonly peer: WireguardPeer }[] = [];
  private readonly indices = new Map<number, WireguardPeer>();
  private readonly listener = (dev: NetDevice, skb: Skb): void => this.receive(dev, skb);

  constructor(ns: Netns, name: string, mtu: number, by: Actor) {
    super(ns, name, MAC_ZERO, mtu, by);
    this.home = ns;
    this.noArp = true;
    this.minMtu = 0;
    this.maxMtu = 2147483552;
  }

  override get linkType(): LinkType {
    return "none";
  }

  override get headerLength(): number {
    return 0;
  }

  protected override get hasGroups(): boolean {
    return false;
  }

  override get tracksCarrier(): boolean {
    return false;
  }

  get carrier(): boolean {
    return true;
  }

  setPrivateKey(key: Uint8Array | undefined): void {
    this.privateKey = key;
    this.publicKey = key === undefined ? undefined : publicKey(key);
  }

  /** Up: listens, on a port of the kernel's choice when none was set. False: somebody has the port. Models: wg_open. */
  start(): boolean {
    const { home } = this;
    while (this.listenPort === 0 || (home.encapSockets.has(this.listenPort) && this.chosen)) {
      const { localPortMin: min, localPortMax: max } = home.ipv4;
      this.listenPort = min + home.kernel.random.below(max - min + 1);
      this.chosen = true;
    }
    if (home.encapSockets.has(this.listenPort)) return false;
    home.encapSockets.set(this.listenPort, this.listener);
    for (const peer of this.peers.values()) if (peer.persistentKeepalive > 0) peer.keepalive();
    return true;
  }

  private chosen = false;

  stop(): void {
    this.unlisten();
    for (const peer of this.peers.values()) peer.stop();
  }

  private unlisten(): void {
    if (this.home.encapSockets.get(this.listenPort) === this.listener)
      this.home.encapSockets.delete(this.listenPort);
  }

  setListenPort(port: number): boolean {
    if (port === this.listenPort) return true;
    if (this.up && this.home.encapSockets.has(port)) return false;
    this.unlisten();
    this.listenPort = port;
    return this.up ? this.start() : true;
  }

  /** Sender indices by chance, as the real ones. */
  newIndex(peer: WireguardPeer): number {
    let index: number;
    do index = this.ns.kernel.random.u32();
    while (this.indices.has(index));
    this.indices.set(index, peer);
    return index;
  }

  dropIndex(index: number): void {
    this.indices.delete(index);
  }

  /** Longest prefix first. Models: wg_allowedips_lookup_dst. */
  private peerFor(address: Ipv4): WireguardPeer | undefined {
    let best: { readonly prefix: Ipv4Prefix; readonly peer: WireguardPeer } | undefined;
    for (const entry of this.allowed) {
      const { address: net, length } = entry.prefix;
      const inside = length === 0 || (address ^ net) >>> (32 - length) === 0;
      if (inside && (best === undefined || length > best.prefix.length)) best = entry;
    }
    return best?.peer;
  }

  allow(prefix: Ipv4Prefix, peer: WireguardPeer): void {
    this.forbid((entry) => entry.prefix.address === prefix.address && entry.prefix.length === prefix.length);
    this.allowed.push({ prefix, peer });
  }

  forbid(which: (entry: { readonly prefix: Ipv4Prefix; readonly peer: WireguardPeer }) => boolean): void {
    const kept = this.allowed.filter((entry) => !which(entry));
    this.allowed.splice(0, Infinity, ...kept);
  }

  /** Models: wg_xmit. */
  xmit(skb: Skb): XmitResult {
    skb.net = skb.data;
    const peer = skb.protocol === ETH_P_IP ? this.peerFor(ipv4Dest(skb.buf, skb.data)) : undefined;
    if (peer?.endpoint === undefined) {
      this.txErrors++;
      icmpSend(this.ns, skb, 3, 1, 0);
      this.ns.kernel.drop(this.ns, this, skb, "IP_OUTNOROUTES", "wg_xmit");
      return peer === undefined ? "ENOKEY" : "EDESTADDRREQ";
    }
    peer.transmit(skb);
    return 0;
  }

  /** A packet that never got a session. */
  lost(skb: Skb): void {
    this.txDropped++;
    this.ns.kernel.drop(this.ns, this, skb, "NEIGH_DEAD", "wg_packet_purge_staged_packets");
  }

  sendBytes(peer: WireguardPeer, bytes: Uint8Array): void {
    const skb = this.ns.kernel.alloc(this.ns, bytes.length, "socket", "wireguard");
    skb.end = skb.data + bytes.length;
    skb.buf.set(bytes, skb.data);
    this.send(peer, skb, HANDSHAKE_TOS, false);
  }

  /** Models: wg_socket_send_skb_to_peer. */
  send(peer: WireguardPeer, skb: Skb, tos: number, traced: boolean): void {
    const { home } = this;
    const { kernel } = home;
    const to = peer.endpoint;
    const payload = skb.length;
    const route =
      to === undefined ? "ENETUNREACH" : routeOutput(home, { dst: to.address, mark: this.firewallMark });
    if (to === undefined || typeof route === "string" || route.dev === this) {
      kernel.drop(this.ns, this, skb, "IP_OUTNOROUTES", "wg_socket_send_skb_to_peer");
      return;
    }
    skb.scrub(true);
    skb.mark = this.firewallMark;
    skb.ensureHeadroom(UDP_HEADER + 34);
    skb.push(UDP_HEADER);
    writeUdpHeader(skb.buf, skb.data, this.listenPort, to.port, skb.length);
    setUdpChecksum(skb.buf, skb.data, route.source, to.address);
    if (traced) {
      const bytes = 20 + UDP_HEADER + DATA_HEADER;
      kernel.trace?.tunnel(true, this.ns.id, this.index, skb.id, bytes, 0, route.source, to.address);
    }
    traceOutput(home, skb, to.address, route);
    this.txPackets++;
    this.txBytes += payload;
    peer.txBytes += payload;
    skb.dev = null;
    const header = { protocol: IPPROTO_UDP, ttl: home.ipv4.defaultTtl, tos, dontFragment: false };
    ipLocalOut(home, skb, route, to.address, header);
  }

  /** A datagram to our port; `skb.data` is at the UDP header. Models: wg_packet_receive. */
  private receive(dev: NetDevice, skb: Skb): void {
    const at = skb.data + UDP_HEADER;
    const length = skb.end - at;
    const type = skb.buf[at] ?? 0;
    const { kernel } = this.home;
    if (type === DATA && length >= DATA_HEADER + TAG) {
      this.receiveData(dev, skb, at);
      return;
    }
    const message = skb.buf.slice(at, skb.end);
    const peer = this.shaken(type, message);
    if (peer === undefined) {
      kernel.drop(this.home, dev, skb, "NOT_SPECIFIED", "wg_receive_handshake_packet");
      return;
    }
    this.rxPackets++;
    this.count(peer, length);
    this.roam(peer, skb);
    if (type === INITIATION) peer.answer(message);
    else peer.answered(message);
    kernel.consume(this.home, skb, "wg_receive_handshake_packet");
  }

  /** Whose handshake message it is, if we believe it. */
  private shaken(type: number, message: Uint8Array): WireguardPeer | undefined {
    if (type === RESPONSE && message.length >= 12) return this.indices.get(getU32(message, 8));
    if (type !== INITIATION || this.publicKey === undefined) return undefined;
    const key = initiator(message, this.publicKey);
    return key === undefined ? undefined : this.peers.get(key.join());
  }

  private count(peer: WireguardPeer, bytes: number): void {
    peer.rxBytes += bytes;
    this.rxBytes += bytes;
  }

  /** A peer is where its last true message came from. Models: wg_socket_set_peer_endpoint_from_skb. */
  private roam(peer: WireguardPeer, skb: Skb): void {
    peer.endpoint = { address: ipv4Source(skb.buf, skb.net), port: udpSourcePort(skb.buf, skb.data) };
  }

  private receiveData(dev: NetDevice, skb: Skb, at: number): void {
    const { kernel } = this.home;
    const index = getU32(skb.buf, at + 4);
    const peer = this.indices.get(index);
    if (peer?.accepts(index) !== true) {
      kernel.drop(this.home, dev, skb, "NOT_SPECIFIED", "wg_packet_consume_data");
      return;
    }
    this.roam(peer, skb);
    this.count(peer, skb.end - at);
    open(skb.buf, at, skb.end);
    const local = ipv4Dest(skb.buf, skb.net);
    const remote = ipv4Source(skb.buf, skb.net);
    const outer = at + DATA_HEADER - skb.net;
    skb.data = at + DATA_HEADER;
    skb.end -= TAG;
    peer.heard(skb.length === 0);
    if (skb.length === 0) {
      this.rxPackets++;
      kernel.consume(this.home, skb, "wg_packet_consume_data");
      return;
    }
    kernel.trace?.tunnel(false, this.ns.id, this.index, skb.id, outer, 0, local, remote);
    const length = ipv4TotalLength(skb.buf, skb.data);
    if (length > skb.length || this.peerFor(ipv4Source(skb.buf, skb.data)) !== peer) {
      this.rxErrors++;
      kernel.drop(this.ns, this, skb, "IP_INVALID_SOURCE", "wg_packet_consume_data_done");
      return;
    }
    skb.end = skb.data + length;
    skb.scrub(true);
    skb.protocol = ETH_P_IP;
    // Counted in full above.
    this.rxBytes -= length;
    netifReceive(this, skb);
  }
}
