import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decodeHpack,
  decodeHttp2Frame,
  encodeHpack,
  encodeHttp2Frame,
  HTTP2_PREFACE,
  startsHttp2,
} from "./http2.ts";

const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

test("RFC 7541, appendix C.2: literals and an indexed field", () => {
  expect(decodeHpack(hex("400a637573746f6d2d6b65790d637573746f6d2d686561646572"))).toEqual([
    { name: "custom-key", value: "custom-header" },
  ]);
  expect(decodeHpack(hex("040c2f73616d706c652f70617468"))).toEqual([
    { name: ":path", value: "/sample/path" },
  ]);
  expect(decodeHpack(hex("82"))).toEqual([{ name: ":method", value: "GET" }]);
  expect(encodeHpack([{ name: ":path", value: "/sample/path" }])).toEqual(
    hex("040c2f73616d706c652f70617468"),
  );
});

test("what is Huffman-coded or in a dynamic table is not read (C.4.1)", () => {
  expect(decodeHpack(hex("828684418cf1e3c2e5f23a6ba0ab90f4ff"))).toBeUndefined();
  expect(decodeHpack(hex("be"))).toBeUndefined();
});

test("fields and frames survive the way there and back", () => {
  const word = fc.string({ maxLength: 300 });
  fc.assert(
    fc.property(fc.array(fc.record({ name: word, value: word })), (fields) => {
      expect(decodeHpack(encodeHpack(fields))).toEqual(fields);
    }),
  );
  const octet = fc.integer({ min: 0, max: 255 });
  const payload = fc.uint8Array({ maxLength: 1000 });
  const stream = fc.integer({ min: 0, max: 0x7fffffff });
  fc.assert(
    fc.property(fc.record({ type: octet, flags: octet, stream, payload }), payload, (frame, rest) => {
      const bytes = encodeHttp2Frame(frame);
      expect(decodeHttp2Frame(Uint8Array.from([...bytes, ...rest]))).toEqual({ frame, length: bytes.length });
      expect(decodeHttp2Frame(bytes.subarray(0, -1))).toBeUndefined();
    }),
  );
});

test("no bytes make the decoders throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      decodeHpack(bytes);
      decodeHttp2Frame(bytes);
    }),
  );
});

test("a preface is known from its first octet on", () => {
  expect(startsHttp2(HTTP2_PREFACE.subarray(0, 1))).toBe(true);
  expect(startsHttp2(HTTP2_PREFACE)).toBe(true);
  expect(startsHttp2(Uint8Array.of(80, 79))).toBe(false);
  expect(startsHttp2(new Uint8Array(0))).toBe(false);
});
