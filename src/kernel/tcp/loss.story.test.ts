import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { millis, seconds } from "../../sim/time.ts";
import { acceptOne, connectTo, hear, listenOn, lossy, pump, say, Wiretap } from "../../testkit/stream.ts";
import { ip, TestNet } from "../../testkit/net.ts";
import type { StreamSocket } from "../uapi/index.ts";

/** a - r - b, with r in between to lose things. */
function routed(): TestNet {
  const net = new TestNet("a", "r", "b");
  net.wire("a", "eth0", "02:00:00:00:01:01", "r", "eth0", "02:00:00:00:01:02");
  net.wire("b", "eth0", "02:00:00:00:02:01", "r", "eth1", "02:00:00:00:02:02");
  net.address("a", "eth0", "10.1.0.1/24");
  net.address("r", "eth0", "10.1.0.254/24");
  net.address("b", "eth0", "10.2.0.1/24");
  net.address("r", "eth1", "10.2.0.254/24");
  net.route("a", "default", "10.1.0.254");
  net.route("b", "default", "10.2.0.254");
  net.forward("r");
  net.settle();
  return net;
}

function join(net: TestNet): { client: StreamSocket; server: StreamSocket } {
  const listener = listenOn(net, "b", 80);
  const client = connectTo(net, "a", "10.2.0.1", 80);
  net.settle(millis(10));
  return { client, server: acceptOne(listener) };
}

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 255);
}

/** Reads all that there is. */
function drain(socket: StreamSocket, into: number[]): void {
  for (let got = socket.receive(); got.ok && got.value != null; got = socket.receive())
    into.push(...got.value);
}

describe("loss", () => {
  test("a lost segment comes again after 200 ms, then 200, 400, 800, as Linux sends them", () => {
    const net = routed();
    const { client, server } = join(net);
    say(client, "one");
    net.settle(millis(100));
    net.at("r").sysctl.set("net.ipv4.ip_forward", "0");
    const tap = new Wiretap(net, "a", "eth0", "out");
    say(client, "two");
    net.settle(seconds(3));
    const start = tap.seen[0]!.time;
    expect(tap.seen.map(({ time }) => Math.round((time - start) / 1e8) / 10)).toEqual([
      0, 0.2, 0.4, 0.8, 1.6,
    ]);
    net.at("r").sysctl.set("net.ipv4.ip_forward", "1");
    net.settle(seconds(4));
    expect(hear(server)).toBe("onetwo");
    expect(client.info().backoff).toBe(0);
  });

  test("a connection that nobody answers is given up after tcp_retries2, with what ICMP said", () => {
    const net = routed();
    const { client } = join(net);
    net.at("a").sysctl.set("net.ipv4.tcp_retries2", "5");
    const gone = net
      .at("r")
      .address.list()
      .find((a) => a.prefixLength === 24);
    expect(gone).toBeDefined();
    net.at("r").link.change(net.dev("r", "eth1"), { up: false });
    say(client, "into the void");
    net.settle(seconds(60));
    expect(client.takeError()).toBe("ENETUNREACH");
  });

  test("three duplicate acknowledgements bring a lost segment back at once", () => {
    const net = routed();
    const { client, server } = join(net);
    const data = pattern(60_000);
    const heard: number[] = [];
    const push = pump(client, data);
    // Half of the way is warm; then one segment of the next flight is lost.
    push();
    net.settle(millis(50));
    drain(server, heard);
    expect(client.info().unacked).toBe(0);
    const tap = new Wiretap(net, "b", "eth0", "in");
    const more = pattern(30_000);
    let lost = 0;
    let count = 0;
    lossy(net, "r", "eth0", (bytes) => bytes.length > 100 && ++count === 3 && lost++ === 0);
    pump(client, more)();
    net.settle(millis(100));
    drain(server, heard);
    expect(heard).toEqual([...data, ...more]);
    expect(lost).toBe(1);
    expect(client.info().retransmitted).toBe(1);
    tap.stop();
  });
});

describe("path MTU", () => {
  test("ICMP lowers the MSS, and what was too long comes again in pieces", () => {
    const net = routed();
    const { client, server } = join(net);
    net.at("r").link.change(net.dev("r", "eth1"), { mtu: 1300 });
    const tap = new Wiretap(net, "b", "eth0", "in");
    const data = pattern(20_000);
    const heard: number[] = [];
    pump(client, data)();
    net.settle(millis(100));
    drain(server, heard);
    expect(heard).toEqual([...data]);
    expect(Math.max(...tap.seen.map(({ length }) => length))).toBe(1248);
    expect(client.info().pathMtu).toBe(1300);
  });

  test("a black hole: where the ICMP error gets lost, the long never arrives, the short does", () => {
    const net = routed();
    const { client, server } = join(net);
    net.at("r").link.change(net.dev("r", "eth1"), { mtu: 1300 });
    // What the router says itself has no way to the sender; what it forwards has.
    const rule = { iif: "lo", dst: { address: ip("10.1.0.1"), length: 32 }, action: "blackhole" } as const;
    expect(net.at("r").rule.add(rule).ok).toBe(true);
    say(client, "short");
    net.settle(millis(10));
    expect(hear(server)).toBe("short");
    say(client, "x".repeat(1400));
    net.settle(seconds(10));
    expect(hear(server)).toBe("");
    expect(client.info().backoff).toBeGreaterThan(3);
  });
});

test("a window that is shut opens again", () => {
  const net = routed();
  const { client, server } = join(net);
  const data = pattern(400_000);
  const push = pump(client, data);
  const heard: number[] = [];
  for (let i = 0; i < 20; i++) {
    push();
    net.settle(seconds(1));
  }
  const tap = new Wiretap(net, "b", "eth0");
  expect(server.info().bytesReceived).toBeLessThan(70_000);
  for (let i = 0; i < 400 && heard.length < data.length; i++) {
    drain(server, heard);
    push();
    net.settle(seconds(2));
  }
  expect(heard.length).toBe(data.length);
  expect(heard).toEqual([...data]);
  tap.stop();
});

test("any pattern of loss delivers the same bytes", () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 40_000 }),
      fc.boolean(),
      (losses, length, back) => {
        const net = routed();
        const { client, server } = join(net);
        const data = pattern(length);
        const heard: number[] = [];
        let at = 0;
        const unlucky = (): boolean => losses[at++] ?? false;
        lossy(net, "r", back ? "eth1" : "eth0", unlucky);
        const push = pump(client, data);
        let open = true;
        for (let i = 0; i < 600 && heard.length < length; i++) {
          if (push() === 0 && open) {
            client.shutdown("write");
            open = false;
          }
          net.settle(millis(500));
          drain(server, heard);
        }
        expect(heard).toEqual([...data]);
        for (let i = 0; i < 200 && server.state !== "CLOSE-WAIT"; i++) net.settle(seconds(1));
        expect(server.receive()).toEqual({ ok: true, value: null });
      },
    ),
    { numRuns: 40 },
  );
});
