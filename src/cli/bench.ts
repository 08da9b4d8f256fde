import { spawnSync } from "node:child_process";
import { runScripts } from "../lab/script.ts";
import { World } from "../lab/world.ts";
import {
  engineServiceCost,
  kernelServiceCost,
  type ServiceCost,
  type ServiceLoad,
} from "./bench-services.ts";
import { measureScale, measureScaleApart, type Scale } from "./bench-scale.ts";
import { benchReplicasHere, replicaRows } from "./bench-replicas.ts";
import { must } from "../base/result.ts";
import { setIcmpChecksum, writeIcmpEcho } from "../wire/icmp.ts";
import { parseIpv4 } from "../wire/address.ts";

const SERVICE_LOADS: readonly (readonly [string, ServiceLoad])[] = [
  ["10 services", { services: 10, count: 30_000, filled: 0 }],
  ["1,000 services", { services: 1_000, count: 30_000, filled: 0 }],
  ["10,000 services", { services: 10_000, count: 5_000, filled: 0 }],
  ["10 services, 100,000 entries in conntrack", { services: 10, count: 30_000, filled: 100_000 }],
];
const ROUNDS = 20_000;
const PAYLOAD = 64;
/** Round trips between two deliveries to the page: about a frame's worth. */
const TAKE_EVERY = 50;

/** Two nodes on a switch, a pod each, a VXLAN tunnel as flannel sets it up; built by the same words here and there. */
const TOPOLOGY = `
for n in fabric n1 n2 p1 p2; do ip netns add $n; ip -n $n link set lo up; done
ip -n fabric link add sw address 02:00:00:00:50:01 type bridge; ip -n fabric link set sw up
for i in 1 2; do
  ip -n n$i link add ens3 address 02:00:00:00:01:0$i type veth peer name port$i netns fabric
  ip -n n$i link set ens3 up; ip -n fabric link set port$i up; ip -n fabric link set port$i master sw
  ip -n n$i addr add 172.31.7.1$i/20 dev ens3
  ip -n n$i link add flannel.1 address 02:00:00:00:0f:0$i type vxlan id 1 dstport 8472 local 172.31.7.1$i dev ens3 nolearning
  ip -n n$i addr add 10.42.$i.0/32 dev flannel.1; ip -n n$i link set flannel.1 mtu 1450 up
  ip -n n$i link add cni0 address 02:00:00:00:0c:0$i type bridge; ip -n n$i link set cni0 up
  ip -n n$i addr add 10.42.$i.1/24 dev cni0
  ip -n n$i link add veth0 type veth peer name eth0 netns p$i
  ip -n n$i link set veth0 up; ip -n p$i link set eth0 up; ip -n n$i link set veth0 master cni0
  ip -n p$i addr add 10.42.$i.7/24 dev eth0; ip -n p$i route add default via 10.42.$i.1
  ip netns exec n$i bash -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
done
for i in 1 2; do o=$((3-i))
  ip -n n$i route add 10.42.$o.0/24 via 10.42.$o.0 dev flannel.1 onlink
  ip -n n$i neigh add 10.42.$o.0 lladdr 02:00:00:00:0f:0$o dev flannel.1 nud permanent
  bridge -n n$i fdb append 02:00:00:00:0f:0$o dev flannel.1 dst 172.31.7.1$o
done
`;

function build(traced: boolean): World {
  const world = new World({ seed: 1, traced });
  let complaints = "";
  const result = runScripts(world, {
    scripts: [{ path: "/bench.sh", text: `set -e${TOPOLOGY}` }],
    cwd: "/",
    captures: false,
    output: (stream, bytes) => {
      if (stream === "stderr") complaints += Buffer.from(bytes).toString();
    },
  });
  if (result.status !== 0) throw new Error(`the bench's topology failed: ${complaints}`);
  return world;
}

interface Engine {
  /** CPU microseconds a round trip. */
  readonly roundTrip: number;
  /** Trace records a round trip. */
  readonly records: number;
}

/** Echo requests from pod to pod, one after the other, as ping -f sends them. */
function measureEngine(traced: boolean): Engine {
  const world = build(traced);
  const { kernel, queue, trace } = world;
  const p1 = must(
    kernel.netnsIds().find((id) => kernel.netnsLabel(id) === "p1"),
    "namespace p1",
  );
  const socket = kernel.open(p1, { name: "bench" }).socket.icmp("bench", (type) => type === 0);
  const to = { address: must(parseIpv4("10.42.2.7"), "address"), port: 0 };
  const packet = new Uint8Array(PAYLOAD);
  const once = (sequence: number): void => {
    writeIcmpEcho(packet, 0, 8, 1, sequence & 0xffff);
    setIcmpChecksum(packet, 0, PAYLOAD);
    const sent = socket.send(packet, to);
    if (!sent.ok) throw new Error(`send: ${sent.error.errno}`);
    for (;;) {
      const got = socket.receive();
      if (got.ok && got.value !== undefined) return;
      if (!queue.step()) throw new Error("the echo reply did not come");
    }
  };
  for (let i = 0; i < ROUNDS / 4; i++) {
    once(i);
    if (i % TAKE_EVERY === 0) trace?.take();
  }
  const before = trace?.length ?? 0;
  const start = process.cpuUsage();
  for (let i = 0; i < ROUNDS; i++) {
    once(i);
    if (i % TAKE_EVERY === 0) trace?.take();
  }
  const used = process.cpuUsage(start);
  return { roundTrip: (used.user + used.system) / ROUNDS, records: ((trace?.length ?? 0) - before) / ROUNDS };
}

/** CPU microseconds a round trip of `ping -f` takes in this machine's kernel; undefined where we may not make namespaces. */
function measureKernel(): number | undefined {
  const script = `set -e
mount -t tmpfs tmpfs /run/netns 2>/dev/null || { mkdir -p /run/netns; mount -t tmpfs tmpfs /run/netns; }
${TOPOLOGY}
sleep 1
ip netns exec p1 ping -c 20 -i 0.01 -q 10.42.2.7 >/dev/null
TIMEFORMAT='CPU %U %S'
time ip netns exec p1 ping -f -q -c ${ROUNDS} 10.42.2.7 >/dev/null
`;
  const flags = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const user = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  const ran = spawnSync("unshare", [...user, ...flags, "bash", "-c", script], { encoding: "utf8" });
  const m = /CPU ([\d.]+) ([\d.]+)/.exec(ran.stderr);
  if (ran.status !== 0 || m === null) return undefined;
  return ((Number(m[1]) + Number(m[2])) * 1e6) / ROUNDS;
}

function row(what: string, value: string, goal = ""): void {
  process.stdout.write(`${what.padEnd(62)} ${value.padStart(14)}  ${goal}\n`);
}

/** New connections through services, later datagrams of one, and both with a full conntrack table. */
function serviceRows(): void {
  const costs = new Map<string, ServiceCost>();
  for (const [name, load] of SERVICE_LOADS) {
    const ours = engineServiceCost(load);
    const kernel = kernelServiceCost(load);
    costs.set(name, ours);
    row(`new connection, ${name}, CPU`, `${ours.first.toFixed(2)} us`);
    row(`established datagram, ${name}, CPU`, `${ours.later.toFixed(2)} us`);
    if (kernel === undefined) row("the same in this machine's kernel", "not allowed here");
    else {
      row(
        "both in this machine's kernel (iptables-nft)",
        `${kernel.first.toFixed(2)}, ${kernel.later.toFixed(2)} us`,
      );
      const goal = load.services === 10_000 ? "goal: at most 0.1 x" : "";
      row("engine : kernel, new connection", `${(ours.first / kernel.first).toFixed(3)} x`, goal);
      row("engine : kernel, established", `${(ours.later / kernel.later).toFixed(3)} x`);
    }
  }
  const [few, many] = [costs.get("10 services"), costs.get("10,000 services")];
  if (few && many)
    row(
      "new connection, 10,000 services : 10 services",
      `${(many.first / few.first).toFixed(2)} x`,
      "goal: at most 1.5 x",
    );
}

const LARGE: Scale = { nodes: 1_000, podsPerNode: 30, services: 1_000 };

/** A large cluster: what it costs to build, and to send a packet in it. */
function scaleRows(scale: Scale): void {
  const { nodes, podsPerNode, services } = scale;
  const size = [nodes, nodes * podsPerNode, services].map((n) => n.toLocaleString("en"));
  const cost = measureScaleApart(scale);
  row(
    `${size[0]} nodes, ${size[1]} pods, ${size[2]} services: build, CPU`,
    `${cost.build.toFixed(1)} s`,
    "goal: 5 s",
  );
  row("memory at its highest", `${cost.peak.toFixed(0)} MB`, "goal: 1 GB");
  row("first request, waking two nodes, CPU", `${cost.first.toFixed(0)} ms`);
  row("the same request again, CPU", `${cost.again.toFixed(0)} ms`, "goal: 50 ms");
}

/**
 * `npm run bench`: figures as ratios against something run beside them. `bench scale NODES PODS-A-NODE SERVICES` measures
 * one cluster, in this process; `bench replicas` only 300 replicas beside webernetes.
 */
export function bench(args: readonly string[] = []): number {
  const [what, ...numbers] = args;
  if (what === "scale") {
    const [nodes = LARGE.nodes, podsPerNode = LARGE.podsPerNode, services = LARGE.services] =
      numbers.map(Number);
    const { build, peak, first, again } = measureScale({ nodes, podsPerNode, services });
    process.stdout.write(`${build} ${peak} ${first} ${again}\n`);
    return 0;
  }
  if (what === "replicas") {
    replicaRows(row);
    return 0;
  }
  if (what === "replicas-here") return benchReplicasHere();
  scaleRows(LARGE);
  const on = measureEngine(true);
  const off = measureEngine(false);
  const kernel = measureKernel();
  row("VXLAN ping round trip, full trace on, CPU", `${on.roundTrip.toFixed(2)} us`);
  row("VXLAN ping round trip, trace off, CPU", `${off.roundTrip.toFixed(2)} us`);
  if (kernel === undefined) row("the same in this machine's kernel (ping -f)", "not allowed here");
  else {
    row("the same in this machine's kernel (ping -f), CPU", `${kernel.toFixed(2)} us`);
    row("engine with full trace : kernel", `${(on.roundTrip / kernel).toFixed(2)} x`, "goal: at most 1.0 x");
  }
  row("trace records a round trip", on.records.toFixed(0));
  row("records a second, trace on", `${Math.round((on.records / on.roundTrip) * 1000)} k`);
  row("round trips a second, trace off : on", `${(on.roundTrip / off.roundTrip).toFixed(2)} x`);
  serviceRows();
  replicaRows(row);
  return 0;
}
