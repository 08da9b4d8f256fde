import { must } from "../base/result.ts";
import { seconds } from "../sim/time.ts";
import type { Datagram, Route6Info } from "../kernel/uapi/index.ts";
import { formatIpv6, formatPrefix6, type Ipv6, parseIpv6, parsePrefix6 } from "../wire/address6.ts";
import { decodeIpv6 } from "../wire/ipv6.ts";
import { TestNet } from "./net.ts";

/** A colon address; a typo in a test is a bug. */
export function ip6(text: string): Ipv6 {
  return must(parseIpv6(text), `address ${text}`);
}

/** A small world to tell IPv6 packet stories in. */
export class TestNet6 extends TestNet {
  protected override get hasIpv6(): boolean {
    return true;
  }

  text(address: Ipv6): string {
    return formatIpv6(address);
  }

  address6(name: string, device: string, prefix: string, options: { noDad?: boolean } = {}): void {
    const p = must(parsePrefix6(prefix), prefix);
    const spec = { dev: this.dev(name, device), local: p.address, prefixLength: p.length, ...options };
    const added = this.at(name).ipv6.address.add(spec);
    if (!added.ok) throw new Error(`${added.error.errno} ${added.error.extack ?? ""}`);
  }

  deleteAddress6(name: string, device: string, address: string): void {
    const gone = this.at(name).ipv6.address.delete(this.dev(name, device), ip6(address));
    if (!gone.ok) throw new Error(gone.error.errno);
  }

  down(name: string, device: string): void {
    this.at(name).link.change(this.dev(name, device), { up: false });
  }

  route6(name: string, prefix: string, via: string, device?: string): void {
    const dst = prefix === "default" ? { address: ip6("::"), length: 0 } : must(parsePrefix6(prefix), prefix);
    const hop = { gateway: ip6(via), ...(device === undefined ? {} : { dev: this.dev(name, device) }) };
    const added = this.at(name).ipv6.route.add({ dst, nexthops: [hop] }, "add");
    if (!added.ok) throw new Error(`${added.error.errno} ${added.error.extack ?? ""}`);
  }

  forward6(...names: string[]): void {
    for (const name of names) {
      const set = this.at(name).sysctl.set("net.ipv6.conf.all.forwarding", "1");
      if (!set.ok) throw new Error(set.error.errno);
    }
  }

  /** `2001:db8::1/64 tentative`, in the kernel's order. */
  addresses(name: string, device: string): string[] {
    const index = this.dev(name, device);
    return this.at(name)
      .ipv6.address.list()
      .filter((a) => a.dev === index)
      .map((a) => {
        const flags = [
          a.noDad === true ? " nodad" : "",
          a.tentative ? " tentative" : "",
          a.dadFailed ? " dadfailed" : "",
        ];
        return formatIpv6(a.local) + `/${a.prefixLength}` + flags.join("");
      });
  }

  routes(name: string): string[] {
    const one = (r: Route6Info): string => {
      const dst = r.dst.length === 128 ? formatIpv6(r.dst.address) : formatPrefix6(r.dst);
      const hop = r.nexthops[0];
      const dev = hop?.dev === undefined ? "" : ` dev ${this.at(name).link.byIndex(hop.dev)?.name ?? "?"}`;
      const via = hop?.gateway === undefined ? "" : ` via ${formatIpv6(hop.gateway)}`;
      return `${r.type === "unicast" ? "" : `${r.type} `}${dst}${via}${dev} metric ${r.metric}`;
    };
    return this.at(name).ipv6.route.list().map(one);
  }

  /** Sends one echo request and answers what ICMPv6 came back within a second, each from its ICMPv6 header. */
  ping6(
    from: string,
    to: string,
    options: { device?: string; hopLimit?: number; size?: number; wait?: number } = {},
  ): Datagram<Ipv6>[] {
    const socket = this.at(from).socket.icmp6("ping", (type) => type !== 128 && (type < 130 || type > 143));
    socket.setOptions({ receiveErrors: true });
    const scope = options.device === undefined ? {} : { scope: this.dev(from, options.device) };
    const bytes = new Uint8Array(8 + (options.size ?? 56));
    bytes.set([128, 0, 0, 0, 0, 7, 0, 1]);
    const ttl = options.hopLimit === undefined ? {} : { ttl: options.hopLimit };
    const sent = socket.send(bytes, { address: ip6(to), port: 0, ...scope }, ttl);
    if (!sent.ok) throw new Error(sent.error.errno);
    this.settle(seconds(options.wait ?? 1));
    const answers: Datagram<Ipv6>[] = [];
    for (;;) {
      const got = socket.receive();
      if (!got.ok) continue;
      if (got.value === undefined) break;
      answers.push(got.value);
    }
    socket.close();
    return answers;
  }

  /** The IPv6 packets that passed a device since the records were last read: `out A > B: icmp6 128`. */
  messages(name: string, device: string): string[] {
    const netns = this.at(name).netns;
    const dev = this.dev(name, device);
    const lines: string[] = [];
    for (const r of this.records()) {
      if (r.kind !== "frame" || r.netns !== Number(netns) || r.dev !== Number(dev)) continue;
      const packet = decodeIpv6(r.bytes, 14);
      if (!packet.ok) continue;
      const { src, dst, nextHeader, payload } = packet.value;
      const what = nextHeader === 58 ? `icmp6 ${payload[0]}` : `protocol ${nextHeader}`;
      lines.push(`${r.direction} ${formatIpv6(src)} > ${formatIpv6(dst)}: ${what}`);
    }
    return lines;
  }
}
