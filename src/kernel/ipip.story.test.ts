import { beforeEach, describe, expect, test } from "vitest";
import { ip, TestNet } from "../testkit/net.ts";
import { checkFrame, ethernet, icmp, ipv4 } from "../testkit/checker.ts";
import type { FrameRecord, TraceRecord } from "../trace/record.ts";

/** Two routers joined by an IPIP tunnel over a third, a host behind each. */
function twoSites(): TestNet {
  const net = new TestNet("n1", "n2", "r", "p1", "p2");
  for (const i of [1, 2]) {
    const o = 3 - i;
    net.wire(`n${i}`, "eth0", `02:00:00:00:01:0${i}`, "r", `e${i}`, `02:00:00:00:02:0${i}`);
    net.wire(`p${i}`, "eth0", `02:00:00:00:aa:0${i}`, `n${i}`, "c0", `02:00:00:00:ac:0${i}`);
    net.address("r", `e${i}`, `10.0.${i}.1/24`);
    net.address(`n${i}`, "eth0", `10.0.${i}.2/24`);
    net.route(`n${i}`, "default", `10.0.${i}.1`);
    net.address(`n${i}`, "c0", `10.1.${i}.1/24`);
    net.address(`p${i}`, "eth0", `10.1.${i}.2/24`);
    net.route(`p${i}`, "default", `10.1.${i}.1`);
    const tunnel = { local: ip(`10.0.${i}.2`), remote: ip(`10.0.${o}.2`) };
    net.at(`n${i}`).link.add({ kind: "ipip", name: "t0", tunnel });
    net.up(`n${i}`, "t0");
    net.route(`n${i}`, `10.1.${o}.0/24`, undefined, "t0");
  }
  net.forward("n1", "n2", "r");
  net.settle();
  net.records();
  return net;
}

function seen(records: readonly TraceRecord[], net: TestNet, name: string, device: string): FrameRecord[] {
  const { netns } = net.at(name);
  const dev = net.dev(name, device);
  return records.filter((r): r is FrameRecord => r.kind === "frame" && r.netns === netns && r.dev === dev);
}

describe("a ping through an IPIP tunnel", () => {
  let net: TestNet;
  beforeEach(() => {
    net = twoSites();
  });

  test("is answered; the way between the tunnel's ends costs no TTL", () => {
    expect(net.ping("p1", "10.1.2.2").map((a) => a.ttl)).toEqual([62]);
  });

  test("has no link-layer header on the tunnel, and an outer header with the TTL of the inner one below it", () => {
    net.ping("p1", "10.1.2.2");
    const records = net.records();
    const [request] = seen(records, net, "n1", "t0");
    expect(request?.raw).toBe(true);
    checkFrame(request?.bytes, ipv4({ src: "10.1.1.2", dst: "10.1.2.2", ttl: 63 }), icmp({ type: 8 }));
    const outer = seen(records, net, "n1", "eth0").find((f) => f.direction === "out" && f.length === 118);
    checkFrame(
      outer?.bytes,
      ethernet({ src: "02:00:00:00:01:01" }),
      ipv4({ src: "10.0.1.2", dst: "10.0.2.2", ttl: 63 }),
    );
    expect(records.filter((r) => r.kind === "encap")).toMatchObject([{ bytes: 20 }, { bytes: 20 }]);
  });

  test("tells its sender when the other end stopped taking packets", () => {
    net.at("n2").link.change(net.dev("n2", "t0"), { up: false });
    expect(net.ping("p1", "10.1.2.2")).toEqual([]);
    expect(net.ping("p1", "10.1.2.2").map((a) => [a.from.address, a.bytes[20]])).toEqual([
      [ip("10.1.1.1"), 3],
    ]);
  });

  test("notes the path MTU of its destination, though nothing was too long", () => {
    net.ping("p1", "10.1.2.2");
    const answer = net.at("n1").route.get({ dst: ip("10.1.2.2") });
    expect(answer).toMatchObject({ ok: true, value: { mtu: 1480 } });
  });
});

test("the module brings tunl0 into every namespace, later ones too, and no command removes it", () => {
  const net = new TestNet("a");
  net.kernel.loadModule("ipip");
  const at = net.at("a");
  const later = net.kernel.open(net.kernel.createNetns("b"), { name: "test" });
  expect(later.link.byName("tunl0")).toMatchObject({ index: 2, lower: null, tunnel: { fallback: true } });
  expect(at.link.delete(net.dev("a", "tunl0")).ok).toBe(true);
  expect(at.link.byName("tunl0")).toBeDefined();
});
