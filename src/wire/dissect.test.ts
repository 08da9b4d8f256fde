import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dissect, type Field, type Layer } from "./dissect.ts";
import * as frames from "./fixtures.ts";
import { LINKTYPE_ETHERNET, LINKTYPE_RAW } from "./pcap.ts";

/** `ethernet/ipv4/udp/vxlan/>ethernet/>arp`: the header stack, `>` for each tunnel around a header. */
function stack(layers: readonly Layer[]): string {
  return layers.map((l) => ">".repeat(l.depth) + l.protocol).join("/");
}

/** The fields of a layer and their parts, flat. */
function flat(fields: readonly Field[]): Field[] {
  return fields.flatMap((f) => [f, ...flat(f.fields ?? [])]);
}

function value(layers: readonly Layer[], name: string): string | undefined {
  return flat(layers.flatMap((l) => l.fields)).find((f) => f.name === name)?.value;
}

describe("the header stack of a real frame", () => {
  test.each([
    ["ARP_REQUEST", "ethernet/arp"],
    ["ICMP_ECHO_REQUEST", "ethernet/ipv4/icmp/payload"],
    ["ICMP_PORT_UNREACHABLE", "ethernet/ipv4/icmp"],
    ["IPV4_LAST_FRAGMENT", "ethernet/ipv4/payload"],
    ["UDP_DATAGRAM", "ethernet/ipv4/udp/payload"],
    ["VXLAN_ARP", "ethernet/ipv4/udp/vxlan/>ethernet/>arp"],
    ["VXLAN_ICMP", "ethernet/ipv4/udp/vxlan/>ethernet/>ipv4/>icmp/>payload"],
    ["TCP_SYN", "ethernet/ipv4/tcp"],
    ["HTTP_REQUEST", "ethernet/ipv4/tcp/http"],
    ["HTTP_RESPONSE", "ethernet/ipv4/tcp/http"],
    ["DNS_QUERY", "ethernet/ipv4/udp/dns"],
    ["ICMPV6_NEIGHBOR_SOLICITATION", "ethernet/ipv6/icmpv6"],
    ["IPV6_HOP_BY_HOP", "ethernet/ipv6/icmpv6/payload"],
    ["VLAN_ARP", "ethernet/vlan/arp"],
    ["IPIP_ICMP", "ethernet/ipv4/>ipv4/>icmp/>payload"],
    ["GRE_ICMP", "ethernet/ipv4/gre/>ipv4/>icmp/>payload"],
    ["ESP", "ethernet/ipv4/esp/payload"],
  ] as const)("%s: %s", (name, expected) => {
    expect(stack(dissect(frames[name]))).toBe(expected);
  });

  test("covers the frame without gap or overlap, and finds every checksum right", () => {
    for (const [name, frame] of Object.entries(frames)) {
      let end = 0;
      for (const layer of dissect(frame)) {
        expect(layer.offset, name).toBe(end);
        end += layer.length;
      }
      expect(end, name).toBe(frame.length);
      const sums = flat(dissect(frame).flatMap((l) => l.fields)).filter((f) => f.name.endsWith(".checksum"));
      expect(sums.map((f) => f.value).filter((v) => v.includes("incorrect"))).toEqual([]);
    }
  });

  test("of a frame without link header", () => {
    expect(stack(dissect(frames.ICMP_ECHO_REQUEST.subarray(14), LINKTYPE_RAW))).toBe("ipv4/icmp/payload");
    expect(stack(dissect(frames.ICMPV6_ECHO_REQUEST.subarray(14), LINKTYPE_RAW))).toBe("ipv6/icmpv6/payload");
    expect(stack(dissect(frames.ICMP_ECHO_REQUEST, 147))).toBe("payload");
  });

  test("with the old Linux port of VXLAN", () => {
    const frame = frames.VXLAN_ARP.slice();
    frame.set([8472 >>> 8, 8472 & 255], 36);
    expect(stack(dissect(frame))).toBe("ethernet/ipv4/udp/vxlan/>ethernet/>arp");
  });
});

describe("fields", () => {
  test("stand at the bytes they name", () => {
    const ttl = dissect(frames.VXLAN_ICMP)
      .filter((l) => l.protocol === "ipv4")
      .map((l) => l.fields.find((f) => f.name === "ipv4.ttl"));
    expect(ttl).toEqual([
      { name: "ipv4.ttl", label: "Time to Live", value: "64", offset: 22, length: 1 },
      { name: "ipv4.ttl", label: "Time to Live", value: "64", offset: 72, length: 1 },
    ]);
  });

  test("of an ICMP error show the packet it quotes", () => {
    const icmp = dissect(frames.ICMP_TIME_EXCEEDED)[2]!;
    const quoted = icmp.fields.find((f) => f.name === "icmp.quoted")!;
    expect(quoted.value).toBe("IP 10.0.0.1 > 10.7.0.9: ICMP, ttl 1, DF, length 84");
    expect(quoted.fields!.map((f) => f.name)).toEqual(["ipv4", "icmp", "payload"]);
    expect(value([icmp], "ipv4.ttl")).toBe("1");
  });

  test("of a quotation of 8 bytes show what there is of the segment", () => {
    const packet = frames.TCP_SYN.subarray(14, 14 + 28);
    const error = frames.ICMP_PORT_UNREACHABLE.slice(0, 42 + packet.length);
    error.set(packet, 42);
    error[17] = 28 + packet.length;
    expect(value(dissect(error), "tcp.dstport")).toBe("80");
  });

  test("tell a wrong checksum", () => {
    const frame = frames.UDP_DATAGRAM.slice();
    frame[frame.length - 1]! ^= 1;
    expect(value(dissect(frame), "udp.checksum")).toBe("0xd696 [incorrect]");
    expect(value(dissect(frame), "ipv4.checksum")).toBe("0x51dd [correct]");
  });
});

describe("what is cut short", () => {
  test.each([
    [10, "Ethernet header cut short: 14 bytes needed, 10 there"],
    [30, "IPv4 header cut short: 20 bytes needed, 16 there"],
    [40, "UDP header cut short: 8 bytes needed, 6 there"],
    [46, "VXLAN header cut short: 8 bytes needed, 4 there"],
    [60, "Ethernet header cut short: 14 bytes needed, 10 there"],
    [80, "ARP packet cut short: 28 bytes needed, 16 there"],
  ])("at %i bytes: %s", (length, why) => {
    const last = dissect(frames.VXLAN_ARP.subarray(0, length)).at(-1)!;
    expect(last.protocol).toBe("malformed");
    expect(last.summary).toBe(why);
  });

  test("in the payload is said too", () => {
    const layers = dissect(frames.HTTP_RESPONSE.subarray(0, 120));
    expect(layers.at(-1)!.summary).toBe("HTTP head cut short: no empty line in this segment");
    const ping = dissect(frames.ICMP_ECHO_REQUEST.subarray(0, 90));
    expect(ping.at(-1)!.summary).toBe("IPv4 packet cut short: 84 bytes needed, 76 there");
  });
});

test("any bytes at all are dissected, within the frame", () => {
  const seeds = Object.values(frames);
  const hits = fc.array(fc.tuple(fc.nat(150), fc.nat(255)), { maxLength: 6 });
  const broken = fc.tuple(fc.nat(seeds.length - 1), hits, fc.nat(160)).map(([i, changes, cut]) => {
    const out = seeds[i]!.slice(0, cut % 2 === 0 ? cut : undefined);
    for (const [at, v] of changes) if (at < out.length) out[at] = v;
    return out;
  });
  const any = fc.oneof(broken, fc.uint8Array({ maxLength: 200 }));
  fc.assert(
    fc.property(any, fc.constantFrom(LINKTYPE_ETHERNET, LINKTYPE_RAW, 147), (frame, linkType) => {
      for (const layer of dissect(frame, linkType)) {
        expect(layer.offset + layer.length).toBeLessThanOrEqual(frame.length);
        for (const f of flat(layer.fields)) {
          expect(f.offset).toBeGreaterThanOrEqual(0);
          expect(f.length).toBeGreaterThanOrEqual(0);
          expect(f.offset + f.length).toBeLessThanOrEqual(frame.length);
        }
      }
    }),
    { numRuns: 1000 },
  );
});
