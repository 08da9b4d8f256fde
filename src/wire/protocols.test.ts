import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IPV4_HEADER } from "./ipv4.ts";
import { IPV6_HEADER } from "./ipv6.ts";
import { encodePcap } from "./pcap.ts";
import { encodePcapng } from "./pcapng.ts";
import { PROTOCOLS } from "./protocols.ts";
import * as frames from "./fixtures.ts";

const L3 = 14;
const L4 = L3 + IPV4_HEADER;
const packets = [{ timeNs: 1_000, bytes: frames.ARP_REQUEST }];

interface Sample {
  /** One real message, header first. */
  readonly bytes: Uint8Array;
  readonly summary: string;
  /** The bytes that come back when they are not those that went in, and why. */
  readonly again?: "uncompressed" | "without checksum";
}

/** A real message for every protocol of the list. */
const SAMPLES: Readonly<Record<string, Sample>> = {
  arp: {
    bytes: frames.ARP_REPLY.subarray(L3),
    summary: "ARP, Reply 10.0.0.2 is-at 02:00:00:00:00:0b",
  },
  bgp: {
    bytes: frames.BGP_UPDATE,
    summary: "BGP Update: 10.244.1.64/26 (path 4), 10.244.1.0/26 (path 4)",
  },
  dns: {
    bytes: frames.DNS_CNAME_ANSWER.subarray(L4 + 8),
    summary: "41976* 2/0/0 CNAME api.example.org., A 10.96.0.1 (108)",
    again: "uncompressed",
  },
  esp: { bytes: frames.ESP.subarray(L4), summary: "ESP(spi=0x00001001,seq=0x1), length 48" },
  ethernet: {
    bytes: frames.ICMP_ECHO_REQUEST,
    summary: "02:00:00:00:00:0a > 02:00:00:00:00:0b, ethertype IPv4 (0x0800), length 98",
  },
  gre: { bytes: frames.GRE_ICMP.subarray(L4), summary: "GREv0, key=0x5, length 92" },
  http: { bytes: frames.HTTP_REQUEST.subarray(L4 + 32), summary: "HTTP: GET / HTTP/1.1" },
  http2: {
    // SETTINGS of gRPC: no push, 100 streams at most.
    bytes: Uint8Array.of(0, 0, 12, 4, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100),
    summary: "HTTP/2 SETTINGS, stream 0, flags 0x00, length 12",
  },
  icmp: {
    bytes: frames.ICMP_FRAG_NEEDED.subarray(L4),
    summary: "ICMP 10.7.0.9 unreachable - need to frag (mtu 1400), length 556",
  },
  icmpv6: {
    bytes: frames.ICMPV6_NEIGHBOR_ADVERTISEMENT.subarray(L3 + IPV6_HEADER),
    summary: "ICMP6, neighbor advertisement, tgt is fd00::2, length 32",
    again: "without checksum",
  },
  ipv4: {
    bytes: frames.ICMP_ECHO_REQUEST.subarray(L3),
    summary: "IP 10.0.0.1 > 10.0.0.2: ICMP, ttl 64, DF, length 84",
  },
  ipv6: {
    bytes: frames.ICMPV6_ECHO_REQUEST.subarray(L3),
    summary: "IP6 fd00::1 > fd00::2: ICMPv6, hlim 64, length 64",
  },
  pcap: {
    bytes: encodePcap({ linkType: 1, snaplen: 262144, startSeconds: 0, records: packets }),
    summary: "capture of 1 frame, Ethernet",
  },
  pcapng: {
    bytes: encodePcapng({
      startSeconds: 0,
      interfaces: [{ name: "eth0", linkType: 1 }],
      packets: [{ interface: 0, direction: "in", ...packets[0]! }],
    }),
    summary: "capture of 1 frame on eth0",
  },
  tcp: {
    bytes: frames.TCP_SYN_ACK.subarray(L4),
    summary:
      "TCP 80 > 46608: Flags [S.], seq 723861447, ack 958212802, win 65160, " +
      "options [mss 1460,sackOK,TS val 3982017565 ecr 3210173699,nop,wscale 10], length 0",
  },
  // OpenSSL 3.0, curl to s_server.
  tls: { bytes: Uint8Array.of(0x14, 3, 3, 0, 1, 1), summary: "TLS: change cipher spec, length 1" },
  udp: { bytes: frames.UDP_DATAGRAM.subarray(L4), summary: "UDP 53587 > 9, length 6" },
  vlan: { bytes: frames.VLAN_ARP.subarray(L3), summary: "vlan 7, p 0, ethertype ARP (0x0806)" },
  vxlan: { bytes: frames.VXLAN_ICMP.subarray(L4 + 8), summary: "VXLAN, flags [I] (0x08), vni 42" },
};

/** Bytes of the headers that these protocols cannot do without. */
const LEAST: Readonly<Record<string, number>> = {
  arp: 28,
  dns: 12,
  esp: 8,
  ethernet: 14,
  gre: 8,
  http: 18,
  icmp: 8,
  icmpv6: 24,
  ipv4: 20,
  ipv6: 40,
  pcap: 24,
  pcapng: 28,
  tcp: 40,
  tls: 6,
  udp: 8,
  vlan: 4,
  vxlan: 8,
};

test("every protocol has a sample", () => {
  expect(PROTOCOLS.map((p) => p.name)).toEqual(Object.keys(SAMPLES));
});

test("every file that can decode is in the list", () => {
  const files = Object.entries(import.meta.glob<object>(["./*.ts", "!./*.test.ts"], { eager: true }));
  const decoding = files
    .filter(([, exports]) => Object.keys(exports).some((name) => /^encode/.test(name)))
    .map(([path]) => path.slice(2, -3))
    .filter((name) => !name.endsWith("-options"));
  expect(decoding).toEqual(PROTOCOLS.map((p) => p.name));
});

describe.each(PROTOCOLS)("$name", ({ name, decode }) => {
  const { bytes, summary, again } = SAMPLES[name]!;

  test("reads a real message", () => {
    const read = decode(bytes);
    expect(read.ok && read.value.summary).toBe(summary);
  });

  test("writes it again", () => {
    const read = decode(bytes);
    if (!read.ok) throw new Error(read.error);
    const out = read.value.encode();
    if (again === "uncompressed") expect(out.length).toBeGreaterThan(bytes.length);
    else expect(out).toEqual(again === undefined ? bytes : withoutChecksum(bytes));
    const twice = decode(out);
    expect(twice.ok && twice.value.value).toEqual(read.value.value);
  });

  test("says why it cannot read one that is cut short", () => {
    for (let n = 0; n < LEAST[name]!; n++) {
      const read = decode(bytes.subarray(0, n));
      expect(read.ok ? `read ${n} bytes` : read.error).toMatch(/^(truncated|incomplete)$/);
    }
  });

  test("reads and writes whatever bytes it accepts", () => {
    const noise = fc.oneof(fc.uint8Array({ maxLength: 120 }), damaged(bytes));
    fc.assert(
      fc.property(noise, (b) => {
        const read = decode(b);
        if (!read.ok) return;
        const twice = decode(read.value.encode());
        expect(twice.ok && twice.value.value).toEqual(read.value.value);
        expect(twice.ok && twice.value.summary).toBe(read.value.summary);
      }),
    );
  });
});

/** An ICMPv6 message as it is before its addresses are known. */
function withoutChecksum(bytes: Uint8Array): Uint8Array {
  const out = bytes.slice();
  out.fill(0, 2, 4);
  return out;
}

/** The sample with a few bytes changed and perhaps an end missing. */
function damaged(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const hits = fc.array(fc.tuple(fc.nat(Math.min(bytes.length, 80) - 1), fc.nat(255)), { maxLength: 4 });
  return fc.tuple(hits, fc.nat(bytes.length)).map(([changes, cut]) => {
    const out = bytes.slice(0, cut % 3 === 0 ? cut : bytes.length);
    for (const [at, v] of changes) if (at < out.length) out[at] = v;
    return out;
  });
}
