import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as tls from "./tls.ts";

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + 1) & 255);

describe("records", () => {
  test("what is protected has another type outside, is longer by 17 octets, and comes back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(21, 22, 23), (payload, type) => {
        const hidden = tls.protect({ type, payload });
        expect(hidden.type).toBe(tls.TLS_APPLICATION_DATA);
        expect(hidden.payload.length).toBe(payload.length + 17);
        expect(tls.isReadable(hidden)).toBe(true);
        const wire = tls.encodeTlsRecord(hidden);
        const read = tls.decodeTlsRecord(wire);
        expect(read?.length).toBe(wire.length);
        const inner = tls.unprotect(read?.record ?? { type: 0, payload });
        expect([inner.type, [...inner.payload]]).toEqual([type, [...payload]]);
        expect(tls.decodeTlsRecord(wire.subarray(0, wire.length - 1))).toBeUndefined();
      }),
    );
  });

  test("a cipher's tag is not taken for ours", () => {
    expect(tls.isReadable({ type: 23, payload: bytes(40) })).toBe(false);
  });

  test("plain HTTP does not look like a record", () => {
    expect(tls.looksLikeTls(Uint8Array.of(71, 69, 84, 32))).toBe(false);
    expect(tls.looksLikeTls(Uint8Array.of(22, 3, 1, 2, 0))).toBe(true);
  });
});

describe("client hello", () => {
  test("says the name and the protocols, and is 512 octets long as OpenSSL's", () => {
    const hello = { serverName: "shop.example.org", protocols: ["http/1.1"] };
    const message = tls.encodeClientHello(hello, bytes);
    expect(message.length).toBe(512);
    expect(tls.decodeClientHello(message)).toEqual(hello);
    const nameless = tls.encodeClientHello({ serverName: undefined, protocols: [] }, bytes);
    expect(tls.decodeClientHello(nameless)).toEqual({ serverName: undefined, protocols: [] });
  });

  test("no bytes make decoding throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (b) => {
        tls.decodeClientHello(Uint8Array.of(1, ...b));
        tls.decodeTlsRecord(b);
        tls.decodeCertificate(b);
      }),
    );
  });
});

test("a certificate message gives back the certificate", () => {
  expect([...tls.decodeCertificate(tls.encodeCertificate(bytes(300)))]).toEqual([...bytes(300)]);
});
