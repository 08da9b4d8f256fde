import fc from "fast-check";
import { expect, test } from "vitest";
import { hex } from "../../../../base/bytes.ts";
import * as ike from "./ike.ts";

const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });

const messages: fc.Arbitrary<ike.Message> = fc.record({
  spiI: bytes(8),
  spiR: bytes(8),
  exchange: fc.constantFrom(ike.IKE_SA_INIT, ike.IKE_AUTH, ike.CREATE_CHILD_SA, ike.INFORMATIONAL),
  fromInitiator: fc.boolean(),
  response: fc.boolean(),
  id: fc.nat(100),
  payloads: fc.array(
    fc.record({
      type: fc.constantFrom(ike.SA, ike.KE, ike.NONCE, ike.NOTIFY),
      body: fc.uint8Array({ maxLength: 40 }),
    }),
  ),
});

test("what is written is read again, in the clear and protected", () => {
  fc.assert(
    fc.property(messages, fc.option(bytes(32), { nil: undefined }), (message, key) => {
      expect(ike.decodeMessage(ike.encodeMessage(message, key), key)).toEqual(message);
    }),
  );
});

test("a protected message opens with its key only, and only whole", () => {
  fc.assert(
    fc.property(messages, bytes(32), bytes(32), fc.nat(), (message, key, other, at) => {
      const b = ike.encodeMessage(message, key);
      fc.pre(hex(key) !== hex(other));
      expect(ike.decodeMessage(b, other)).toBeUndefined();
      expect(ike.decodeMessage(b, undefined)).toBeUndefined();
      expect(ike.decodeMessage(b.subarray(0, -1), key)).toBeUndefined();
      const changed = Uint8Array.from(b);
      changed[at % b.length]! ^= 1;
      expect(ike.decodeMessage(changed, key)).not.toEqual(message);
    }),
  );
});

test("a proposal is laid out as in RFC 7296, section 3.3: aes256-sha256-modp4096", () => {
  expect(hex(ike.IKE_PROPOSAL.body)).toBe(
    "0000002c01010004" +
      "0300000c0100000c800e0100" +
      "030000080300000c" +
      "0300000802000005" +
      "0000000804000010",
  );
  const gcm = { name: "", encryption: 20, keyBits: 128, integrity: false } as const;
  const esp = ike.espProposal(gcm, 0xc1234567);
  expect(hex(esp.body)).toBe(
    "0000002001030402" + "c1234567" + "0300000c01000014800e0080" + "0000000805000000",
  );
  expect(ike.proposedSpi(esp)).toBe(0xc1234567);
});

test("AUTH differs with the secret, the nonces and who one is", () => {
  const id = ike.identity(ike.ID_I, 0x0a000001).body;
  const one = hex(ike.authData("a", new Uint8Array(64), id));
  expect(one).toHaveLength(64);
  expect(hex(ike.authData("b", new Uint8Array(64), id))).not.toBe(one);
  expect(hex(ike.authData("a", new Uint8Array(64).fill(1), id))).not.toBe(one);
  expect(hex(ike.authData("a", new Uint8Array(64), ike.identity(ike.ID_I, 0x0a000002).body))).not.toBe(one);
});
