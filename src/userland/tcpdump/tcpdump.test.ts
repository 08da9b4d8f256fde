import { beforeEach, describe, expect, test } from "vitest";
import { Console, type Ran } from "../../testkit/console.ts";
import { seconds } from "../../sim/time.ts";

/** Live captures: two hosts on one cable, a ping between them. */
let lab: Console;

beforeEach(() => {
  lab = new Console();
  lab.setUp(`
    ns a b
    wire a eth0 02:00:00:00:00:0a b eth0 02:00:00:00:00:0b
    ip -n a addr add 10.0.0.1/24 dev eth0
    ip -n b addr add 10.0.0.2/24 dev eth0
  `);
});

/** Runs tcpdump in `a` while a pings b; a signal ends it. */
function capture(words: string, signal = "TERM"): Ran {
  let ran: Ran | undefined;
  const process = lab.start(`ip netns exec a tcpdump ${words}`, "", (result) => (ran = result));
  lab.run("ip netns exec a ping -c1 10.0.0.2");
  lab.queue.runUntil(seconds(lab.queue.now / 1e9 + 3));
  process.kill(signal);
  lab.queue.runUntil(seconds(lab.queue.now / 1e9 + 1));
  if (ran === undefined) throw new Error("tcpdump goes on");
  return { ...ran, text: ran.text.replace(/id \d+,/g, "id N,") };
}

describe("tcpdump", () => {
  test("shows what a device sends and receives, and counts it at the end", () => {
    const { text, status } = capture("-n -t -i eth0 arp or icmp");
    expect(status).toBe(0);
    expect(text).toBe(`tcpdump: verbose output suppressed, use -v[v]... for full protocol decode
listening on eth0, link-type EN10MB (Ethernet), snapshot length 262144 bytes
ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28
ARP, Reply 10.0.0.2 is-at 02:00:00:00:00:0b, length 28
IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id N, seq 1, length 64
IP 10.0.0.2 > 10.0.0.1: ICMP echo reply, id N, seq 1, length 64

4 packets captured
4 packets received by filter
0 packets dropped by kernel
`);
  });

  test("names device and direction on all devices", () => {
    const { stdout } = capture("-n -t -i any icmp", "INT");
    expect(stdout.replace(/id \d+,/g, "id N,"))
      .toBe(`eth0  Out IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id N, seq 1, length 64
eth0  In  IP 10.0.0.2 > 10.0.0.1: ICMP echo reply, id N, seq 1, length 64

`);
  });

  test("ends by itself after as many packets as asked for", () => {
    const { text } = capture("-n -t -c 1 -i eth0 icmp");
    expect(text).toContain("1 packet captured\n2 packets received by filter\n");
  });

  test("sees only one direction when asked", () => {
    const { stdout } = capture("-n -t -Q in -i eth0 icmp");
    expect(stdout).toMatch(/^IP 10.0.0.2 > 10.0.0.1: ICMP echo reply, .*\n\n$/);
  });

  test("what is written to a file is read from it", () => {
    const written = capture("-i any -w /tmp/x.pcap icmp");
    expect(written.text).toBe(`tcpdump: data link type LINUX_SLL2
tcpdump: listening on any, link-type LINUX_SLL2 (Linux cooked v2), snapshot length 262144 bytes
2 packets captured
2 packets received by filter
0 packets dropped by kernel
`);
    const { text } = lab.run("ip netns exec a tcpdump -ntr /tmp/x.pcap icmp[0]=8");
    expect(text.replace(/id \d+,/, "id N,"))
      .toBe(`reading from file /tmp/x.pcap, link-type LINUX_SLL2 (Linux cooked v2), snapshot length 262144
Warning: interface names might be incorrect
eth0  Out IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id N, seq 1, length 64
`);
  });

  test("a name of /etc/hosts stands for its address, without -n", () => {
    lab.host.fs.write("/etc/hosts", new TextEncoder().encode("10.0.0.2 web\n"), "truncate");
    const { stdout } = capture("-t -c1 -i eth0 icmp and dst host web");
    expect(stdout).toMatch(/^IP 10.0.0.1 > web: ICMP echo request/);
  });

  test("frames of a device that comes later are seen on any", () => {
    let text = "";
    const process = lab.start("ip netns exec a tcpdump -n -t -i any icmp", "", (ran) => (text = ran.stdout));
    lab.setUp(
      "wire a eth1 02:00:00:00:01:0a b eth1 02:00:00:00:01:0b\nip -n a addr add 10.1.0.1/24 dev eth1",
    );
    lab.run("ip netns exec a ping -c1 -W1 10.1.0.2");
    lab.setUp("ip -n b addr add 10.1.0.2/24 dev eth1");
    lab.run("ip netns exec a ping -c1 -W1 10.1.0.2");
    lab.queue.runUntil(seconds(lab.queue.now / 1e9 + 2));
    process.kill("TERM");
    lab.queue.runUntil(seconds(lab.queue.now / 1e9 + 1));
    expect(text).toMatch(/^eth1 {2}Out IP 10.1.0.1 > 10.1.0.2: ICMP echo request/);
  });
});
