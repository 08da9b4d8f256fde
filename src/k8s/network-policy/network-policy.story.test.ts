import { describe, expect, it } from "vitest";
import type { Errno, NetApi } from "../../kernel/uapi/index.ts";
import { millis, seconds } from "../../sim/time.ts";
import { nodeOf } from "../../testkit/kube-world.ts";
import { rest, run } from "../../testkit/node-world.ts";
import {
  applyPolicy,
  kubeRouterLog,
  type Place,
  policyWorld,
  type PolicyWorld,
  reachable,
  savedFilter,
  SYNC,
} from "../../testkit/policy-world.ts";
import { NULL_FILE } from "../../userland/os/io.ts";
import { Process } from "../../userland/os/process.ts";
import { must } from "../../base/result.ts";
import { isPolicySet } from "./names.ts";
import { kubeRouter } from "./kube-router.ts";

const NODE = "kind-worker";
const OTHER = "kind-worker2";
const DENY = { podSelector: {} };

function policyFor(world: PolicyWorld, name: string, spec: unknown): void {
  applyPolicy(world, "x", name, spec);
  rest(world, SYNC);
}

function nodeNet(world: PolicyWorld, node: string): NetApi {
  return world.kernel.open(nodeOf(world, node).host.netns, { name: "test" });
}

const place = (world: PolicyWorld, key: string): Place => must(world.places.get(key), key);

/** Undefined when the connection stands, else what connect(2) says. */
function connectError(world: PolicyWorld, from: NetApi, to: Place, port = 80): Errno | "waits" | undefined {
  const socket = from.socket.tcp("client");
  socket.connect({ address: to.address, port });
  rest(world, millis(200));
  const result = socket.state === "ESTABLISHED" ? undefined : (socket.takeError() ?? "waits");
  socket.setOptions({ lingerZero: true });
  socket.close();
  return result;
}

describe("kube-router on a node", () => {
  it("refuses what no policy allows, and lets the node reach its own pods", () => {
    const world = policyWorld();
    policyFor(world, "deny", DENY);
    const target = place(world, "x/a");
    expect(connectError(world, place(world, "y/b").net, target)).toBe("ECONNREFUSED");
    expect(connectError(world, nodeNet(world, NODE), target)).toBeUndefined();
    expect(connectError(world, nodeNet(world, OTHER), target)).toBe("ECONNREFUSED");
  });

  it("leaves connections that stand alone", () => {
    const world = policyWorld();
    const [client, server] = [place(world, "y/a"), place(world, "x/a")];
    const socket = client.net.socket.tcp("client");
    socket.connect({ address: server.address, port: 80 });
    rest(world, millis(100));
    const accepted = server.tcp[0]!.accept();
    policyFor(world, "deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    socket.send(Uint8Array.of(1, 2, 3));
    rest(world, millis(100));
    const got = accepted.ok && accepted.value !== undefined ? accepted.value.receive() : undefined;
    expect(got).toEqual({ ok: true, value: Uint8Array.of(1, 2, 3) });
    expect(connectError(world, client.net, server)).toBe("ECONNREFUSED");
  });

  it("lets names be asked while everything else stays in", () => {
    const world = policyWorld();
    const to = [
      { namespaceSelector: { matchLabels: { ns: "y" } }, podSelector: { matchLabels: { pod: "a" } } },
    ];
    policyFor(world, "dns", {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{ to, ports: [{ port: 81, protocol: "UDP" }] }],
    });
    const fromX = (of: ReadonlySet<string>): readonly string[] =>
      [...of].filter((pair) => pair.startsWith("x/"));
    expect(fromX(reachable(world, 81, "UDP"))).toEqual(["x/a > y/a", "x/b > y/a", "x/c > y/a"]);
    expect(fromX(reachable(world, 81, "TCP"))).toEqual([]);
    expect(fromX(reachable(world, 80, "UDP"))).toEqual([]);
  });

  it("knows ranges of ports", () => {
    const world = policyWorld();
    policyFor(world, "range", { podSelector: {}, ingress: [{ ports: [{ port: 81, endPort: 90 }] }] });
    const toA = (of: ReadonlySet<string>): boolean => of.has("y/a > x/a");
    expect([80, 81].map((port) => toA(reachable(world, port, "TCP")))).toEqual([false, true]);
    expect(toA(reachable(world, 81, "UDP"))).toBe(false);
  });

  it("is not in the way of pods on the node's own network", () => {
    const world = policyWorld();
    applyPolicy(world, "kube-system", "deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    rest(world, SYNC);
    expect(connectError(world, nodeNet(world, NODE), place(world, "y/a"))).toBeUndefined();
    expect([...savedFilter(world, NODE).values()].flat().join("\n")).not.toContain("kube-system/kube-router");
  });

  it("tells what it does", () => {
    const world = policyWorld();
    const before = kubeRouterLog(world, NODE).length;
    policyFor(world, "deny", DENY);
    expect(
      kubeRouterLog(world, NODE)
        .slice(before)
        .map((line) => line.replace(/\d{19}/, "VERSION")),
    ).toEqual([
      "I policy.go:44] Received update for network policy: x/deny",
      "I npc_iptables.go:134] Starting sync of iptables with version: VERSION",
      "I npc_iptables.go:172] Saving IPv4 iptables rules took 4ms",
      "I policy.go:171] Restoring IPv4 ipset took 8ms",
      "I policy.go:178] Iptables chains in the filter table are synchronized with the network policies.",
      "I npc_iptables.go:218] Restoring IPv4 iptables rules took 25ms",
      "I npc_iptables.go:131] sync iptables took 97.6ms",
    ]);
  });

  it("names its rules as everybody knows them", () => {
    const table = savedFilter(policyWorld(), NODE);
    expect([...table].flatMap(([chain, [first]]) => (/^(IN|FOR|OUT)/.test(chain) ? [first] : []))).toEqual([
      '-m comment --comment "kube-router netpol - 4IA2OSFRMVNDXBVV" -j KUBE-ROUTER-INPUT',
      '-m comment --comment "kube-router netpol - TEMCG2JMHZYE7H7T" -j KUBE-ROUTER-FORWARD',
      '-m comment --comment "kube-router netpol - VEAAIY32XVBHCSCY" -j KUBE-ROUTER-OUTPUT',
    ]);
    expect(table.get("KUBE-ROUTER-INPUT")?.[1]).toBe(
      '-p tcp -m comment --comment "allow LOCAL TCP traffic to node ports - LR7XO7NXDBGQJD2M" -m addrtype --dst-type LOCAL -m multiport --dports 30000:32767 -j RETURN',
    );
  });

  it("puts right once in five minutes what somebody broke", () => {
    const world = policyWorld();
    const { xtables } = nodeNet(world, NODE);
    xtables.commit("ip", "filter", [{ op: "delete", chain: "FORWARD", number: 1 }]);
    rest(world, seconds(60));
    expect(savedFilter(world, NODE).get("FORWARD")?.join()).not.toContain("KUBE-ROUTER-FORWARD");
    rest(world, seconds(300));
    expect(savedFilter(world, NODE).get("FORWARD")?.[0]).toContain("KUBE-ROUTER-FORWARD");
  });

  it("leaves no old chains and sets, and everything when it goes; --cleanup-config removes it", () => {
    const world = policyWorld();
    const sets = (): readonly string[] =>
      nodeNet(world, NODE)
        .ipset.list()
        .map(({ name }) => name);
    const chains = (): number =>
      [...savedFilter(world, NODE).keys()].filter((name) => name.startsWith("KUBE-")).length;
    const before = chains();
    policyFor(world, "deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    expect(chains()).toBe(before + 1);
    expect(sets().map((name) => name.slice(0, 9))).toEqual(["KUBE-DST-", "KUBE-SRC-"]);
    world.client.delete("NetworkPolicy", "x", "deny");
    rest(world, SYNC);
    expect([chains(), sets()]).toEqual([before, []]);
    policyFor(world, "deny", DENY);
    world.client.delete("Pod", "kube-system", `kube-router-${NODE}`);
    rest(world, seconds(40));
    expect(connectError(world, place(world, "y/a").net, place(world, "x/a"))).toBe("ECONNREFUSED");
    const { host } = nodeOf(world, NODE);
    const files = new Map([0, 1, 2].map((fd) => [fd, NULL_FILE]));
    const options = { env: new Map<string, string>(), cwd: "/", netns: host.netns, files };
    const argv = ["kube-router", "--cleanup-config"];
    expect(run(world, Process.spawn(host, kubeRouter(world.store), { ...options, argv }).wait())).toBe(0);
    expect([chains(), sets().filter(isPolicySet)]).toEqual([1, []]);
    expect(connectError(world, place(world, "y/a").net, place(world, "x/a"))).toBeUndefined();
  });
});
