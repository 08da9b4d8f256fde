import { beforeEach, describe, expect, test } from "vitest";
import { millis, seconds } from "../../sim/time.ts";
import { acceptOne, connectTo, hear, listenOn, say, Wiretap } from "../../testkit/stream.ts";
import { ip, TestNet } from "../../testkit/net.ts";
import { decodeTcpOptions, tcpOptionsText } from "../../wire/tcp-options.ts";
import { tcpHeaderLength, tcpWindow } from "../../wire/tcp.ts";

let net: TestNet;
let tap: Wiretap;

beforeEach(() => {
  net = new TestNet("a", "b");
  net.wire("a", "eth0", "02:00:00:00:01:01", "b", "eth0", "02:00:00:00:01:02");
  net.address("a", "eth0", "10.1.0.1/24");
  net.address("b", "eth0", "10.1.0.2/24");
  net.settle();
  tap = new Wiretap(net, "a", "eth0");
});

describe("handshake", () => {
  test("SYN, SYN-ACK, ACK; both sides stand", () => {
    const listener = listenOn(net, "b", 80);
    const client = connectTo(net, "a", "10.1.0.2", 80);
    expect(client.state).toBe("SYN-SENT");
    net.settle(millis(10));
    const server = acceptOne(listener);
    expect([client.state, server.state]).toEqual(["ESTABLISHED", "ESTABLISHED"]);
    expect(tap.story).toEqual(["4000>80 S", "80>4000 SA", "4000>80 A"]);
    expect(server.remote()).toEqual({ address: ip("10.1.0.1"), port: 4000 });
  });

  test("a SYN looks like Linux 6.18's", () => {
    listenOn(net, "b", 80);
    connectTo(net, "a", "10.1.0.2", 80);
    net.settle(millis(10));
    const shown = tap.seen.slice(0, 2).map(({ bytes }) => {
      const options = decodeTcpOptions(bytes, 54, 34 + tcpHeaderLength(bytes, 34));
      const text = options.ok ? tcpOptionsText(options.value).replace(/TS val \d+ ecr \d+/, "TS") : "bad";
      return `win ${tcpWindow(bytes, 34)} ${text}`;
    });
    expect(shown).toEqual([
      "win 64240 mss 1460,sackOK,TS,nop,wscale 10",
      "win 65160 mss 1460,sackOK,TS,nop,wscale 10",
    ]);
    expect(tap.seen.map(({ bytes }) => tcpWindow(bytes, 34)).at(2)).toBe(63);
  });

  test("nobody listens: RST, ECONNREFUSED", () => {
    const client = connectTo(net, "a", "10.1.0.2", 81);
    net.settle(millis(10));
    expect(tap.story).toEqual(["4000>81 S", "81>4000 RA"]);
    expect(client.takeError()).toBe("ECONNREFUSED");
    expect(client.state).toBe("CLOSED");
  });

  test("nobody answers: SYNs each second, then doubled; ETIMEDOUT after 131 s", () => {
    net.route("a", "10.9.0.0/16", "10.1.0.2");
    const client = connectTo(net, "a", "10.9.0.1", 80);
    net.settle(seconds(130));
    const start = tap.seen[0]!.time;
    expect(tap.seen.map(({ time }) => Math.round((time - start) / 1e9))).toEqual([
      0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67,
    ]);
    expect(client.state).toBe("SYN-SENT");
    net.settle(seconds(2));
    expect(client.takeError()).toBe("ETIMEDOUT");
  });

  test("the neighbour does not answer ARP: EHOSTUNREACH after 3 s", () => {
    const client = connectTo(net, "a", "10.1.0.9", 80);
    net.settle(seconds(4));
    expect(client.takeError()).toBe("EHOSTUNREACH");
  });

  test("a full accept queue drops SYNs", () => {
    listenOn(net, "b", 80, 0);
    connectTo(net, "a", "10.1.0.2", 80, 4001);
    net.settle(millis(10));
    const second = connectTo(net, "a", "10.1.0.2", 80, 4002);
    net.settle(seconds(3));
    expect(second.state).toBe("SYN-SENT");
    expect(tap.story.filter((line) => line.startsWith("80>4002"))).toEqual([]);
  });
});

describe("the end", () => {
  function pair() {
    const listener = listenOn(net, "b", 80);
    const client = connectTo(net, "a", "10.1.0.2", 80);
    net.settle(millis(10));
    const server = acceptOne(listener);
    tap.clear();
    return { client, server, listener };
  }

  test("half close: the other side goes on", () => {
    const { client, server } = pair();
    say(client, "hello");
    client.shutdown("write");
    net.settle(millis(1));
    expect(hear(server)).toBe("hello<end>");
    expect([client.state, server.state]).toEqual(["FIN-WAIT-1", "CLOSE-WAIT"]);
    say(server, "late");
    net.settle(millis(1));
    expect(client.state).toBe("FIN-WAIT-2");
    expect(hear(client)).toBe("late");
    server.close();
    net.settle(millis(1));
    expect(hear(client)).toBe("<end>");
    expect(client.state).toBe("TIME-WAIT");
    expect(tap.story).toEqual([
      "4000>80 A+5",
      "4000>80 FA",
      "80>4000 A",
      "80>4000 A+4",
      "4000>80 A",
      "80>4000 FA",
      "4000>80 A",
    ]);
  });

  test("a FIN alone is acknowledged within 40 ms", () => {
    const { client } = pair();
    client.shutdown("write");
    net.settle(millis(30));
    expect(tap.story).toEqual(["4000>80 FA"]);
    net.settle(millis(20));
    expect(tap.story).toEqual(["4000>80 FA", "80>4000 A"]);
  });

  test("both close at once: both rest in TIME-WAIT for a minute", () => {
    const { client, server } = pair();
    client.close();
    server.close();
    net.settle(millis(10));
    expect(tap.story).toEqual(["4000>80 FA", "80>4000 FA", "4000>80 A", "80>4000 A"]);
    expect([client.state, server.state]).toEqual(["TIME-WAIT", "TIME-WAIT"]);
    net.settle(seconds(61));
    expect([client.state, server.state]).toEqual(["CLOSED", "CLOSED"]);
  });

  test("close with unread data resets", () => {
    const { client, server } = pair();
    say(client, "unread");
    net.settle(millis(1));
    server.close();
    net.settle(millis(1));
    expect(tap.story).toEqual(["4000>80 A+6", "80>4000 A", "80>4000 RA"]);
    expect(client.takeError()).toBe("ECONNRESET");
  });

  test("data for who has closed is answered with RST", () => {
    const { client, server } = pair();
    server.close();
    net.settle(millis(100));
    say(client, "x");
    net.settle(millis(1));
    expect(tap.story).toEqual(["80>4000 FA", "4000>80 A", "4000>80 A+1", "80>4000 R"]);
    expect(client.takeError()).toBe("EPIPE");
  });

  test("a port in TIME-WAIT is bound again with SO_REUSEADDR only, its pair is not", () => {
    const { client, server } = pair();
    client.close();
    net.settle(millis(1));
    server.close();
    net.settle(millis(1));
    const plain = net.at("a").socket.tcp("late");
    expect(plain.bind({ address: ip("0.0.0.0"), port: 4000 })).toMatchObject({
      error: { errno: "EADDRINUSE" },
    });
    plain.setOptions({ reuseAddress: true });
    expect(plain.bind({ address: ip("0.0.0.0"), port: 4000 }).ok).toBe(true);
    expect(plain.connect({ address: ip("10.1.0.2"), port: 80 })).toMatchObject({
      error: { errno: "EADDRNOTAVAIL" },
    });
  });

  test("a new connection from the same port is let in by an end in TIME-WAIT", () => {
    const { client, server, listener } = pair();
    server.close();
    net.settle(millis(1));
    client.close();
    net.settle(millis(10));
    expect([client.state, server.state]).toEqual(["CLOSED", "TIME-WAIT"]);
    tap.clear();
    const again = connectTo(net, "a", "10.1.0.2", 80);
    net.settle(millis(10));
    expect(again.state).toBe("ESTABLISHED");
    expect(tap.story).toEqual(["4000>80 S", "80>4000 SA", "4000>80 A"]);
    expect(acceptOne(listener).state).toBe("ESTABLISHED");
  });

  test("a listener that goes resets who waits in its queue", () => {
    const { listener } = pair();
    const waiting = connectTo(net, "a", "10.1.0.2", 80, 4007);
    net.settle(millis(1));
    listener.close();
    net.settle(millis(1));
    expect(waiting.takeError()).toBe("ECONNRESET");
  });
});

describe("sockets", () => {
  test("the journal tells the states", () => {
    listenOn(net, "b", 80);
    net.records();
    const client = connectTo(net, "a", "10.1.0.2", 80);
    net.settle(millis(10));
    client.close();
    const states = net
      .records()
      .flatMap((r) =>
        r.kind === "change" && r.table === "socket" ? [/"state":"([^"]*)"/.exec(r.after ?? "")?.[1]] : [],
      );
    expect(states).toContain("SYN-SENT");
    expect(states.filter((s) => s === "ESTABLISHED").length).toBeGreaterThanOrEqual(2);
    expect(states).toContain("FIN-WAIT-1");
  });

  test("two listeners on one port clash; on two addresses they do not", () => {
    listenOn(net, "b", 80);
    const other = net.at("b").socket.tcp("other");
    other.setOptions({ reuseAddress: true });
    expect(other.bind({ address: ip("10.1.0.2"), port: 80 })).toMatchObject({
      error: { errno: "EADDRINUSE" },
    });
    expect(other.bind({ address: ip("10.1.0.77"), port: 81 })).toMatchObject({
      error: { errno: "EADDRNOTAVAIL" },
    });
  });

  test("SO_REUSEPORT shares the connections", () => {
    const first = listenOn(net, "b", 80, 64, { reusePort: true });
    const second = listenOn(net, "b", 80, 64, { reusePort: true });
    for (let port = 5000; port < 5032; port++) connectTo(net, "a", "10.1.0.2", 80, port);
    net.settle(millis(10));
    const count = (l: typeof first): number => {
      let n = 0;
      for (let got = l.accept(); got.ok && got.value !== undefined; got = l.accept()) n++;
      return n;
    };
    const [one, two] = [count(first), count(second)];
    expect(one + two).toBe(32);
    expect(Math.min(one, two)).toBeGreaterThan(5);
  });
});
