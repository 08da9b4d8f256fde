import { getU16, getU32, setU16 } from "../../../../base/bytes.ts";
import { background } from "../../../../container/background.ts";
import type { DatagramSocket, Endpoint, TunFile } from "../../../../kernel/uapi/index.ts";
import type { EventQueue } from "../../../../sim/queue.ts";
import { Signal, type Task } from "../../../../sim/task.ts";
import { inPrefix, type Ipv4, ipv4, type Ipv4Prefix } from "../../../../wire/address.ts";
import { internetChecksum } from "../../../../wire/checksum.ts";
import { IPV4_HEADER } from "../../../../wire/ipv4.ts";

const ICMP_HEADER = 8;
const PROTOCOL_ICMP = 1;
/** TTL of the errors that the proxy makes. */
const ERROR_TTL = 8;

/**
 * The loop that stands between flannel0 and the UDP socket: a packet read from one is written to the other, with one hop
 * less to live on each side.
 *
 * Models: flannel pkg/backend/udp/proxy_amd64.c.
 */
export class Proxy {
  private readonly socket: DatagramSocket;
  /** The device's address: the source of the proxy's errors. */
  private readonly address: Ipv4;
  private readonly mtu: number;
  private readonly routes: { readonly subnet: Ipv4Prefix; readonly nextHop: Endpoint }[] = [];
  /** Read from the device and not looked at yet. */
  private readonly waiting: Uint8Array[] = [];
  private readonly arrived = new Signal();

  constructor(socket: DatagramSocket, address: Ipv4, mtu: number) {
    this.socket = socket;
    this.address = address;
    this.mtu = mtu;
  }

  /** The device has a packet. */
  read(packet: Uint8Array): void {
    this.waiting.push(packet);
    this.arrived.fire();
  }

  setRoute(subnet: Ipv4Prefix, nextHop: Endpoint): void {
    this.removeRoute(subnet);
    this.routes.push({ subnet, nextHop });
  }

  removeRoute(subnet: Ipv4Prefix): void {
    const at = this.routes.findIndex(
      (route) => route.subnet.address === subnet.address && route.subnet.length === subnet.length,
    );
    if (at >= 0) this.routes.splice(at, 1);
  }

  /** Moves packets until the result is called. */
  run(queue: EventQueue, tun: TunFile): () => void {
    const out = background(queue, this.outward(tun));
    const back = background(queue, this.inward(tun));
    return () => {
      out.kill("KILL");
      back.kill("KILL");
    };
  }

  private *outward(tun: TunFile): Task<void> {
    for (;;) {
      const packet = this.waiting.shift();
      if (packet === undefined) yield* this.arrived.wait();
      else this.send(packet, tun);
    }
  }

  private *inward(tun: TunFile): Task<void> {
    for (;;) {
      const got = this.socket.receive();
      if (got.ok && got.value === undefined) {
        yield* this.socket.readable.wait();
        continue;
      }
      // An ICMP error of an earlier datagram is read as a failed recv(2), and passed over.
      if (!got.ok || got.value === undefined) continue;
      const packet = got.value.bytes.slice(0, this.mtu);
      if (packet.length >= IPV4_HEADER && decrementTtl(packet)) tun.write(packet);
    }
  }

  private send(packet: Uint8Array, tun: TunFile): void {
    if (packet.length < IPV4_HEADER) return;
    const to = ipv4(getU32(packet, 16));
    const route = this.routes.find(({ subnet }) => inPrefix(to, subnet.address, subnet.length));
    if (route === undefined) {
      const error = this.unreachable(packet);
      if (error !== undefined) tun.write(error);
      return;
    }
    // What dies here dies without a word: the original has a TODO for the ICMP error.
    if (decrementTtl(packet)) this.socket.send(packet, route.nextHop);
  }

  /** ICMP network unreachable to the sender; not about ICMP, and not about a later fragment. */
  private unreachable(packet: Uint8Array): Uint8Array | undefined {
    const header = ((packet[0] ?? 0) & 15) * 4;
    if (packet[9] === PROTOCOL_ICMP || (getU16(packet, 6) & 0x1fff) !== 0) return undefined;
    const quoted = header + 8;
    const error = new Uint8Array(IPV4_HEADER + ICMP_HEADER + quoted);
    error[0] = 0x45;
    setU16(error, 2, error.length);
    error[8] = ERROR_TTL;
    error[9] = PROTOCOL_ICMP;
    for (let i = 0; i < 4; i++) {
      error[12 + i] = (this.address >>> (24 - 8 * i)) & 255;
      error[16 + i] = packet[12 + i] ?? 0;
    }
    setU16(error, 10, internetChecksum(error, 0, IPV4_HEADER));
    error[IPV4_HEADER] = 3;
    error.set(packet.subarray(0, quoted), IPV4_HEADER + ICMP_HEADER);
    setU16(error, IPV4_HEADER + 2, internetChecksum(error, IPV4_HEADER, ICMP_HEADER + quoted));
    return error;
  }
}

/** False when the packet has reached its end. The checksum follows as RFC 1624 has it. */
function decrementTtl(packet: Uint8Array): boolean {
  const ttl = ((packet[8] ?? 0) - 1) & 255;
  packet[8] = ttl;
  if (ttl === 0) return false;
  const sum = getU16(packet, 10) + 0x100;
  setU16(packet, 10, (sum & 0xffff) + (sum >>> 16));
  return true;
}
