import { formatIpv4, type Ipv4 } from "../../../wire/address.ts";
import { Host } from "../../../userland/os/host.ts";
import { NULL_FILE } from "../../../userland/os/io.ts";
import { MemFs } from "../../../userland/os/memfs.ts";
import { Process, type Program } from "../../../userland/os/process.ts";
import { connect, type Underlay } from "../../node/underlay.ts";
import { type BalancerConfig, Envoy } from "./envoy.ts";

export interface BoxOptions {
  readonly name: string;
  readonly address: Ipv4;
  readonly underlay: Underlay;
  readonly programs: ReadonlyMap<string, Program>;
}

/** A balancer: a container of its own on the network of the nodes, with a proxy in it. */
export class Box {
  readonly address: Ipv4;
  readonly host: Host;
  private proxy: Process | undefined;

  constructor({ name, address, underlay, programs }: BoxOptions) {
    const { kernel, queue, random } = underlay.docker;
    const netns = kernel.createNetns(name);
    connect(underlay, netns, address);
    const fs = new MemFs({
      files: {
        "/etc/hostname": `${name}\n`,
        "/etc/hosts": `127.0.0.1\tlocalhost\n${formatIpv4(address)}\t${name}\n`,
        "/etc/resolv.conf": "nameserver 127.0.0.11\noptions ndots:0\n",
      },
    });
    this.address = address;
    this.host = new Host({ name, kernel, queue, random: random.fork(), fs, programs, netns });
  }

  /** Starts the proxy anew with another configuration: connections through the old one end. */
  configure(config: BalancerConfig): void {
    this.proxy?.kill("KILL");
    const { host } = this;
    const files = new Map([0, 1, 2].map((fd) => [fd, NULL_FILE] as const));
    const options = { argv: ["envoy", "-c", "/etc/envoy/envoy.yaml"], env: new Map(), cwd: "/", files };
    this.proxy = Process.spawn(host, (process) => new Envoy(process, config).run(), {
      ...options,
      netns: host.netns,
    });
  }

  remove(): void {
    this.proxy?.kill("KILL");
    const { kernel, netns } = this.host;
    const net = kernel.open(netns, { name: "dockerd", detail: "network kind" });
    const eth0 = net.link.byName("eth0");
    if (eth0 !== undefined) net.link.delete(eth0.index);
    kernel.releaseNetns(netns);
  }
}
