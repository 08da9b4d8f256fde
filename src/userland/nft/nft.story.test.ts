import { expect, test } from "vitest";
import { parseNft } from "../../formats/nft/command.ts";
import { TestNet } from "../../testkit/net.ts";
import { worldOf } from "./world.ts";

/** A client and a server with a router between them, on which the rules stand. */
function routed(rules: string): TestNet {
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
  load(net, rules);
  return net;
}

function load(net: TestNet, rules: string): void {
  const api = net.at("router");
  const commands = parseNft(rules, worldOf(api, api.nft.list()));
  const steps = commands.flatMap((command) => (command.kind === "change" ? command.steps : []));
  expect(api.nft.commit(steps)).toMatchObject({ ok: true });
}

const answers = (net: TestNet, to: string): number => net.ping("client", to).length;

test("a chain whose policy is drop lets through what a rule accepts", () => {
  const net = routed(
    "table ip t {\n chain f {\n type filter hook forward priority 0; policy drop;\n ip protocol icmp accept\n }\n}",
  );
  expect(answers(net, "10.1.0.2")).toBe(1);
  load(net, "flush chain ip t f");
  expect(answers(net, "10.1.0.2")).toBe(0);
});

test("dnat by a map of a concatenation sends a service address to its endpoint, and the answer looks as if the service sent it", () => {
  const net = routed(`table ip t {
    map services { type ipv4_addr . inet_proto : verdict; elements = { 10.96.0.1 . icmp : goto svc } }
    chain pre { type nat hook prerouting priority dstnat; ip daddr . meta l4proto vmap @services
    }
    chain svc { dnat ip to numgen random mod 1 map { 0 : 10.1.0.2 }
    }
  }`);
  const [answer] = net.ping("client", "10.96.0.1");
  expect(answer?.from.address).toBe(0x0a600001);
  expect(net.at("router").conntrack.list()).toMatchObject([{ dstNat: true, reply: { src: 0x0a010002 } }]);
});

test("a dynamic set remembers who came by, for as long as its timeout says", () => {
  const net = routed(`table ip t {
    set seen { type ipv4_addr; flags dynamic,timeout; timeout 10s; }
    chain f { type filter hook forward priority 0; ip saddr @seen drop
      ip daddr 10.1.0.2 update @seen { ip saddr }
    }
  }`);
  expect(answers(net, "10.1.0.2")).toBe(1);
  expect(answers(net, "10.1.0.2")).toBe(0);
  net.settle(11_000_000_000 as Parameters<TestNet["settle"]>[0]);
  expect(answers(net, "10.1.0.2")).toBe(1);
});

test("a transaction that fails midway leaves nothing behind", () => {
  const net = routed("table ip t {\n chain f {\n type filter hook forward priority 0; policy accept;\n }\n}");
  const api = net.at("router").nft;
  const before = api.list();
  const result = api.commit([
    { op: "add-chain", family: "ip", table: "t", chain: "more" },
    { op: "flush-chain", family: "ip", table: "t" },
    { op: "delete-chain", family: "ip", table: "t", chain: "none" },
  ]);
  expect(result).toMatchObject({ ok: false, error: { step: 2, errno: "ENOENT" } });
  expect(api.list()).toEqual(before);
});
