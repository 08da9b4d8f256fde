import { createKernel, type KernelApi, type NetnsId, TABLE_MAIN } from "../kernel/uapi/index.ts";
import { EventQueue } from "../sim/queue.ts";
import { Random } from "../sim/random.ts";
import { Coroutine, type Task } from "../sim/task.ts";
import { addTime, type Nanos, seconds } from "../sim/time.ts";
import { provideLateCode } from "./late.ts";
import { createUnderlay, type Underlay } from "../k8s/node/underlay.ts";
import { createNode } from "../k8s/node/node.ts";
import { Host } from "../userland/os/host.ts";
import { MemFs } from "../userland/os/memfs.ts";
import type { Program } from "../userland/os/process.ts";
import { internetChecksum } from "../wire/checksum.ts";
import { setU16 } from "../base/bytes.ts";
import { formatIpv4, formatMac, formatPrefix, type Ipv4, IPV4_ANY, parseIpv4 } from "../wire/address.ts";

/** A Docker host with the network `kind` on it: where tests put nodes. */
export interface NodeWorld {
  readonly queue: EventQueue;
  readonly kernel: KernelApi;
  readonly docker: Host;
  readonly underlay: Underlay;
  readonly programs: Map<string, Program>;
}

export function nodeWorld(seed = 1): NodeWorld {
  provideLateCode();
  const queue = new EventQueue();
  const random = new Random(seed);
  const kernel = createKernel(queue, random.fork(), null, { disableIpv6: true });
  const programs = new Map<string, Program>();
  const netns = kernel.createNetns("");
  const docker = new Host({ name: "docker", kernel, queue, random, fs: new MemFs(), programs, netns });
  return { queue, kernel, docker, underlay: createUnderlay(docker), programs };
}

export function addNode(world: NodeWorld, name: string, address: string): Host {
  const { underlay, programs } = world;
  return createNode({ name, address: parseIpv4(address) ?? IPV4_ANY, underlay, programs }).boot();
}

/** Runs a task to its end on virtual time; what it throws is thrown. */
export function run<T>(
  world: { readonly queue: EventQueue },
  task: Task<T>,
  atMost: Nanos = seconds(600),
): T {
  const coroutine = new Coroutine(world.queue, task).start();
  const deadline = addTime(world.queue.now, atMost);
  world.queue.runWhile(() => coroutine.alive && world.queue.now <= deadline);
  const { outcome } = coroutine;
  if (outcome?.kind === "threw") throw outcome.error;
  if (outcome?.kind !== "returned") throw new Error(`the task did not end by ${deadline / 1e9} s`);
  return outcome.value;
}

export function rest(world: { readonly queue: EventQueue }, time: Nanos): void {
  world.queue.runUntil(addTime(world.queue.now, time));
}

const TEST = { name: "test" };

/** The main table as `ip route` would order it, in its words. */
export function routes(world: NodeWorld, netns: NetnsId): readonly string[] {
  const net = world.kernel.open(netns, TEST);
  const dev = (index: number | undefined): string =>
    net.link.list().find((link) => link.index === index)?.name ?? "?";
  return net.route.list().flatMap((route) => {
    if (route.table !== TABLE_MAIN) return [];
    const hop = route.nexthops[0];
    const dst = route.dst.length === 0 ? "default" : formatPrefix(route.dst);
    const via = hop?.gateway === undefined ? "" : ` via ${formatIpv4(hop.gateway)}`;
    const src = route.prefSrc === undefined ? "" : ` src ${formatIpv4(route.prefSrc)}`;
    const proto = route.protocol === 2 ? " proto kernel" : "";
    return [`${dst}${via} dev ${dev(hop?.dev)}${proto}${src}${hop?.onlink === true ? " onlink" : ""}`];
  });
}

/** Addresses of a device: `10.244.1.1/24 brd 10.244.1.255`. */
export function addresses(world: NodeWorld, netns: NetnsId, device: string): readonly string[] {
  const net = world.kernel.open(netns, TEST);
  const index = net.link.byName(device)?.index;
  return net.address
    .list()
    .filter((a) => a.dev === index)
    .map((a) => {
      const brd = a.broadcast === undefined ? "" : ` brd ${formatIpv4(a.broadcast)}`;
      return `${formatIpv4(a.local)}/${a.prefixLength}${brd}`;
    });
}

/** Neighbours of a device: `10.244.2.0 MAC PERMANENT`. */
export function neighbours(world: NodeWorld, netns: NetnsId, device: string): readonly string[] {
  const net = world.kernel.open(netns, TEST);
  const index = net.link.byName(device)?.index;
  return net.neigh
    .list()
    .filter((n) => n.dev === index)
    .map((n) => `${formatIpv4(n.dst)} ${n.lladdr === undefined ? "-" : formatMac(n.lladdr)} ${n.state}`);
}

/** A device's own forwarding entries: `MAC dst 172.18.0.4 permanent`. */
export function forwarding(world: NodeWorld, netns: NetnsId, device: string): readonly string[] {
  const net = world.kernel.open(netns, TEST);
  const index = net.link.byName(device)?.index;
  return net.fdb
    .list()
    .filter((f) => f.dev === index && f.target === "self")
    .map((f) => `${formatMac(f.mac)} dst ${f.dst === undefined ? "-" : formatIpv4(f.dst)} ${f.state}`);
}

/** One ICMP echo from a namespace; whether the answer came within a second. */
export function ping(world: NodeWorld, netns: NetnsId, to: Ipv4 | string): boolean {
  const target = typeof to === "string" ? (parseIpv4(to) ?? IPV4_ANY) : to;
  const net = world.kernel.open(netns, TEST);
  const socket = net.socket.icmp("test", (type) => type === 0);
  const echo = new Uint8Array(64);
  echo[0] = 8;
  setU16(echo, 4, 77);
  setU16(echo, 6, 1);
  setU16(echo, 2, internetChecksum(echo, 0, echo.length));
  socket.send(echo, { address: target, port: 0 });
  let answered = false;
  for (let i = 0; i < 100 && !answered; i++) {
    rest(world, seconds(0.01));
    const got = socket.receive();
    answered = got.ok && got.value !== undefined && got.value.from.address === target;
  }
  socket.close();
  return answered;
}
