import { describe, expect, test } from "vitest";
import { must } from "../base/result.ts";
import { ip, TestNet } from "../testkit/net.ts";
import { ipv4Dest, ipv4Source, setIpv4Dest, setIpv4Source } from "../wire/ipv4.ts";
import { setIcmpChecksum } from "../wire/icmp.ts";

/** A namespace with tun0 and a program that holds it; `heard` is what the stack sent. */
function withProgram(): {
  net: TestNet;
  heard: Uint8Array[];
  write: (bytes: Uint8Array) => boolean;
  close: () => void;
} {
  const net = new TestNet("a");
  const heard: Uint8Array[] = [];
  const opened = net.at("a").tun.open("tun0", "tun", (packet) => heard.push(packet));
  const file = must(opened.ok ? opened.value : undefined, "tun0");
  net.address("a", "tun0", "10.5.0.1/24");
  net.up("a", "tun0");
  return { net, heard, write: (bytes) => file.write(bytes).ok, close: () => file.close() };
}

describe("a tun device", () => {
  test("hands what the stack sends to the program, from the IP header", () => {
    const { net, heard } = withProgram();
    net.ping("a", "10.5.0.2");
    expect(heard.map((p) => [p[0], ipv4Dest(p, 0)])).toEqual([[0x45, ip("10.5.0.2")]]);
  });

  test("takes in what the program writes: a program that turns packets round answers pings", () => {
    const { net, heard, write } = withProgram();
    const socket = net.at("a").socket.icmp("ping", (type) => type === 0);
    net.ping("a", "10.5.0.2");
    const packet = must(heard[0], "packet").slice();
    const [from, to] = [ipv4Source(packet, 0), ipv4Dest(packet, 0)];
    setIpv4Source(packet, 0, to);
    setIpv4Dest(packet, 0, from);
    packet[20] = 0;
    setIcmpChecksum(packet, 20, packet.length);
    expect(write(packet)).toBe(true);
    expect(write(Uint8Array.of(0, 0))).toBe(false);
    const answer = socket.receive();
    expect(answer.ok && answer.value?.from.address).toBe(ip("10.5.0.2"));
  });

  test("goes with its program unless it is persistent, and then loses its carrier", () => {
    const { net, close } = withProgram();
    close();
    const { link, tun } = net.at("a");
    expect(link.byName("tun0")).toBeUndefined();
    expect(tun.create("tun1", { mode: "tun" }).ok).toBe(true);
    net.up("a", "tun1");
    expect(link.byName("tun1")).toMatchObject({ lowerUp: false, operState: "DOWN" });
    const held = tun.open("tun1", "tun", () => undefined);
    expect(link.byName("tun1")).toMatchObject({ lowerUp: true, operState: "UNKNOWN" });
    expect(tun.open("tun1", "tun", () => undefined)).toMatchObject({ ok: false, error: { errno: "EBUSY" } });
    if (held.ok) held.value.close();
    expect(link.byName("tun1")?.operState).toBe("DOWN");
  });
});

test("asking for tunl0 by name brings it", () => {
  const net = new TestNet("a");
  expect(net.at("a").link.byName("tunl0")).toMatchObject({ kind: "ipip", operState: "DOWN" });
});
