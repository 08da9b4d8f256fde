import { beforeEach, describe, expect, test } from "vitest";
import { ip, mac, TestNet } from "../testkit/net.ts";
import { arp, checkFrame, ethernet, icmp, ipv4, udp, vxlan } from "../testkit/checker.ts";
import type { FrameRecord, TraceRecord } from "../trace/record.ts";

/** Two nodes on a switch, a pod each, flannel's VXLAN between them. */
function twoNodes(): TestNet {
  const net = new TestNet("fabric", "n1", "n2", "p1", "p2");
  net.bridge("fabric", "sw", "02:00:00:00:50:01");
  for (const i of [1, 2]) {
    const [node, pod] = [`n${i}`, `p${i}`];
    net.wire(node, "ens3", `02:00:00:00:01:0${i}`, "fabric", `port${i}`, `02:00:00:00:51:0${i}`);
    net.enslave("fabric", `port${i}`, "sw");
    net.address(node, "ens3", `172.31.7.1${i}/20`);
    net.forward(node);
    const at = net.at(node);
    at.link.add({
      kind: "vxlan",
      name: "flannel.1",
      mac: mac(`02:00:00:00:0f:0${i}`),
      vxlan: {
        id: 1,
        dstPort: 8472,
        local: ip(`172.31.7.1${i}`),
        dev: net.dev(node, "ens3"),
        learning: false,
      },
    });
    net.address(node, "flannel.1", `10.42.${i}.0/32`);
    net.up(node, "flannel.1");
    net.bridge(node, "cni0", `02:00:00:00:0c:0${i}`);
    net.address(node, "cni0", `10.42.${i}.1/24`);
    net.wire(node, "veth0", `02:00:00:00:b0:0${i}`, pod, "eth0", `02:00:00:00:aa:0${i}`);
    net.enslave(node, "veth0", "cni0");
    net.address(pod, "eth0", `10.42.${i}.7/24`);
    net.route(pod, "default", `10.42.${i}.1`);
  }
  for (const i of [1, 2]) {
    const o = 3 - i;
    const dev = net.dev(`n${i}`, "flannel.1");
    const at = net.at(`n${i}`);
    net.route(`n${i}`, `10.42.${o}.0/24`, `10.42.${o}.0`, "flannel.1", true);
    at.neigh.add(
      { dev, dst: ip(`10.42.${o}.0`), lladdr: mac(`02:00:00:00:0f:0${o}`), state: "PERMANENT" },
      "add",
    );
    at.fdb.add(
      { dev, mac: mac(`02:00:00:00:0f:0${o}`), target: "self", dst: ip(`172.31.7.1${o}`) },
      "append",
    );
  }
  net.settle();
  net.records();
  return net;
}

function framesOn(
  records: readonly TraceRecord[],
  dev: number,
  netns: number,
  direction: "in" | "out",
): FrameRecord[] {
  return records.filter(
    (r): r is FrameRecord =>
      r.kind === "frame" && r.dev === dev && r.netns === netns && r.direction === direction,
  );
}

describe("a ping between pods on two nodes over VXLAN", () => {
  let net: TestNet;
  beforeEach(() => {
    net = twoNodes();
  });

  test("is answered, two routers away", () => {
    const answers = net.ping("p1", "10.42.2.7");
    expect(answers.map((a) => [a.from.address, a.ttl])).toEqual([[ip("10.42.2.7"), 62]]);
  });

  test("travels between the nodes inside UDP to port 8472, after one ARP for the other node", () => {
    net.ping("p1", "10.42.2.7");
    const n1 = net.at("n1");
    const out = framesOn(net.records(), net.dev("n1", "ens3"), n1.netns, "out");
    expect(out).toHaveLength(2);
    checkFrame(
      out[0]?.bytes,
      ethernet({ dst: "ff:ff:ff:ff:ff:ff" }),
      arp({ operation: 1, targetIp: "172.31.7.12" }),
    );
    checkFrame(
      out[1]?.bytes,
      ethernet({ src: "02:00:00:00:01:01", dst: "02:00:00:00:01:02" }),
      ipv4({ src: "172.31.7.11", dst: "172.31.7.12", ttl: 64 }),
      udp({ destPort: 8472 }),
      vxlan({ vni: 1 }),
      ethernet({ src: "02:00:00:00:0f:01", dst: "02:00:00:00:0f:02" }),
      ipv4({ src: "10.42.1.7", dst: "10.42.2.7", ttl: 63 }),
      icmp({ type: 8 }),
    );
  });

  test("dies of TTL 1 at the first router, which answers from the address it would use to reach the pod", () => {
    const answers = net.ping("p2", "10.42.1.7", 1);
    expect(answers.map((a) => a.from.address)).toEqual([ip("10.42.2.1")]);
  });

  test("dies of TTL 2 at the second router, which answers with flannel.1's address through the tunnel", () => {
    const answers = net.ping("p2", "10.42.1.7", 2);
    expect(answers.map((a) => a.from.address)).toEqual([ip("10.42.1.0")]);
  });

  test("is dropped by flannel.1 when the FDB does not know the other VTEP", () => {
    const dev = net.dev("n1", "flannel.1");
    net.at("n1").fdb.delete({ dev, mac: mac("02:00:00:00:0f:02"), target: "self", dst: ip("172.31.7.12") });
    expect(net.ping("p1", "10.42.2.7")).toEqual([]);
    const drops = net.records().filter((r) => r.kind === "drop");
    expect(drops).toMatchObject([{ reason: "VXLAN_NO_REMOTE", where: "vxlan_xmit", dev }]);
  });

  test("leaves a lineage: the reply descends from the request", () => {
    net.ping("p1", "10.42.2.7");
    const records = net.records();
    const request = records.find((r) => r.kind === "origin" && r.origin === "socket");
    const reply = records.find((r) => r.kind === "origin" && r.origin === "echo-reply");
    expect(reply).toMatchObject({ from: request?.kind === "origin" ? request.skb : -1 });
  });
});
