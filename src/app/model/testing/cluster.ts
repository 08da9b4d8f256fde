import type { AddressRow, FdbRow, LinkRow, NeighRow, RouteRow } from "../../../trace/rows.ts";
import { TraceWriter } from "../../../trace/writer.ts";

/**
 * A hand-made trace for tests: a kind cluster of three nodes with flannel, as the journal of the engine tells it.
 * Index numbers: in a pod eth0 is 2; on a node eth0 is 2, flannel.1 3, cni0 4, veths from 5; on the host the
 * bridge is 2 and its ports follow.
 */
export const HOST = 1;
export const NODES = ["kind-control-plane", "kind-worker", "kind-worker2"] as const;

export interface FixturePod {
  readonly netns: number;
  readonly name: string;
  readonly node: number;
  readonly ip: string;
  readonly mac: string;
  readonly vethIndex: number;
}

export const nodeNetns = (node: number): number => 2 + node;
export const nodeIp = (node: number): string => `172.18.0.${2 + node}`;
export const nodeMac = (node: number): string => `02:42:ac:12:00:0${2 + node}`;
export const vtepMac = (node: number): string => `6e:51:0c:9a:22:7${node}`;
export const cniMac = (node: number): string => `0a:58:0a:f4:0${node}:01`;
export const podIp = (node: number, number: number): string => `10.244.${node}.${number}`;

const KERNEL = "kernel";

export class FixtureCluster {
  time = 0;
  readonly writer: TraceWriter;
  readonly pods: FixturePod[] = [];
  private routeId = 0;
  private readonly routeIds = new Map<string, number>();

  constructor() {
    // The writer reads the clock's `now` each time.
    const clock = { now: 0 };
    this.writer = new TraceWriter(clock);
    this.tick = (nanos = 1000) => {
      this.time += nanos;
      clock.now = this.time;
    };
    this.netns(HOST, "");
    this.link(
      HOST,
      { index: 2, name: "br-5f3a1c", kind: "bridge", mac: "02:42:66:00:00:01", mtu: 1500 },
      "docker",
    );
    this.address(HOST, 2, "172.18.0.1", 16, "docker");
    NODES.forEach((name, node) => this.node(name, node));
    this.pod(1, "frontend-6b8fd7c4-a", "php-redis");
    this.pod(1, "redis-leader-7d9c-k", "leader");
    this.pod(1, "frontend-6b8fd7c4-b", "php-redis");
    this.pod(2, "redis-follower-55-x", "follower");
    this.pod(2, "frontend-6b8fd7c4-c", "php-redis");
    this.pod(2, "redis-follower-55-y", "follower");
  }

  readonly tick: (nanos?: number) => void;

  routeEntry(netns: number, dst: string): number {
    return this.routeIds.get(`${netns}/${dst}`) ?? 0;
  }

  netns(id: number, label: string): void {
    this.writer.change("netns", id, String(id), null, { label }, "docker", "");
    const lo = { index: 1, name: "lo", kind: "loopback", mac: "00:00:00:00:00:00", mtu: 65536 } as const;
    this.link(id, lo, KERNEL);
  }

  link(netns: number, row: Omit<LinkRow, "up" | "lowerUp" | "operState">, actor: string, detail = ""): void {
    const after: LinkRow = { ...row, up: true, lowerUp: true, operState: "UP" };
    this.writer.change("link", netns, String(row.index), null, after, actor, detail);
  }

  address(netns: number, dev: number, local: string, length: number, actor: string): void {
    const row: AddressRow = { dev, local, length, scope: 0, secondary: false };
    this.writer.change("address", netns, `${dev}/${local}/${length}`, null, row, actor, "");
    const base = {
      table: 254,
      type: "unicast",
      protocol: 2,
      scope: 253,
      metric: 0,
      dead: false,
      linkdown: false,
    };
    const local32 = {
      ...base,
      table: 255,
      type: "local",
      scope: 254,
      dst: `${local}/32`,
      dev,
      prefSrc: local,
    };
    this.route(netns, local32, KERNEL, "address added");
    const network =
      local
        .split(".")
        .slice(0, length === 24 ? 3 : 2)
        .join(".") + (length === 24 ? ".0" : ".0.0");
    if (length < 32)
      this.route(
        netns,
        { ...base, dst: `${network}/${length}`, dev, prefSrc: local },
        KERNEL,
        "address added",
      );
  }

  route(netns: number, row: Omit<RouteRow, "id">, actor: string, detail: string): void {
    const id = ++this.routeId;
    this.routeIds.set(`${netns}/${row.dst}`, id);
    this.writer.change("route", netns, String(id), null, { ...row, id }, actor, detail);
  }

  neigh(
    netns: number,
    dev: number,
    dst: string,
    lladdr: string | undefined,
    state: string,
    actor = KERNEL,
  ): void {
    const row: NeighRow = { dev, dst, state, proxy: false, ...(lladdr === undefined ? {} : { lladdr }) };
    this.writer.change("neigh", netns, `${dev}/${dst}`, null, row, actor, "");
  }

  fdb(netns: number, row: FdbRow, actor: string): void {
    const key = `${row.table}/${row.mac}${row.dst === undefined ? "" : `/${row.dst}`}`;
    this.writer.change("fdb", netns, key, null, row, actor, "");
  }

  private gateway(
    netns: number,
    dst: string,
    gateway: string,
    dev: number,
    actor: string,
    onlink = false,
  ): void {
    const base = {
      table: 254,
      type: "unicast",
      protocol: 3,
      scope: 0,
      metric: 0,
      dead: false,
      linkdown: false,
    };
    const row = { ...base, dst, gateway, dev, ...(onlink ? { onlink } : {}) };
    this.route(netns, row, actor, actor === "flanneld" ? "lease of the other node" : "");
  }

  private node(name: string, node: number): void {
    const netns = nodeNetns(node);
    const port = 3 + node;
    this.netns(netns, name);
    this.link(
      netns,
      {
        index: 2,
        name: "eth0",
        kind: "veth",
        mac: nodeMac(node),
        mtu: 1500,
        peer: { netns: HOST, index: port },
      },
      "docker",
    );
    this.link(
      HOST,
      {
        index: port,
        name: `veth${node}c1f0aa`,
        kind: "veth",
        mac: `7a:00:00:00:00:0${node}`,
        mtu: 1500,
        master: 2,
        peer: { netns, index: 2 },
      },
      "docker",
    );
    this.fdb(HOST, { table: 2, dev: port, mac: nodeMac(node), state: "dynamic", local: false }, KERNEL);
    this.address(netns, 2, nodeIp(node), 16, "docker");
    this.gateway(netns, "default", "172.18.0.1", 2, "docker");
    this.writer.change("sysctl", netns, "net.ipv4.ip_forward", null, "1", "kubeadm", "");
    const vxlan = { id: 1, dstPort: 8472, local: nodeIp(node), dev: 2, learning: false };
    this.link(
      netns,
      { index: 3, name: "flannel.1", kind: "vxlan", mac: vtepMac(node), mtu: 1450, vxlan },
      "flanneld",
    );
    this.address(netns, 3, podIp(node, 0), 32, "flanneld");
    NODES.forEach((_, other) => {
      if (other === node) return;
      this.neigh(netns, 3, podIp(other, 0), vtepMac(other), "PERMANENT", "flanneld");
      const fdb = {
        table: 3,
        dev: 3,
        mac: vtepMac(other),
        state: "permanent",
        local: false,
        dst: nodeIp(other),
      } as const;
      this.fdb(netns, fdb, "flanneld");
      this.gateway(netns, `10.244.${other}.0/24`, podIp(other, 0), 3, "flanneld", true);
      this.neigh(netns, 2, nodeIp(other), nodeMac(other), "REACHABLE");
    });
    this.hostPod(netns, name, "kube-flannel", "kube-flannel-ds", "kube-flannel");
    this.hostPod(netns, name, "kube-system", "kube-proxy", "kube-proxy");
  }

  private hostPod(netns: number, node: string, namespace: string, pod: string, container: string): void {
    const id = `${pod}-${node}`;
    const sandbox = { id, node, namespace, pod: id, netnsPath: "", hostNetwork: true, state: "ready" };
    this.writer.change("sandbox", netns, id, null, sandbox, "kubelet", "");
    this.container(id, node, container, "registry.k8s.io/x", false);
  }

  private container(sandbox: string, node: string, name: string, image: string, pause: boolean): void {
    const id = `${sandbox}/${name}`;
    const row = { id, sandbox, node, name, image, pause, init: false, state: "running" };
    this.writer.change("container", 0, id, null, row, "kubelet", "");
  }

  private pod(node: number, pod: string, container: string): void {
    const netns = 10 + this.pods.length;
    const number = 2 + this.pods.filter((p) => p.node === node).length;
    const ip = podIp(node, number);
    const mac = `8e:7a:00:00:0${node}:0${number}`;
    const vethIndex = 3 + number;
    const host = nodeNetns(node);
    const name = NODES[node] ?? "";
    if (number === 2) {
      this.link(
        host,
        { index: 4, name: "cni0", kind: "bridge", mac: cniMac(node), mtu: 1450 },
        "bridge",
        "CNI ADD",
      );
      this.address(host, 4, podIp(node, 1), 24, "bridge");
      this.fdb(host, { table: 4, dev: 4, mac: cniMac(node), state: "permanent", local: true }, KERNEL);
    }
    this.netns(netns, `${name}.default.${pod}`);
    const peer = { netns: host, index: vethIndex };
    this.link(netns, { index: 2, name: "eth0", kind: "veth", mac, mtu: 1450, peer }, "bridge", "CNI ADD");
    this.link(
      host,
      {
        index: vethIndex,
        name: `veth${(node * 77 + number * 4099).toString(16)}c0`,
        kind: "veth",
        mac: `fe:00:00:00:0${node}:0${number}`,
        mtu: 1450,
        master: 4,
        peer: { netns, index: 2 },
        hairpin: true,
      },
      "bridge",
      "CNI ADD",
    );
    this.address(netns, 2, ip, 24, "bridge");
    this.gateway(netns, "default", podIp(node, 1), 2, "bridge");
    this.gateway(netns, "10.244.0.0/16", podIp(node, 1), 2, "bridge");
    this.fdb(host, { table: 4, dev: vethIndex, mac, state: "dynamic", local: false }, KERNEL);
    this.neigh(host, 4, ip, mac, "REACHABLE");
    const sandbox = {
      id: pod,
      node: name,
      namespace: "default",
      pod,
      netnsPath: `/run/netns/${pod}`,
      hostNetwork: false,
      state: "ready",
      ip,
    };
    this.writer.change("sandbox", netns, pod, null, sandbox, "kubelet", "");
    this.container(pod, name, "pause", "registry.k8s.io/pause:3.10", true);
    this.container(pod, name, container, "gb-frontend:v5", false);
    this.pods.push({ netns, name: pod, node, ip, mac, vethIndex });
  }
}
