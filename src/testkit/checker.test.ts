import { describe, expect, test } from "vitest";
import * as frames from "../wire/fixtures.ts";
import { arp, checkFrame, ethernet, icmp, ipv4, mismatch, payload, tcp, udp, vxlan } from "./checker.ts";

describe("a frame that is as expected passes", () => {
  test("a tunnelled echo, layer by layer", () => {
    checkFrame(
      frames.VXLAN_ICMP,
      ethernet({ dst: "02:00:00:00:00:0b", type: 0x0800 }),
      ipv4({ src: "10.0.0.1", dst: "10.0.0.2", ttl: 64, dontFragment: false }),
      udp({ destPort: 4789 }),
      vxlan({ vni: 42 }),
      ethernet({ src: "02:00:00:00:42:0a" }),
      ipv4({ dst: "10.42.0.2", protocol: 1, totalLength: 84 }),
      icmp({ type: 8, sequence: 1 }),
      payload({ length: 56 }),
    );
  });

  test("a question, a segment, a text", () => {
    checkFrame(
      frames.ARP_REQUEST,
      ethernet(),
      arp({ operation: 1, targetIp: "10.0.0.2" }),
      payload({ length: 0 }),
    );
    checkFrame(frames.TCP_SYN_ACK, ethernet(), ipv4(), tcp({ flags: "S.", sourcePort: 80 }));
    checkFrame(frames.UDP_DATAGRAM, ethernet(), ipv4(), udp({ length: 14 }), payload({ text: "hello\n" }));
  });

  test("an error and the packet it quotes, though that is cut short", () => {
    checkFrame(
      frames.ICMP_FRAG_NEEDED,
      ethernet(),
      ipv4({ tos: 0xc0 }),
      icmp({ type: 3, code: 4, mtu: 1400 }),
      ipv4({ quoted: true, dst: "10.7.0.9", totalLength: 1500 }),
      icmp({ type: 8 }),
    );
  });
});

describe("a frame that is not tells", () => {
  test("every field that differs, expected first", () => {
    const text = mismatch(frames.ICMP_ECHO_REQUEST, [
      ethernet(),
      ipv4({ src: "10.0.0.9", ttl: 63, dst: "10.0.0.2" }),
    ]);
    expect(text).toContain("layer 2 (ipv4) at byte 14:");
    expect(text).toContain("src: expected 10.0.0.9, got 10.0.0.1\n  ttl: expected 63, got 64");
    expect(text).not.toContain("dst");
  });

  test.each([
    ["a wrong header checksum", 24, [ethernet(), ipv4()], "bad-checksum"],
    ["a wrong message checksum", 60, [ethernet(), ipv4(), icmp()], "bad-checksum"],
    ["another protocol", 0, [ethernet(), arp()], "not-ethernet"],
  ] as const)("%s", (_, at, checks, why) => {
    const frame = frames.ICMP_ECHO_REQUEST.slice();
    if (at > 0) frame[at]! ^= 1;
    expect(mismatch(frame, checks)).toContain(why);
  });

  test("a wrong checksum of a datagram", () => {
    const frame = frames.UDP_DATAGRAM.slice();
    frame[45]! ^= 1;
    expect(mismatch(frame, [ethernet(), ipv4(), udp()])).toContain("checksum is wrong");
  });

  test("that there is none", () => {
    expect(() => checkFrame(undefined, ethernet())).toThrow("there is no frame");
  });
});
