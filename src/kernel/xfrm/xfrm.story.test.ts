import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { must } from "../../base/result.ts";
import { type Ipv4Prefix, parsePrefix } from "../../wire/address.ts";
import { seconds } from "../../sim/time.ts";
import { ip, TestNet } from "../../testkit/net.ts";
import type { FrameRecord, TraceRecord } from "../../trace/record.ts";
import type { XfrmApi, XfrmDirection, XfrmNotice, XfrmStateSpec } from "../uapi/index.ts";
import { XFRM } from "./late.ts";
import { XFRM_MODULE } from "./module.ts";

beforeAll(() => XFRM.provide(XFRM_MODULE));

const prefix = (text: string): Ipv4Prefix => must(parsePrefix(text), text);
const KEY = new Uint8Array(20).fill(7);
const ANYWHERE = prefix("0.0.0.0/0");

function state(src: string, dst: string, spi: number, more: Partial<XfrmStateSpec> = {}): XfrmStateSpec {
  return {
    src: ip(src),
    dst: ip(dst),
    spi,
    mode: "tunnel",
    reqid: 1,
    seq: 0,
    replayWindow: 32,
    flags: [],
    selector: { src: ANYWHERE, dst: ANYWHERE, protocol: 0 },
    limits: {},
    aead: { name: "rfc4106(gcm(aes))", key: KEY, icvBits: 128 },
    ...more,
  };
}

function policy(xfrm: XfrmApi, dir: XfrmDirection, from: string, to: string, src: string, dst: string): void {
  xfrm.addPolicy(
    {
      dir,
      selector: { src: prefix(from), dst: prefix(to), protocol: 0 },
      action: "allow",
      priority: 0,
      index: 0,
      flags: [],
      limits: {},
      template: { src: ip(src), dst: ip(dst), spi: 0, reqid: 1, mode: "tunnel", optional: false },
    },
    "add",
  );
}

/** Two hosts; what their second addresses say to each other is to go through a tunnel. */
function pair(): TestNet {
  const net = new TestNet("a", "b");
  net.wire("a", "eth0", "02:00:00:00:aa:01", "b", "eth0", "02:00:00:00:aa:02");
  for (const [i, name] of ["a", "b"].entries()) {
    const [own, other] = [i + 1, 2 - i];
    net.address(name, "eth0", `10.0.0.${own}/24`);
    net.address(name, "lo", `10.${own}.0.1/32`);
    net.up(name, "lo");
    const to = {
      dst: prefix(`10.${other}.0.0/16`),
      nexthops: [{ gateway: ip(`10.0.0.${other}`) }],
      prefSrc: ip(`10.${own}.0.1`),
    };
    if (!net.at(name).route.add(to, "add").ok) throw new Error("no route");
    const { xfrm } = net.at(name);
    policy(xfrm, "out", `10.${own}.0.0/16`, `10.${other}.0.0/16`, `10.0.0.${own}`, `10.0.0.${other}`);
    policy(xfrm, "in", `10.${other}.0.0/16`, `10.${own}.0.0/16`, `10.0.0.${other}`, `10.0.0.${own}`);
  }
  return net;
}

function keys(net: TestNet): void {
  for (const name of ["a", "b"]) {
    net.at(name).xfrm.addState(state("10.0.0.1", "10.0.0.2", 0x101), "add");
    net.at(name).xfrm.addState(state("10.0.0.2", "10.0.0.1", 0x102), "add");
  }
}

const counted = (net: TestNet, name: string): Record<string, number> =>
  Object.fromEntries(
    net
      .at(name)
      .xfrm.counters()
      .filter(([, n]) => n > 0),
  );

/** Protocols of the IPv4 packets that a device saw, with their direction. */
function protocols(records: readonly TraceRecord[], netns: number): string[] {
  return records
    .filter(
      (r): r is FrameRecord =>
        r.kind === "frame" && r.netns === netns && r.bytes[12] === 8 && r.bytes[13] === 0,
    )
    .map((f) => `${f.direction} ${f.bytes[23]}`);
}

describe("two hosts with policies", () => {
  let net: TestNet;
  beforeEach(() => {
    net = pair();
    net.settle();
    net.records();
  });

  test("without states nothing leaves, and the counter tells", () => {
    expect(net.ping("a", "10.2.0.1")).toEqual([]);
    expect(counted(net, "a")).toEqual({ XfrmOutNoStates: 1 });
    expect(net.records().some((r) => r.kind === "drop" && r.reason === "XFRM_OUT_NO_STATE")).toBe(true);
  });

  test("with states the wire carries ESP only; what was inside comes in once more", () => {
    keys(net);
    expect(net.ping("a", "10.2.0.1")).toHaveLength(1);
    const records = net.records();
    expect(protocols(records, net.at("a").netns)).toEqual(["out 50", "in 50", "in 1"]);
    const steps = records.flatMap((r) =>
      r.kind === "encap" || r.kind === "decap" ? [`${r.kind} ${r.vni}`] : [],
    );
    expect(steps).toEqual(["encap 257", "decap 257", "encap 258", "decap 258"]);
    expect(net.at("b").xfrm.getState({ dst: ip("10.0.0.2"), spi: 0x101 })).toMatchObject({
      value: { replay: { seq: 1, bitmap: 1 }, current: { packets: 1 } },
    });
  });

  test("over UDP: only a socket that says so hands ESP to the kernel, and IKE stays its own", () => {
    const encap = { sport: 4500, dport: 4500, address: ip("0.0.0.0") };
    for (const name of ["a", "b"]) {
      net.at(name).xfrm.addState(state("10.0.0.1", "10.0.0.2", 0x101, { encap }), "add");
      net.at(name).xfrm.addState(state("10.0.0.2", "10.0.0.1", 0x102, { encap }), "add");
    }
    const open = (name: string) => {
      const socket = net.at(name).socket.udp("charon");
      socket.bind({ address: ip("0.0.0.0"), port: 4500 });
      return socket;
    };
    const [mine, theirs] = [open("a"), open("b")];
    expect(net.ping("a", "10.2.0.1")).toEqual([]);
    for (const socket of [mine, theirs]) socket.setOptions({ espInUdp: true });
    net.records();
    expect(net.ping("a", "10.2.0.1")).toHaveLength(1);
    expect(protocols(net.records(), net.at("a").netns)).toEqual(["out 17", "in 17", "in 1"]);
    expect(theirs.receive()).toMatchObject({ value: { from: { port: 4500 } } });
    expect(theirs.receive()).toEqual({ ok: true, value: undefined });
    mine.send(Uint8Array.of(0, 0, 0, 0, 1, 2, 3, 4, 5), { address: ip("10.0.0.2"), port: 4500 });
    mine.send(Uint8Array.of(0xff), { address: ip("10.0.0.2"), port: 4500 });
    net.settle();
    expect(theirs.receive()).toMatchObject({ value: { bytes: Uint8Array.of(0, 0, 0, 0, 1, 2, 3, 4, 5) } });
    expect(theirs.receive()).toEqual({ ok: true, value: undefined });
    // A state without encapsulation does not take it.
    net.at("b").xfrm.deleteState({ dst: ip("10.0.0.2"), spi: 0x101 });
    net.at("b").xfrm.addState(state("10.0.0.1", "10.0.0.2", 0x101), "add");
    net.ping("a", "10.2.0.1");
    expect(counted(net, "b")).toEqual({ XfrmInStateMismatch: 1 });
  });

  test("a policy that forbids is told to the caller", () => {
    const { xfrm } = net.at("a");
    const own = xfrm.policies().find(({ dir }) => dir === "out")!;
    xfrm.addPolicy({ ...own, action: "block" }, "update");
    const socket = net.at("a").socket.udp("test");
    const sent = socket.send(new Uint8Array(4), { address: ip("10.2.0.1"), port: 9 });
    expect(sent).toEqual({ ok: false, error: { errno: "EPERM" } });
  });

  test("who listens is asked for a state, once, and waits 30 seconds", () => {
    const heard: XfrmNotice[] = [];
    const end = net.at("a").xfrm.listen((notice) => heard.push(notice));
    net.ping("a", "10.2.0.1");
    net.ping("a", "10.2.0.1");
    expect(heard.map(({ kind }) => kind)).toEqual(["acquire"]);
    expect(net.at("a").xfrm.states()).toMatchObject([
      { larval: true, spi: 0, dst: ip("10.0.0.2"), reqid: 1 },
    ]);
    net.settle(seconds(31));
    expect(net.at("a").xfrm.states()).toEqual([]);
    end();
    expect(heard.at(-1)).toMatchObject({ kind: "expire", hard: true });
  });

  test("a state ends with its lifetime; a soft one is told of first", () => {
    const heard: string[] = [];
    net.at("a").xfrm.listen((n) => heard.push(n.kind === "expire" ? `expire ${n.hard}` : n.kind));
    const limits = { softAdd: 10, hardAdd: 12 };
    net.at("a").xfrm.addState(state("10.0.0.1", "10.0.0.2", 0x101, { limits }), "add");
    net.settle(seconds(11));
    expect(heard).toEqual(["state", "expire false"]);
    net.settle(seconds(2));
    expect(heard).toEqual(["state", "expire false", "expire true"]);
    expect(net.at("a").xfrm.states()).toEqual([]);
  });
});
