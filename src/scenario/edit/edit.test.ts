import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { parseKindConfig } from "../../formats/kind.ts";
import { firstLight } from "../first-light.ts";
import { readScenario } from "../read.ts";
import type { Scenario } from "../schema.ts";
import { texts } from "../plugin-texts.ts";
import { addNode, clusterFacts, removeNode, setNodeLabels, setProxyMode, setSubnet } from "./cluster.ts";
import { addContainer, addMachine, addSwitch, connect, removeGround } from "./ground.ts";
import { clipboardPart, clipboardValue, pastePart } from "./duplicate.ts";
import { addBridge, addCable, addNamespace, handMade, removeNamespace } from "./hand.ts";
import { addKind, OBJECT_KINDS } from "./kinds.ts";
import { findObject, objectsOf, removeObject, replaceObject } from "./objects.ts";
import { planChange } from "./plan.ts";
import { addCluster, setPlugin } from "./plugin.ts";
import { PLUGINS, pluginOf } from "./plugins.ts";
import { freeRange, overlaps, rangeProblem } from "./ranges.ts";

const EMPTY: Scenario = { version: 1, name: "x", seed: 1, manifests: [] };
const CLUSTER = addNode(addCluster(EMPTY, texts));
const names = (scenario: Scenario): readonly string[] =>
  clusterFacts(scenario)?.nodes.map(({ name }) => name) ?? [];

describe("API objects", () => {
  it("a pod dropped on a node is applied to the running world, and deleted again by undo", () => {
    const { scenario, name } = addKind(CLUSTER, "Pod", { node: "kind-worker" });
    expect(name).toBe("web");
    const there = planChange(CLUSTER, scenario);
    expect(there.kind === "live" && there.commands[0]?.command).toMatch(
      /^kubectl apply -f - <<'EOF'\napiVersion: v1\nkind: Pod[^]*nodeName: kind-worker[^]*EOF$/,
    );
    expect(planChange(scenario, CLUSTER)).toEqual({
      kind: "live",
      commands: [{ at: "", command: "kubectl delete pod web -n default --grace-period=1" }],
    });
  });

  it("takes out exactly what was added, whatever else is there", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...OBJECT_KINDS), { maxLength: 6 }), (kinds) => {
        const added = kinds.reduce((scenario, kind) => addKind(scenario, kind, {}).scenario, firstLight);
        expect(objectsOf(added)).toHaveLength(objectsOf(firstLight).length + kinds.length);
        const removed = objectsOf(added)
          .toReversed()
          .slice(0, kinds.length)
          .reduce((scenario, each) => removeObject(scenario, findObject(scenario, each) ?? each), added);
        expect(removed).toEqual(firstLight);
        expect(planChange(added, removed).kind).toBe(kinds.length === 0 ? "none" : "live");
      }),
      { numRuns: 60 },
    );
  });

  it("replaces one document of a file and leaves the others' text alone", () => {
    const frontend = findObject(firstLight, { kind: "Deployment", namespace: "default", name: "frontend" });
    if (frontend === undefined) throw new Error("no frontend");
    const text = frontend.text.replace(/replicas: \d+/, "replicas: 5");
    const changed = replaceObject(firstLight, frontend, text);
    const plan = planChange(firstLight, changed);
    expect(plan.kind === "live" && plan.commands.map(({ command }) => command.split("\n")[0])).toEqual([
      "kubectl apply -f - <<'EOF'",
    ]);
    expect(changed.manifests[1]?.yaml.replace("replicas: 5", "replicas: 3")).toBe(
      firstLight.manifests[1]?.yaml,
    );
  });

  it("makes a pod anew when what changed cannot be patched", () => {
    const { scenario } = addKind(CLUSTER, "Pod", { node: "kind-worker" });
    const pod = objectsOf(scenario).at(-1)!;
    const moved = replaceObject(scenario, pod, pod.text.replace("kind-worker", "kind-worker2"));
    const plan = planChange(scenario, moved);
    expect(plan.kind === "live" && plan.commands.map(({ command }) => command.split(" ")[1])).toEqual([
      "delete",
      "apply",
    ]);
    const newer = replaceObject(scenario, pod, pod.text.replace("1.29", "1.30"));
    const patch = planChange(scenario, newer);
    expect(patch.kind === "live" && patch.commands).toHaveLength(1);
  });

  it("no name or text can end the here-document early or reach the shell", () => {
    const evil = `apiVersion: v1\nkind: Pod\nmetadata:\n  name: "x; rm -rf /"\ndata: |\n  a\nEOF: b\n`;
    const scenario: Scenario = { ...CLUSTER, manifests: [...CLUSTER.manifests, { name: "e", yaml: evil }] };
    const back = planChange(scenario, CLUSTER);
    expect(back.kind === "live" && back.commands[0]?.command).toContain("'x; rm -rf /'");
  });
});

describe("the cluster", () => {
  it("gains and loses nodes; pods that were put on one by name follow it", () => {
    const three = addNode(CLUSTER);
    expect(names(three)).toEqual(["kind-control-plane", "kind-worker", "kind-worker2", "kind-worker3"]);
    expect(planChange(CLUSTER, three)).toEqual({ kind: "rebuild", reason: "cluster" });
    const onThird = addKind(three, "Pod", { node: "kind-worker3" }).scenario;
    const onSecond = addKind(onThird, "Pod", { node: "kind-worker2" }).scenario;
    const two = removeNode(onSecond, 2);
    expect(names(two)).toEqual(["kind-control-plane", "kind-worker", "kind-worker2"]);
    const nodes = objectsOf(two)
      .filter(({ kind }) => kind === "Pod")
      .map(({ text }) => /nodeName: (.*)/.exec(text)?.[1]);
    expect(nodes).toEqual(["kind-worker2", undefined]);
    expect(removeNode(two, 0)).toBe(two);
  });

  it("stays a kind configuration that can be read, comments kept", () => {
    const commented = { ...CLUSTER, cluster: `# mine\n${CLUSTER.cluster ?? ""}` };
    const edited = setSubnet(
      setNodeLabels(setProxyMode(addNode(commented), "ipvs"), 1, { disk: "ssd" }),
      "podSubnet",
      "10.200.0.0/16",
    );
    expect(edited.cluster).toContain("# mine");
    const read = parseKindConfig(edited.cluster ?? "");
    expect(read).toMatchObject({
      ok: true,
      value: { networking: { kubeProxyMode: "ipvs", podSubnet: "10.200.0.0/16" } },
    });
    expect(edited.manifests[0]?.yaml).toContain('"Network": "10.200.0.0/16"');
    expect(planChange(commented, { ...edited, manifests: commented.manifests })).toMatchObject({
      kind: "rebuild",
    });
  });

  it.each(PLUGINS)("can have %s", (plugin) => {
    const scenario = setPlugin(CLUSTER, plugin, texts);
    expect(pluginOf(scenario)).toBe(plugin);
    expect(plugin === "flannel-vxlan" || planChange(CLUSTER, scenario).kind === "rebuild").toBe(true);
    expect(setPlugin(scenario, "flannel-vxlan", texts)).toEqual(CLUSTER);
  });
});

describe("machines and switches", () => {
  it("stand beside a cluster's nodes with addresses of their network", () => {
    const client = addMachine(CLUSTER, "client");
    const { machines, underlay } = client.scenario;
    expect(underlay?.nodes.map(({ address }) => address)).toEqual([
      "172.18.0.2/16",
      "172.18.0.3/16",
      "172.18.0.4/16",
    ]);
    expect(machines?.[0]?.interfaces).toEqual([{ name: "eth0", on: "lan", addresses: ["172.18.0.5/16"] }]);
    expect(planChange(CLUSTER, client.scenario)).toEqual({ kind: "rebuild", reason: "underlay" });
  });

  it("are documents that can be saved, whatever is added and taken away", () => {
    const roles = ["linux", "client", "router", "docker", "balancer", "internet"] as const;
    const step = fc.oneof(
      fc.constantFrom(...roles).map((role) => ({ do: "machine" as const, role })),
      fc.constant({ do: "switch" as const }),
      fc.record({ do: fc.constant("connect" as const), a: fc.nat(5), b: fc.nat(5) }),
      fc.record({ do: fc.constant("remove" as const), a: fc.nat(5) }),
    );
    fc.assert(
      fc.property(fc.boolean(), fc.array(step, { maxLength: 12 }), (hasCluster, steps) => {
        let scenario = hasCluster ? CLUSTER : EMPTY;
        for (const each of steps) {
          const all = [...(scenario.machines ?? []), ...(scenario.underlay?.switches ?? [])];
          const name = (i: number): string => all[i % Math.max(1, all.length)]?.name ?? "";
          if (each.do === "machine") scenario = addMachine(scenario, each.role).scenario;
          else if (each.do === "switch") scenario = addSwitch(scenario).scenario;
          else if (each.do === "remove") scenario = removeGround(scenario, name(each.a));
          else if (name(each.a) !== name(each.b)) scenario = connect(scenario, name(each.a), name(each.b));
        }
        const read = readScenario(JSON.parse(JSON.stringify(scenario)));
        expect(read.ok ? "" : read.error.detail).toBe("");
        const addresses = (scenario.machines ?? []).flatMap(({ interfaces }) =>
          interfaces.flatMap((each) => each.addresses),
        );
        expect(new Set(addresses).size).toBe(addresses.length);
      }),
      { numRuns: 150 },
    );
  });

  it("a container is a line that one would type, run at once where Docker is", () => {
    const host = addMachine(EMPTY, "docker");
    const { scenario } = addContainer(host.scenario, host.name);
    expect(planChange(host.scenario, scenario)).toEqual({
      kind: "live",
      commands: [{ at: "docker", command: "docker run -d --name web nginx:1.29" }],
    });
    expect(planChange(scenario, host.scenario)).toEqual({ kind: "rebuild", reason: "script" });
  });
});

it("namespaces, bridges and cables are lines of the setup", () => {
  const red = addNamespace(EMPTY);
  const blue = addNamespace(red.scenario);
  const bridge = addBridge(blue.scenario);
  const wired = addCable(addCable(bridge.scenario, red.name, bridge.name), red.name, blue.name);
  expect(handMade(wired)).toEqual({
    namespaces: ["red", "blue"],
    bridges: ["br0"],
    cables: ["veth1a", "veth2a"],
  });
  expect(planChange(bridge.scenario, wired)).toMatchObject({ kind: "live" });
  expect(handMade(removeNamespace(wired, "red")).namespaces).toEqual(["blue"]);
});

describe("address ranges", () => {
  it.each([
    ["10.244.0.0/16", undefined],
    ["10.244.0.1/16", "host-bits"],
    ["10.244.0.0", "syntax"],
    ["10.244.0.0/33", "length"],
    ["10.300.0.0/16", "octet"],
  ])("%s: %s", (text, problem) => {
    expect(rangeProblem(text)?.kind).toBe(problem);
  });

  it("says which addresses two ranges share, and finds one that is free", () => {
    const ranges = [
      { what: "pods", cidr: "10.244.0.0/16" },
      { what: "services", cidr: "10.244.128.0/20" },
      { what: "nodes", cidr: "172.18.0.0/16" },
    ];
    expect(overlaps(ranges)).toMatchObject([{ first: "10.244.128.0", last: "10.244.143.255", size: 4096n }]);
    expect(freeRange(16, ["10.0.0.0/16", "10.1.0.0/18"])).toBe("10.2.0.0/16");
  });

  it("agrees with arithmetic on which ranges meet", () => {
    const cidr = fc.tuple(fc.nat(255), fc.integer({ min: 0, max: 24 })).map(([b, length]) => {
      const address = ((10 << 24) | (b << 16)) & (length === 0 ? 0 : -1 << (32 - length));
      return {
        from: address >>> 0,
        size: 2 ** (32 - length),
        text: `${(address >>> 24) & 255}.${(address >>> 16) & 255}.0.0/${length}`,
      };
    });
    fc.assert(
      fc.property(cidr, cidr, (a, b) => {
        fc.pre(rangeProblem(a.text) === undefined && rangeProblem(b.text) === undefined);
        const meet = a.from < b.from + b.size && b.from < a.from + a.size;
        const found = overlaps([
          { what: "a", cidr: a.text },
          { what: "b", cidr: b.text },
        ]);
        expect(found.length).toBe(meet ? 1 : 0);
      }),
    );
  });
});

it("a machine comes back from the clipboard's text with its plugs, under a name and addresses that are free", () => {
  const { scenario, name } = addMachine(EMPTY, "docker");
  const text = stringify(clipboardPart(scenario, "machine", name));
  const pasted = pastePart(scenario, clipboardValue(text));
  expect(pasted?.name).toBe("docker-2");
  expect(pasted?.scenario.machines?.map(({ interfaces }) => interfaces)).toMatchObject([
    [{ name: "eth0", on: "switch", addresses: ["192.168.56.1/24"] }],
    [{ name: "eth0", on: "switch", addresses: ["192.168.56.2/24"] }],
  ]);
  expect(clipboardValue("kind: Pod")).toBeUndefined();
  expect(clipboardValue("flannelgraph/v1: [")).toBeUndefined();
});
