import { describe, expect, test } from "vitest";
import { parseCommand } from "../../formats/iptables/command.ts";
import { parseNft } from "../../formats/nft/command.ts";
import type { NetApi, QueuedPacket, QueueSocket, QueueVerdict } from "../../kernel/uapi/index.ts";
import { micros } from "../../sim/time.ts";
import { TestNet } from "../../testkit/net.ts";
import { worldOf } from "./world.ts";

/** A client and a server with a router between them; a program on the router decides about packets. */
function routed(): TestNet {
  const net = new TestNet("client", "router", "server");
  net.wire("client", "eth0", "02:00:00:00:00:01", "router", "lan", "02:00:00:00:00:02");
  net.wire("router", "wan", "02:00:00:00:00:03", "server", "eth0", "02:00:00:00:00:04");
  net.address("client", "eth0", "10.0.0.2/24");
  net.address("router", "lan", "10.0.0.1/24");
  net.address("router", "wan", "10.1.0.1/24");
  net.address("server", "eth0", "10.1.0.2/24");
  net.route("client", "default", "10.0.0.1");
  net.route("server", "default", "10.1.0.1");
  net.forward("router");
  return net;
}

function load(api: NetApi, rules: string): void {
  const commands = parseNft(rules, worldOf(api, api.nft.list()));
  const steps = commands.flatMap((command) => (command.kind === "change" ? command.steps : []));
  expect(api.nft.commit(steps)).toMatchObject({ ok: true });
}

const chain = (hook: string, rules: string): string =>
  `table ip t {\n chain c {\n type filter hook ${hook} priority 0; policy accept;\n ${rules}\n }\n}`;

interface Program {
  readonly seen: QueuedPacket[];
  readonly socket: QueueSocket;
}

/** Decides each packet a little after it came. */
function program(net: TestNet, number: number, verdict: QueueVerdict | undefined): Program {
  const seen: QueuedPacket[] = [];
  const opened = net.at("router").nfqueue.open(number, { failOpen: false, maxLength: 2 }, (packet) => {
    seen.push(packet);
    if (verdict !== undefined) net.queue.after(micros(100), () => void socket.decide(packet.id, verdict));
  });
  if (!opened.ok) throw new Error(opened.error.errno);
  const socket = opened.value;
  return { seen, socket };
}

const answers = (net: TestNet, to: string): number => net.ping("client", to).length;

describe.each([
  ["prerouting", "10.1.0.2", 2],
  ["forward", "10.1.0.2", 2],
  ["postrouting", "10.1.0.2", 2],
  ["input", "10.0.0.1", 1],
  ["output", "10.0.0.1", 1],
])("a queue at %s", (hook, target, packets) => {
  test("an accepted packet goes on where it was", () => {
    const net = routed();
    load(net.at("router"), chain(hook, "queue to 7"));
    const { seen } = program(net, 7, { verdict: "accept" });
    expect(answers(net, target)).toBe(1);
    expect(seen).toHaveLength(packets);
    expect(seen[0]?.payload[0]).toBe(0x45);
  });

  test("a dropped one is not heard of again", () => {
    const net = routed();
    load(net.at("router"), chain(hook, "queue to 7"));
    program(net, 7, { verdict: "drop" });
    expect(answers(net, target)).toBe(0);
  });
});

test("nobody listens: dropped, or with bypass let through", () => {
  const net = routed();
  load(net.at("router"), chain("forward", "queue to 7"));
  expect(answers(net, "10.1.0.2")).toBe(0);
  load(net.at("router"), "flush chain ip t c\nadd rule ip t c queue flags bypass to 7");
  expect(answers(net, "10.1.0.2")).toBe(1);
});

test("a full queue drops; what waits when the program ends is dropped, too", () => {
  const net = routed();
  load(net.at("router"), chain("forward", "queue to 7"));
  const { seen, socket } = program(net, 7, undefined);
  for (let i = 0; i < 3; i++) expect(answers(net, "10.1.0.2")).toBe(0);
  expect(seen).toHaveLength(2);
  expect(net.at("router").nfqueue.list()).toMatchObject([{ number: 7, waiting: 2, dropped: 1, sequence: 2 }]);
  socket.close();
  expect(net.at("router").nfqueue.list()).toEqual([]);
  expect(socket.decide(1, { verdict: "accept" })).toMatchObject({ ok: false, error: { errno: "ENOENT" } });
});

test("one program a queue", () => {
  const net = routed();
  program(net, 7, undefined);
  expect(net.at("router").nfqueue.open(7, {}, () => undefined)).toMatchObject({
    ok: false,
    error: { errno: "EPERM" },
  });
});

test("a label that the verdict gives its flow spares the flow's other packets the question", () => {
  const net = routed();
  load(net.at("router"), chain("forward", "ct label 28 ct state established accept\n queue to 7"));
  const { seen } = program(net, 7, { verdict: "accept", labels: [28] });
  expect(answers(net, "10.1.0.2")).toBe(1);
  expect(seen).toHaveLength(1);
});

test("repeat: the same rules again, with the mark that the program gave", () => {
  const net = routed();
  load(net.at("router"), chain("forward", "meta mark 5 accept\n queue to 7"));
  const { seen } = program(net, 7, { verdict: "repeat", mark: 5 });
  expect(answers(net, "10.1.0.2")).toBe(1);
  expect(seen).toHaveLength(2);
});

test("iptables' NFQUEUE: by number, and balanced over several", () => {
  const net = routed();
  const add = (words: string): void => {
    const parsed = parseCommand(["-A", "FORWARD", ...words.split(" ")], { family: "ip" });
    const rule = parsed.ok ? parsed.value.rules[0] : undefined;
    if (rule === undefined) throw new Error(words);
    net.at("router").xtables.commit("ip", "filter", [{ op: "append", chain: "FORWARD", rule }]);
  };
  add("-j NFQUEUE --queue-balance 3:4");
  const [three, four] = [3, 4].map((number) => program(net, number, { verdict: "accept" }));
  expect(answers(net, "10.1.0.2")).toBe(1);
  // Both directions of a flow go to the same one.
  expect([three?.seen.length, four?.seen.length].toSorted()).toEqual([0, 2]);
});
