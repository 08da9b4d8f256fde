import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as v from "valibot";
import { documents, flannelWith, kind, pod } from "../../scenario/gallery/parts.ts";
import { type ScenarioInput, scenarioSchema } from "../../scenario/schema.ts";
import type { MachineInput } from "../../scenario/underlay.ts";
import type { ProbeInput } from "../../scenario/story.ts";
import { OpenedScenario } from "../../testkit/gallery.ts";

const FLANNEL = readFileSync(new URL("../../scenario/data/kube-flannel.yml", import.meta.url), "utf8");
const NAMED = { version: 1, name: "test", seed: 1, manifests: [] } as const;

function open(scenario: Partial<ScenarioInput>): OpenedScenario {
  return new OpenedScenario(v.parse(scenarioSchema, { ...NAMED, ...scenario }));
}

function ask(
  opened: OpenedScenario,
  at: string,
  command: string,
  expected: Partial<ProbeInput["expect"]> = {},
): string {
  const { printed, wrong } = opened.ask({
    title: { en: command, zh: command },
    from: at,
    kind: "shell",
    target: command,
    expect: { outcome: "answered", passes: [], avoids: [], ...expected },
  });
  expect(wrong).toEqual([]);
  return printed;
}

const client = (name: string, on: string, address: string, more: object = {}): MachineInput => ({
  name,
  role: "client",
  interfaces: [{ on, addresses: [address], ...more }],
});

describe("cables and switches", () => {
  test("latency counts in both directions, whichever end it is written at", () => {
    const world = open({
      underlay: { switches: [{ name: "lan" }], cables: [{ name: "far", latencyMs: 30 }] },
      machines: [
        client("a", "lan", "10.0.0.1/24", { latencyMs: 5 }),
        client("b", "lan", "10.0.0.2/24"),
        client("x", "far", "10.0.1.1/24"),
        client("y", "far", "10.0.1.2/24"),
      ],
    });
    ask(world, "a", "ping -c1 10.0.0.2");
    expect(ask(world, "a", "ping -c1 10.0.0.2")).toMatch(/time=10\.[01]\d* ms/);
    ask(world, "x", "ping -c1 10.0.1.2");
    expect(ask(world, "y", "ping -c1 10.0.1.1")).toMatch(/time=60\.\d* ms/);
  });

  test("loss and MTU are the devices' own: tc and ip show them", () => {
    const world = open({
      underlay: { cables: [{ name: "bad", lossPercent: 100, mtu: 1400 }] },
      machines: [client("x", "bad", "10.0.1.1/24"), client("y", "bad", "10.0.1.2/24")],
    });
    expect(ask(world, "x", "tc qdisc show dev eth0; ip link show eth0")).toMatch(
      /netem .* loss 100%[\s\S]*mtu 1400/,
    );
    expect(ask(world, "x", "ping -c1 -W1 10.0.1.2")).toContain("0 received");
  });

  test("a machine answers by ssh and by ip netns exec, and knows the others by name", () => {
    const world = open({
      underlay: { switches: [{ name: "lan" }] },
      machines: [client("a", "lan", "10.0.0.1/24"), client("b", "lan", "10.0.0.2/24")],
    });
    expect(ask(world, "", "ssh a hostname")).toBe("a\n");
    expect(ask(world, "", "ip netns exec b ip -br addr show eth0")).toContain("10.0.0.2/24");
    expect(ask(world, "a", "ping -c1 b", { passes: ["lan/a icmp", "lan/b icmp"] })).toContain("1 received");
    expect(ask(world, "lan", "bridge link")).toMatch(/master lan state forwarding/);
  });
});

describe("what cannot be built is said", () => {
  const wrong = (scenario: Partial<ScenarioInput>): string => {
    try {
      open(scenario);
      return "built";
    } catch (error) {
      return error instanceof Error ? error.message : "";
    }
  };

  test.each([
    [{ machines: [client("a", "lan", "10.0.0.1/24")] }, "test: a: eth0: there is no switch or cable lan"],
    [
      { underlay: { cables: [{ name: "c" }] }, machines: [client("a", "c", "10.0.0.1/24")] },
      "test: cable c has 1 ends (a); it needs two",
    ],
    [
      {
        underlay: { switches: [{ name: "lan" }] },
        machines: [client("a", "lan", "10.0.0.1/24"), client("a", "lan", "10.0.0.2/24")],
      },
      "test: two things are called a",
    ],
    [
      { underlay: { switches: [{ name: "lan" }] }, machines: [client("a", "lan", "10.0.0.0/24")] },
      'test: a: eth0: "10.0.0.0/24" is not an address with the length of its network',
    ],
    [
      {
        cluster: kind({ workers: 1 }),
        underlay: { switches: [{ name: "lan" }], nodes: [{ on: "lan", address: "10.0.0.1/24" }] },
      },
      "test: underlay.nodes: 1 for the 2 nodes of the cluster",
    ],
    [{ underlay: { cloudRouter: "r" } }, "test: underlay.cloudRouter: there is no machine r"],
  ] satisfies [Partial<ScenarioInput>, string][])("%#", (scenario, message) => {
    expect(wrong(scenario)).toBe(message);
  });
});

describe("a cloud", () => {
  const manager = pod("cloud", "node1").replace("nginx:1.29", "flannelgraph.io/cloud-controller-manager:v1");
  const manifests = [
    { name: "kube-flannel.yml", yaml: flannelWith(FLANNEL, { backend: "alloc" }) },
    { name: "cloud.yaml", yaml: manager.replace("spec:\n", "spec:\n  hostNetwork: true\n") },
    {
      name: "pods.yaml",
      yaml: documents(pod("left", "node1"), pod("right", "node2")),
      after: "nodes-ready",
    },
  ] satisfies ScenarioInput["manifests"];
  const nodes = ["node1", "node2"].map((name, i) => ({
    name,
    on: "vpc",
    address: `10.100.0.1${i}/24`,
    gateway: "10.100.0.1",
  }));
  const router: MachineInput = {
    name: "vpc-router",
    role: "router",
    interfaces: [{ on: "vpc", addresses: ["10.100.0.1/24"] }],
  };

  test("its router holds the ways to the pods, the nodes hold none", () => {
    const world = open({
      cluster: kind({ workers: 1 }),
      underlay: { switches: [{ name: "vpc" }], nodes, cloudRouter: "vpc-router" },
      machines: [router],
      manifests: [...manifests],
      setup: "sleep 15\n",
    });
    expect(ask(world, "vpc-router", "ip route")).toBe(
      "10.100.0.0/24 dev eth0 proto kernel scope link src 10.100.0.1 \n" +
        "10.244.0.0/24 via 10.100.0.10 dev eth0 \n10.244.1.0/24 via 10.100.0.11 dev eth0 \n",
    );
    expect(ask(world, "node1", "ip route")).not.toContain("10.244.1.0/24");
    const passes = ["node1/eth0 icmp", "vpc-router/eth0 icmp", "node2/eth0 icmp"];
    expect(ask(world, "node1.default.left", "ping -c1 {node2.default.right}", { passes })).toContain(
      "1 received",
    );
  });

  test("without a router of that name the controller says what is missing", () => {
    const world = open({
      cluster: kind({ workers: 1 }),
      underlay: { switches: [{ name: "vpc" }], nodes },
      machines: [router],
      manifests: [...manifests],
    });
    expect(ask(world, "", "kubectl logs cloud")).toContain(
      "flannelgraph: a cloud whose router is not named is not modelled yet",
    );
  });
});

test("cloud-provider-kind has no place beside nodes that are not kind's", () => {
  const world = open({
    cluster: kind({ workers: 0 }),
    underlay: { switches: [{ name: "lan" }], nodes: [{ on: "lan", address: "10.0.0.1/24" }] },
  });
  expect(ask(world, "", "cloud-provider-kind; echo $?")).toMatch(/not modelled yet\n95\n$/);
});
