import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Console } from "../../testkit/console.ts";

/** Whatever is typed, a command ends with a status; none of them waits for ever or throws. */

const VOCABULARY = (
  "-n -i lo -c 1 -r -w /tmp/f -e -vv -X - -t MX +short +noall +time=1 +tries=1 @127.0.0.1 -x 10.0.0.1 -p 53 web.example " +
  "hosts ahosts -I eth0 -D -U -S nosuch -m -l 1000 foo tcp and not ( port 80 host 10.0.0.300 fd00::1 -- -Z 99999999999"
).split(" ");

describe("any words", () => {
  test.each([
    "tcpdump -r /etc/hosts",
    "dig",
    "nslookup -type=a",
    "host",
    "getent",
    "ethtool",
    "arping -w1",
    "tracepath -m1",
  ])("%s ends", (command) => {
    const lab = new Console();
    lab.setUp("ip link add eth0 type veth peer name eth1");
    const words = fc.array(fc.constantFrom(...VOCABULARY), { maxLength: 6 });
    fc.assert(
      fc.property(words, (rest) => {
        const { status } = lab.run([command, ...rest].join(" "));
        expect(status).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 60 },
    );
  });
});
