import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Exit } from "../args/exit.ts";
import { bytesText, spanText } from "./show.ts";
import { parseConfiguration } from "./words.ts";

const KEY = "gDVmfekKLaJcN+l7IQpwWztnIJuLJOqGDU4MPrNCUUs=";

describe("a configuration of wg(8)", () => {
  test("has an interface and peers", () => {
    const text = `[Interface]\nListenPort = 51820\nPrivateKey=${KEY}\n\n[Peer] # the other\nPublicKey = ${KEY}\nAllowedIPs = 10.9.0.5/24, 10.8.0.1\nEndpoint = 10.0.0.2:7\nPersistentKeepalive = off\n`;
    expect(parseConfiguration(text, true)).toMatchObject({
      replacePeers: true,
      listenPort: 51820,
      peers: [
        {
          endpoint: { port: 7 },
          persistentKeepalive: 0,
          allowedIps: [{ address: 0x0a090000, length: 24 }, { length: 32 }],
        },
      ],
    });
  });

  test("is refused with the line that is wrong", () => {
    expect(() => parseConfiguration("[Peer]\nColour = red\n", true)).toThrow(
      "Line unrecognized: `Colour=red'",
    );
    expect(() => parseConfiguration("[Peer]\n", true)).toThrow("missing a public key");
  });

  test("whatever it says, nothing but an exit comes out", () => {
    const word = fc.constantFrom(
      "[Peer]",
      "[Interface]",
      "PublicKey",
      "=",
      KEY,
      "AllowedIPs",
      "\n",
      " ",
      "#",
      "1",
      "::/0",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 12 }), (parts) => {
        try {
          parseConfiguration(parts.join(""), false);
        } catch (error) {
          expect(error).toBeInstanceOf(Exit);
        }
      }),
    );
  });
});

test("times and volumes as wg show has them", () => {
  expect(spanText(86_465)).toBe("1 day, 1 minute, 5 seconds");
  expect([bytesText(180), bytesText(1240), bytesText(5 * 1024 ** 2)]).toEqual([
    "180 B",
    "1.21 KiB",
    "5.00 MiB",
  ]);
});
