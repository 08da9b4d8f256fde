import { must } from "../base/result.ts";
import { EventQueue } from "../sim/queue.ts";
import { Random } from "../sim/random.ts";
import { addTime, millis, type Nanos, seconds } from "../sim/time.ts";
import { TraceReader } from "../trace/reader.ts";
import type { TraceRecord } from "../trace/record.ts";
import { TraceWriter } from "../trace/writer.ts";
import { type Ipv4, type Mac, parseIpv4, parseMac, parsePrefix } from "../wire/address.ts";
import { setIcmpChecksum, writeIcmpEcho } from "../wire/icmp.ts";
import {
  createKernel,
  type Datagram,
  type IfIndex,
  type KernelApi,
  type KernelResult,
  type NetApi,
  type NetnsId,
} from "../kernel/uapi/index.ts";

/** Dotted quad; a typo in a test is a bug. */
export function ip(text: string): Ipv4 {
  return must(parseIpv4(text), `address ${text}`);
}

export function mac(text: string): Mac {
  return must(parseMac(text), `MAC ${text}`);
}

function granted<T>(result: KernelResult<T>): T {
  if (!result.ok) throw new Error(`${result.error.errno} ${result.error.extack ?? ""}`);
  return result.value;
}

/** A small world of named namespaces to tell packet stories in. */
export class TestNet {
  readonly queue = new EventQueue();
  readonly trace: TraceWriter | null;
  readonly kernel: KernelApi;
  private readonly spaces = new Map<string, NetnsId>();

  constructor(...names: string[]) {
    this.trace = new TraceWriter(this.queue);
    this.kernel = createKernel(this.queue, new Random(1), this.trace, { disableIpv6: !this.hasIpv6 });
    for (const name of names) {
      this.spaces.set(name, this.kernel.createNetns(name));
      this.up(name, "lo");
    }
  }

  /** Most stories are about IPv4 and do without the chatter of IPv6; `TestNet6` has it. */
  protected get hasIpv6(): boolean {
    return false;
  }

  at(name: string): NetApi {
    return this.kernel.open(must(this.spaces.get(name), `namespace ${name}`), { name: "test" });
  }

  dev(name: string, device: string): IfIndex {
    return must(this.at(name).link.byName(device), `${device} in ${name}`).index;
  }

  up(name: string, device: string): void {
    granted(this.at(name).link.change(this.dev(name, device), { up: true }));
  }

  /** A veth pair, both ends up. */
  wire(a: string, aDevice: string, aMac: string, b: string, bDevice: string, bMac: string): void {
    const peer = { name: bDevice, mac: mac(bMac), netns: must(this.spaces.get(b), b) };
    granted(this.at(a).link.add({ kind: "veth", name: aDevice, mac: mac(aMac), peer }));
    this.up(a, aDevice);
    this.up(b, bDevice);
  }

  bridge(name: string, device: string, address: string, ...ports: string[]): void {
    const index = granted(this.at(name).link.add({ kind: "bridge", name: device, mac: mac(address) }));
    this.up(name, device);
    for (const port of ports) granted(this.at(name).link.change(this.dev(name, port), { master: index }));
  }

  enslave(name: string, port: string, bridge: string): void {
    granted(this.at(name).link.change(this.dev(name, port), { master: this.dev(name, bridge) }));
  }

  address(name: string, device: string, prefix: string): void {
    const p = must(parsePrefix(prefix), prefix);
    granted(
      this.at(name).address.add({ dev: this.dev(name, device), local: p.address, prefixLength: p.length }),
    );
  }

  route(name: string, prefix: string, via?: string, device?: string, onlink = false): void {
    const hop = {
      ...(via === undefined ? {} : { gateway: ip(via) }),
      ...(device === undefined ? {} : { dev: this.dev(name, device) }),
      ...(onlink ? { onlink } : {}),
    };
    const dst =
      prefix === "default" ? { address: ip("0.0.0.0"), length: 0 } : must(parsePrefix(prefix), prefix);
    granted(this.at(name).route.add({ dst, nexthops: [hop] }, "add"));
  }

  forward(...names: string[]): void {
    for (const name of names) granted(this.at(name).sysctl.set("net.ipv4.ip_forward", "1"));
  }

  settle(time: Nanos = seconds(1)): void {
    this.queue.runUntil(addTime(this.queue.now, time));
  }

  /** Sends one echo request and answers the ICMP packets that came back within a second, each from its IPv4 header. */
  ping(from: string, to: string, ttl = 64): Datagram[] {
    const socket = this.at(from).socket.icmp("ping", (type) => type !== 8);
    socket.setOptions({ receiveErrors: true });
    const bytes = new Uint8Array(64);
    writeIcmpEcho(bytes, 0, 8, 7, 1);
    setIcmpChecksum(bytes, 0, bytes.length);
    granted(socket.send(bytes, { address: ip(to), port: 0 }, { ttl }));
    this.settle(millis(1000));
    const answers: Datagram[] = [];
    for (;;) {
      const got = socket.receive();
      if (!got.ok) continue;
      if (got.value === undefined) break;
      answers.push(got.value);
    }
    socket.close();
    return answers;
  }

  /** Everything that was recorded since the last call. */
  records(): TraceRecord[] {
    const chunk = must(this.trace, "trace").take();
    const reader = new TraceReader();
    reader.append({ ...chunk, first: 0, firstText: 0, texts: this.texts(chunk.firstText, chunk.texts) });
    return [...reader];
  }

  private readonly seen: string[] = [];

  private texts(first: number, more: readonly string[]): readonly string[] {
    this.seen.splice(first, Infinity, ...more);
    return [...this.seen];
  }
}
