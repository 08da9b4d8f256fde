import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat, hex } from "../base/bytes.ts";
import { ARP_REQUEST } from "./fixtures.ts";
import {
  decodePcap,
  encodePcap,
  LINKTYPE_ETHERNET,
  LINKTYPE_RAW,
  pcapHeader,
  pcapRecord,
  pcapSummary,
  SNAPLEN,
} from "./pcap.ts";
import { decodePcapng, encodePcapng, pcapngHeader, pcapngInterface, pcapngPacket } from "./pcapng.ts";

describe("pcap", () => {
  const startSeconds = 1_500_000_000;
  const record = { timeNs: 1_234_567_000, bytes: ARP_REQUEST };

  test("begins as tcpdump begins a file", () => {
    expect(hex(pcapHeader(LINKTYPE_ETHERNET))).toBe(
      "d4c3b2a1020004000000000000000000" + "00000400" + "01000000",
    );
  });

  test("is appended to record by record", () => {
    const second = { timeNs: 2_000_000_999, bytes: Uint8Array.of(1, 2, 3), originalLength: 1500 };
    const records = [record, second];
    const file = encodePcap({ linkType: LINKTYPE_RAW, snaplen: SNAPLEN, startSeconds, records });
    const appended = [pcapHeader(LINKTYPE_RAW), ...records.map((r) => pcapRecord(r, startSeconds))];
    expect(concat(appended)).toEqual(file);
    expect(hex(file.subarray(24, 40), " ")).toBe("01 2f 68 59 47 94 03 00 2a 00 00 00 2a 00 00 00");
  });

  test("keeps microseconds", () => {
    const records = [{ ...record, timeNs: 2_000_001_999 }];
    const read = decodePcap(encodePcap({ linkType: 1, snaplen: SNAPLEN, startSeconds, records }));
    expect(read).toMatchObject({ value: { startSeconds: 1_500_000_002, records: [{ timeNs: 1_000 }] } });
    expect(read.ok && pcapSummary(read.value)).toBe("capture of 1 frame, Ethernet");
  });

  test("is read in the other byte order and with nanoseconds", () => {
    const words = [0xa1b23c4d, 0x00020004, 0, 0, 65535, 101, 1, 999_999_999, 1, 60];
    const b = new Uint8Array(4 * words.length + 1);
    const view = new DataView(b.buffer);
    words.forEach((w, i) => view.setUint32(4 * i, w));
    b[40] = 7;
    const records = [{ timeNs: 999_999_999, bytes: Uint8Array.of(7), originalLength: 60 }];
    const value = { linkType: 101, snaplen: 65535, startSeconds: 1, records };
    expect(decodePcap(b)).toEqual({ ok: true, value });
  });

  test.each([
    ["bad-magic", 0, 0],
    ["bad-version", 4, 3],
    ["truncated", 32, 43],
  ] as const)("is refused: %s", (error, at, byte) => {
    const b = encodePcap({ linkType: 1, snaplen: SNAPLEN, startSeconds, records: [record] });
    b[at] = byte;
    expect(decodePcap(b)).toEqual({ ok: false, error });
  });
});

describe("pcapng", () => {
  const file = {
    application: "flannelgraph",
    startSeconds: 1_500_000_000,
    interfaces: [
      { name: "eth0", linkType: LINKTYPE_ETHERNET },
      { name: "tunl0", linkType: LINKTYPE_RAW },
    ],
    packets: [
      { interface: 0, timeNs: 123_456_789, direction: "in", bytes: ARP_REQUEST },
      {
        interface: 1,
        timeNs: 86_400_000_000_001,
        direction: "out",
        bytes: Uint8Array.of(0x45),
        originalLength: 60,
      },
      { interface: 0, timeNs: 8, direction: "unknown", bytes: new Uint8Array(0), comment: "lost on eth0" },
    ],
  } as const;

  test("comes back whole", () => {
    expect(decodePcapng(encodePcapng(file))).toEqual({ ok: true, value: file });
  });

  test("is appended to block by block, interfaces when they appear", () => {
    const blocks = [
      pcapngHeader("flannelgraph"),
      pcapngInterface(file.interfaces[0]),
      pcapngPacket(file.packets[0], file.startSeconds),
      pcapngInterface(file.interfaces[1]),
      ...file.packets.slice(1).map((p) => pcapngPacket(p, file.startSeconds)),
    ];
    expect(decodePcapng(concat(blocks))).toEqual({ ok: true, value: file });
  });

  test("of microseconds without if_tsresol is read, unknown blocks passed over", () => {
    const block = (type: number, ...body: readonly number[]): Uint8Array => {
      const length = 12 + 4 * body.length;
      const words = [type, length, ...body, length];
      const b = new Uint8Array(length);
      words.forEach((w, i) => new DataView(b.buffer).setUint32(4 * i, w));
      return b;
    };
    const bytes = concat([
      block(0x0a0d0d0a, 0x1a2b3c4d, 0x00010000, 0xffffffff, 0xffffffff),
      block(1, 101 << 16, 0),
      block(0x0bad, 1, 2, 3),
      block(6, 0, 1, 5, 4, 4, 0x45000000, 0x00020004, 2, 0),
    ]);
    const packet = {
      interface: 0,
      timeNs: 967_301_000,
      direction: "out",
      bytes: Uint8Array.of(0x45, 0, 0, 0),
    };
    const value = { startSeconds: 4294, interfaces: [{ name: "", linkType: 101 }], packets: [packet] };
    expect(decodePcapng(bytes)).toEqual({ ok: true, value });
  });

  test("says what is wrong", () => {
    const bytes = encodePcapng(file);
    const changed = (at: number, byte: number): Uint8Array => bytes.map((v, i) => (i === at ? byte : v));
    const reason = (b: Uint8Array): string | undefined => {
      const read = decodePcapng(b);
      return read.ok ? undefined : read.error;
    };
    expect(reason(changed(0, 0))).toBe("not-pcapng");
    expect(reason(changed(12, 2))).toBe("bad-version");
    expect(reason(changed(4, 1))).toBe("bad-block-length");
    expect(reason(bytes.subarray(0, 100))).toBe("truncated");
    expect(reason(concat([bytes, pcapngHeader()]))).toBe("second-section");
    expect(reason(concat([pcapngHeader(), pcapngPacket(file.packets[0])]))).toBe("unknown-interface");
  });
});

test("any bytes are read or refused", () => {
  const seeds = [
    encodePcapng({ startSeconds: 0, interfaces: [{ name: "a", linkType: 1 }], packets: [] }),
    pcapHeader(1),
  ];
  const hits = fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...seeds), hits, fc.uint8Array({ maxLength: 60 }), (seed, changes, tail) => {
      const b = concat([seed, tail]);
      for (const [at, v] of changes) if (at < b.length) b[at] = v;
      decodePcap(b);
      decodePcapng(b);
    }),
  );
});
