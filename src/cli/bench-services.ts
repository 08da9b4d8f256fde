import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "../base/result.ts";
import type { DatagramSocket, NetApi } from "../kernel/uapi/index.ts";
import { runScripts } from "../lab/script.ts";
import { World } from "../lab/world.ts";
import { micros } from "../sim/time.ts";
import { type Ipv4, parseIpv4 } from "../wire/address.ts";

/** Connections through kube-proxy's iptables mode, here and in this machine's kernel, by the same rules and the same calls. */

const CLIENT = "10.244.1.2";
/** Services next to each other have different endpoints: two connections from one port must not meet at the same one. */
const SERVERS = ["10.244.2.2", "10.244.2.3", "10.244.2.4", "10.244.2.5"];
const SERVICE_PORT = 80;
const SERVER_PORT = 8080;
const PAYLOAD = new Uint8Array(64);
/** Source ports, from the first on: a new one is a new connection. */
const FIRST_PORT = 10_000;
const PORTS = 50_000;

const TOPOLOGY = `
for n in p1 n1 p2; do ip netns add $n; ip -n $n link set lo up; done
ip -n p1 link add eth0 type veth peer name veth1 netns n1; ip -n p2 link add eth0 type veth peer name veth2 netns n1
ip -n p1 link set eth0 up; ip -n p2 link set eth0 up; ip -n n1 link set veth1 up; ip -n n1 link set veth2 up
ip -n n1 addr add 10.244.1.1/24 dev veth1; ip -n n1 addr add 10.244.2.1/24 dev veth2
ip -n p1 addr add ${CLIENT}/24 dev eth0; ip -n p1 route add default via 10.244.1.1
for i in 2 3 4 5; do ip -n p2 addr add 10.244.2.$i/24 dev eth0; done; ip -n p2 route add default via 10.244.2.1
ip netns exec n1 bash -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
`;

/** The address of service `i`, from 1. */
const serviceAddress = (i: number): string => `10.${96 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;

/** What kube-proxy gives to iptables-restore for `services` services with one endpoint each. */
function rules(services: number): string {
  const lines = ["*nat", ":KUBE-SERVICES - [0:0]", ":KUBE-POSTROUTING - [0:0]", ":KUBE-MARK-MASQ - [0:0]"];
  const name = (i: number): string => String(i).padStart(16, "X");
  for (let i = 1; i <= services; i++)
    lines.push(`:KUBE-SVC-${name(i)} - [0:0]`, `:KUBE-SEP-${name(i)} - [0:0]`);
  lines.push(
    "-A PREROUTING -j KUBE-SERVICES",
    "-A OUTPUT -j KUBE-SERVICES",
    "-A POSTROUTING -j KUBE-POSTROUTING",
    "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN",
    "-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0",
    "-A KUBE-POSTROUTING -j MASQUERADE",
    "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000",
  );
  for (let i = 1; i <= services; i++) {
    const server = SERVERS[i % SERVERS.length] ?? "";
    lines.push(
      `-A KUBE-SERVICES -d ${serviceAddress(i)}/32 -p udp -m udp --dport ${SERVICE_PORT} -j KUBE-SVC-${name(i)}`,
      `-A KUBE-SVC-${name(i)} -j KUBE-SEP-${name(i)}`,
      `-A KUBE-SEP-${name(i)} -s ${server}/32 -j KUBE-MARK-MASQ`,
      `-A KUBE-SEP-${name(i)} -p udp -m udp -j DNAT --to-destination ${server}:${SERVER_PORT}`,
    );
  }
  return [...lines, "COMMIT", ""].join("\n");
}

/** CPU microseconds: of a connection's first datagram with all that opening it takes, and of a later datagram. */
export interface ServiceCost {
  readonly first: number;
  readonly later: number;
}

/** `count` new connections through the last of `services` services, after `filled` others that conntrack still knows. */
export interface ServiceLoad {
  readonly services: number;
  readonly count: number;
  readonly filled: number;
}

/** Connections before the measured ones, for the compiler's sake, and datagrams of one connection. */
const WARM = 5_000;
const LATER = 100_000;

class EngineSide {
  private readonly world: World;
  private readonly client: NetApi;
  private readonly server: DatagramSocket;
  private readonly services: number;

  constructor(services: number) {
    this.services = services;
    this.world = new World({ seed: 1, traced: false });
    let complaints = "";
    const text = `set -e${TOPOLOGY}ip netns exec n1 iptables-restore <<'RULES'\n${rules(services)}RULES\n`;
    const { status } = runScripts(this.world, {
      scripts: [{ path: "/bench.sh", text }],
      cwd: "/",
      captures: false,
      output: (stream, bytes) => {
        if (stream === "stderr") complaints += Buffer.from(bytes).toString();
      },
    });
    if (status !== 0) throw new Error(`the bench's topology failed: ${complaints}`);
    this.client = this.open("p1");
    this.server = this.open("p2").socket.udp("server");
    this.server.bind({ address: 0 as Ipv4, port: SERVER_PORT });
  }

  private open(label: string): NetApi {
    const { kernel } = this.world;
    const id = kernel.netnsIds().find((one) => kernel.netnsLabel(one) === label);
    return kernel.open(must(id, `namespace ${label}`), { name: "bench" });
  }

  private exchange(socket: DatagramSocket, address: Ipv4): void {
    const sent = socket.send(PAYLOAD, { address, port: SERVICE_PORT });
    if (!sent.ok) throw new Error(`send: ${sent.error.errno}`);
    for (let waited = 0; waited < 100; waited++) {
      this.world.pass(micros(20));
      const got = this.server.receive();
      if (got.ok && got.value !== undefined) return;
    }
    throw new Error("the datagram did not arrive");
  }

  /** Opens connections number `from` to `to`. */
  connect(from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const last = must(parseIpv4(serviceAddress(this.services - Math.floor(i / PORTS))), "address");
      const socket = this.client.socket.udp("client");
      socket.bind({ address: 0 as Ipv4, port: FIRST_PORT + (i % PORTS) });
      this.exchange(socket, last);
      socket.close();
    }
  }

  later(count: number): void {
    const socket = this.client.socket.udp("client");
    socket.bind({ address: 0 as Ipv4, port: FIRST_PORT });
    const last = must(parseIpv4(serviceAddress(this.services)), "address");
    for (let i = 0; i < count; i++) this.exchange(socket, last);
    socket.close();
  }
}

function cpuMicros(work: () => void, count: number): number {
  const start = process.cpuUsage();
  work();
  const used = process.cpuUsage(start);
  return (used.user + used.system) / count;
}

export function engineServiceCost({ services, count, filled }: ServiceLoad): ServiceCost {
  const side = new EngineSide(services);
  const warm = filled + WARM;
  side.connect(0, warm);
  const first = cpuMicros(() => side.connect(warm, warm + count), count);
  side.later(WARM);
  return { first, later: cpuMicros(() => side.later(LATER), LATER) };
}

/** As EngineSide does it, with the kernel's sockets; prints the kernel's own time in microseconds (it includes what the datagram sets off). */
const KERNEL_SIDE = `
import ctypes, os, resource, socket, sys
services, count, filled = map(int, sys.argv[1:4])
libc = ctypes.CDLL(None)
def enter(name):
    with open("/run/netns/" + name) as f: assert libc.setns(f.fileno(), 0x40000000) == 0
def service(i): return "10.%d.%d.%d" % (96 + (i >> 16), (i >> 8) & 255, i & 255)
enter("p2")
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); server.bind(("", ${SERVER_PORT})); server.settimeout(5)
enter("p1")
payload = bytes(64)
def connect(start, end):
    for i in range(start, end):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("", ${FIRST_PORT} + i % ${PORTS}))
        s.sendto(payload, (service(services - i // ${PORTS}), ${SERVICE_PORT})); server.recv(2000); s.close()
def later(n):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("", ${FIRST_PORT}))
    for i in range(n): s.sendto(payload, (service(services), ${SERVICE_PORT})); server.recv(2000)
    s.close()
def timed(count, work, *args):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_stime
    work(*args)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_stime - before) * 1e6 / count
warm = filled + ${WARM}
connect(0, warm)
first = timed(count, connect, warm, warm + count)
print("COST", first, timed(${LATER}, later, ${LATER}))
`;

/** Undefined where we may not make namespaces, or there is no iptables or Python. */
export function kernelServiceCost({ services, count, filled }: ServiceLoad): ServiceCost | undefined {
  const work = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    writeFileSync(join(work, "rules"), rules(services));
    writeFileSync(join(work, "side.py"), KERNEL_SIDE);
    const script = `set -e
mount -t tmpfs tmpfs /run/netns 2>/dev/null || { mkdir -p /run/netns; mount -t tmpfs tmpfs /run/netns; }
${TOPOLOGY}
ip netns exec n1 iptables-restore <${work}/rules
/usr/bin/python3 ${work}/side.py ${services} ${count} ${filled}
`;
    const flags = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
    const user = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
    const ran = spawnSync("unshare", [...user, ...flags, "bash", "-c", script], { encoding: "utf8" });
    const m = /COST ([\d.]+) ([\d.]+)/.exec(ran.stdout);
    return m === null ? undefined : { first: Number(m[1]), later: Number(m[2]) };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
