import { beforeEach, describe, expect, test } from "vitest";
import { publicKey } from "../base/x25519.ts";
import { seconds } from "../sim/time.ts";
import { ip, TestNet } from "../testkit/net.ts";
import type { FrameRecord } from "../trace/record.ts";
import type { WireguardChange } from "./uapi/index.ts";

const KEYS = [1, 2].map((n) => new Uint8Array(32).fill(n));

/** Two hosts on a wire, each the other's peer; only `a` knows where to find the other. */
function pair(extra: (i: number) => Partial<WireguardChange> = () => ({})): TestNet {
  const net = new TestNet("a", "b");
  net.wire("a", "eth0", "02:00:00:00:aa:01", "b", "eth0", "02:00:00:00:aa:02");
  for (const [i, name] of ["a", "b"].entries()) {
    net.address(name, "eth0", `10.0.0.${i + 1}/24`);
    const at = net.at(name);
    at.link.add({ kind: "wireguard", name: "wg0" });
    const peer = {
      publicKey: publicKey(KEYS[1 - i]!),
      allowedIps: [{ address: ip(`10.9.0.${2 - i}`), length: 32 }],
      ...(i === 0 ? { endpoint: { address: ip("10.0.0.2"), port: 51821 } } : {}),
    };
    at.wireguard.set(net.dev(name, "wg0"), {
      privateKey: KEYS[i]!,
      listenPort: 51820 + i,
      peers: [peer],
      ...extra(i),
    });
    net.address(name, "wg0", `10.9.0.${i + 1}/24`);
    net.up(name, "wg0");
  }
  net.settle();
  net.records();
  return net;
}

/** Lengths of the UDP payloads on the wire, in order. */
function payloads(net: TestNet): number[] {
  const dev = net.dev("a", "eth0");
  return net
    .records()
    .filter((r): r is FrameRecord => r.kind === "frame" && r.dev === dev && r.netns === net.at("a").netns)
    .filter((f) => f.bytes[23] === 17)
    .map((f) => f.length - 42);
}

describe("a WireGuard tunnel", () => {
  let net: TestNet;
  beforeEach(() => {
    net = pair();
  });

  test("shakes hands when the first packet comes, then carries it: 148, 92, and 32 more than the padded packet", () => {
    expect(net.ping("a", "10.9.0.2").map((a) => a.ttl)).toEqual([64]);
    expect(payloads(net)).toEqual([148, 92, 128, 128]);
  });

  test("learns where the other end is from what it sends", () => {
    const sent = net
      .at("b")
      .socket.udp("test")
      .send(new Uint8Array(1), { address: ip("10.9.0.1"), port: 9 });
    expect(sent).toMatchObject({ ok: false, error: { errno: "EDESTADDRREQ" } });
    net.ping("a", "10.9.0.2");
    expect(net.ping("b", "10.9.0.1")).toHaveLength(1);
  });

  test("says a sign of life ten seconds after it heard something and had nothing to say", () => {
    net.ping("a", "10.9.0.2");
    payloads(net);
    net.settle(seconds(11));
    expect(payloads(net)).toEqual([32]);
  });

  test("has no way for a destination that no peer may have", () => {
    const socket = net.at("a").socket.udp("test");
    const sent = socket.send(new Uint8Array(1), { address: ip("10.9.0.3"), port: 9 });
    expect(sent).toMatchObject({ ok: false, error: { errno: "ENOKEY" } });
  });

  test("tries again every five seconds while nobody answers, and gives up after 90", () => {
    net.at("b").link.change(net.dev("b", "wg0"), { up: false });
    net.ping("a", "10.9.0.2");
    net.settle(seconds(200));
    expect(payloads(net).filter((n) => n === 148)).toHaveLength(19);
  });
});

test("a preshared key that only one end has lets nothing through", () => {
  const peer = { publicKey: publicKey(KEYS[1]!), presharedKey: new Uint8Array(32).fill(9) };
  const net = pair();
  net.at("a").wireguard.set(net.dev("a", "wg0"), { peers: [peer] });
  expect(net.ping("a", "10.9.0.2")).toEqual([]);
});

test("a packet from an address that the peer may not have is dropped", () => {
  const net = pair();
  net.address("a", "wg0", "10.9.0.77/32");
  const socket = net.at("a").socket.udp("test");
  socket.bind({ address: ip("10.9.0.77"), port: 7 });
  socket.send(new Uint8Array(4), { address: ip("10.9.0.2"), port: 9 });
  net.settle();
  expect(net.records().filter((r) => r.kind === "drop")).toMatchObject([{ reason: "IP_INVALID_SOURCE" }]);
});
