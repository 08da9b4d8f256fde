import { beforeAll, expect, it } from "vitest";
import { format, loadLateWords } from "../../app/i18n/text.ts";
import type { Explanation, Phrase } from "../../app/model/explain/phrase.ts";
import { must } from "../../base/result.ts";
import { parts } from "../../lab/more.ts";
import { provideUserland } from "../../lab/programs.ts";
import { userland } from "../../lab/userland.ts";
import { galleryEntry } from "../../scenario/gallery/index.ts";
import type { PreparedProbe } from "../../scenario/story.ts";
import { fetchCode } from "../gallery.ts";
import { Board } from "./board.ts";

beforeAll(async () => {
  await fetchCode();
  await loadLateWords();
  provideUserland(userland, parts);
}, 60_000);

interface Opened {
  readonly board: Board;
  readonly probes: readonly PreparedProbe[];
}

async function opened(id: string): Promise<Opened> {
  const scenario = await must(galleryEntry(id), id).load();
  return { board: new Board(scenario), probes: scenario.probes ?? [] };
}

const say = ({ key, values }: Phrase): string => format("en", key, values);
const whys = (told: readonly Explanation[]): string =>
  told.map(({ headline, reason }) => `${say(headline)}: ${reason.map(say).join(" ")}`).join("\n");

const advice = (all: readonly Explanation[]): string =>
  all.flatMap((each) => (each.advice === undefined ? [] : [say(each.advice)])).join("\n");

function told({ board, probes }: Opened, question: number): readonly Explanation[] {
  return board.explainAll(must(board.ask(must(probes[question - 1], "question")), "story"));
}

it("tells ARP's questions from its answers, and who answers for an address that it does not have", async () => {
  const scenario = await opened("calico");
  const text = whys(told(scenario, 1));
  expect(text).toContain("The ARP question goes out of eth0 to everybody on the link, ff:ff:ff:ff:ff:ff");
  expect(text).toMatch(
    /No device of k1 has 169\.254\.1\.1\. It answers all the same, because proxy_arp is on/,
  );
  expect(text).toMatch(/The frame leaves k2 by cali\w+: The next hop is 10\.244/);
  expect(text).toContain("10.244.107.65 has a route of its own: it is right behind cali");
  expect(text).not.toContain("picks the port");
  const tunnel = whys(told(scenario, 2));
  expect(tunnel).toContain("tunl0 takes the packet: tunl0 is a tunnel for IP packets");
  expect(tunnel).toContain("The inner packet comes out of tunl0");
  expect(tunnel).not.toMatch(/(?:from|to) \?/);
}, 60_000);

it("has no words of Kubernetes where there is none", async () => {
  const scenario = await opened("router-and-nat");
  const text = whys(told(scenario, 1));
  expect(text).toContain("TCP in laptop sends ACK: TCP in the kernel sends this by itself");
  expect(text).toContain("Nothing more precise fits 203.0.113.80, so the default route takes it");
  expect(text).not.toMatch(/\bpods?\b|Service/i);
});

it("says of traceroute's losses that they are meant, and how the program hears of them", async () => {
  const scenario = await opened("router-and-nat");
  const hops = told(scenario, 3);
  expect(advice(hops)).toContain("traceroute wants just this: its packets may live");
  expect(advice(hops)).toContain("it chooses a port where nobody listens");
  expect(whys(hops)).toContain(
    "laptop learns why its packet failed: 192.168.1.1 says that the time to live was used up there",
  );
});

it("does not call the RST that ends a refused connection a loss", async () => {
  const scenario = await opened("iptables");
  const hops = told(scenario, 5);
  expect(say(must(hops.at(-1), "hop").headline)).toMatch(/client receives RST, ACK/);
  expect(advice(hops)).toMatch(/^This rule was typed by hand/);
});

it("tells kube-proxy's own port, a node's port and an external address from the Service's own", async () => {
  const userspace = whys(told(await opened("userspace"), 1));
  expect(userspace).toMatch(/The Service at 20\.1\.244\.75:80|meant for the Service at 20\.1\.244\.75:80/);
  expect(userspace).toContain("is led to kube-proxy itself: 10.1.1.1:");
  const iptables = await opened("kube-proxy-iptables");
  expect(whys(told(iptables, 1))).toContain("No machine has the address 172.17.45.122:80");
  expect(whys(told(iptables, 2))).toContain(
    "port 30935 of the node's own address belongs to Service default/nginx",
  );
  expect(whys(told(iptables, 3))).toContain("No machine has the address 4.3.2.1:80");
}, 60_000);

it("tells of a command line what its last program sent, wherever that was", async () => {
  const { board, probes } = await opened("bridge");
  board.ask(must(probes[0], "question"));
  const flooded = must(board.ask(must(probes[2], "question")), "story");
  expect(flooded.conversation.turns).toHaveLength(1);
  expect(flooded.copies.some(({ netns }) => board.cast.name(netns) === "test3")).toBe(true);
  const inside = await opened("pause");
  const lo = must(inside.board.ask(must(inside.probes[1], "question")), "story");
  expect(lo.hops.map(({ label }) => label)).toContain("lo");
}, 60_000);

it.each(["namespaces-and-a-cable", "bridge", "router-and-nat", "docker", "calico", "vxlan-by-hand"])(
  "%s: every command that checks can be typed here, and says something",
  async (id) => {
    const scenario = await opened(id);
    const checks = new Set(
      told(scenario, 1).flatMap(({ check = "", checks: more = [] }) => [check, ...more]),
    );
    // tcpdump listens until somebody stops it; a container need not have iptables.
    for (const command of [...checks].filter((text) => text !== "" && !text.includes("tcpdump"))) {
      const { status, printed } = scenario.board.type("", command);
      expect.soft({ command, status, printed: /not found|No such/.exec(printed)?.[0] }).toEqual({
        command,
        status: 0,
        printed: undefined,
      });
    }
  },
  60_000,
);
