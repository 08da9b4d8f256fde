import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Console } from "../testkit/console.ts";

/** Whatever is typed, a command ends with a status and words of its own; a wrong word is named. */

const VOCABULARY = (
  "add del set show list flush get change replace link addr route neigh netns rule fdb vlan dev eth0 lo br0 via " +
  "10.0.0.1 10.0.0.0/24 10.0.0.300 default to from src scope link proto static table all metric 5 up down mtu master " +
  "type bridge veth vxlan id 7 dstport 4789 local remote lladdr 02:00:00:00:00:01 nud permanent brd + label eth0:1 " +
  "-n -s -d -j -o -br -4 -6 -c -1 0 99999999999 x/y help name peer self dst port exec nosuch = . / -- - foo add-net"
).split(" ");

const word = fc.oneof(fc.constantFrom(...VOCABULARY), fc.string({ maxLength: 8 }));
const words = fc.array(
  word.map((w) => w.replace(/["'\s]/g, "")).filter((w) => w !== ""),
  { maxLength: 8 },
);

describe("any words", () => {
  const commands = ["ip", "bridge", "sysctl", "route", "arp", "ifconfig", "brctl", "netstat"];
  test.each(commands)("%s ends", (command) => {
    const console = new Console();
    console.setUp("ip link add eth0 type veth peer name eth1");
    fc.assert(
      fc.property(words, (rest) => {
        // `ip netns exec` runs what it is given.
        fc.pre(!rest.includes("exec"));
        const { status } = console.run([command, ...rest].join(" "));
        expect(status).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 150 },
    );
  });

  const waiting = ["ping -c1 -w1", "traceroute -m1 -w0.1", "nc -u -w1"];
  test.each(waiting)("%s ends", (command) => {
    const console = new Console();
    fc.assert(
      fc.property(words, (rest) => {
        fc.pre(!rest.some((w) => /^-.*[clkwWqiIt]/.test(w)));
        const { status } = console.run([command, ...rest].join(" "));
        expect(status).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 60 },
    );
  });
});

describe("the wrong word is named", () => {
  const odd = fc.stringMatching(/^q[a-z]{3,6}$/);
  test.each([
    (w: string) => `ip ${w}`,
    (w: string) => `ip link ${w}`,
    (w: string) => `ip addr ${w}`,
    (w: string) => `ip route ${w}`,
    (w: string) => `ip route add ${w}`,
    (w: string) => `ip route add 10.9.0.0/16 via ${w}`,
    (w: string) => `ip addr add ${w} dev lo`,
    (w: string) => `ip link set ${w} up`,
    (w: string) => `ip -n ${w} link`,
    (w: string) => `bridge ${w}`,
    (w: string) => `sysctl net.${w}`,
    (w: string) => `ping -c ${w} 127.0.0.1`,
    (w: string) => `traceroute -q ${w} 127.0.0.1`,
    (w: string) => `nc -u 127.0.0.1 ${w}`,
    (w: string) => `brctl ${w}`,
    (w: string) => `ifconfig ${w}`,
  ])("%s", (line) => {
    const console = new Console();
    fc.assert(
      fc.property(odd, (w) => {
        const { status, text } = console.run(line(w));
        expect(status).not.toBe(0);
        expect(text).toContain(w);
      }),
      { numRuns: 20 },
    );
  });
});
