import { describe, expect, it } from "vitest";
import type { Result } from "../../base/result.ts";
import { must } from "../../base/result.ts";
import { firstLight } from "../first-light.ts";
import { texts } from "../plugin-texts.ts";
import { readScenario } from "../read.ts";
import type { Scenario } from "../schema.ts";
import { addNode } from "./cluster.ts";
import { clipboardPart, pastePart } from "./duplicate.ts";
import { addMachine, addSwitch, connect } from "./ground.ts";
import { addBridge, addCable, addNamespace, handMade } from "./hand.ts";
import { addKind } from "./kinds.ts";
import { objectsOf } from "./objects.ts";
import { addCluster } from "./plugin.ts";
import { rename, type RenameProblem } from "./rename.ts";

const EMPTY: Scenario = { version: 1, name: "x", seed: 1, manifests: [] };
const done = (result: Result<Scenario, RenameProblem>): Scenario => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  expect(readScenario(result.value).ok).toBe(true);
  return result.value;
};
const problem = (result: Result<Scenario, RenameProblem>): RenameProblem | undefined =>
  result.ok ? undefined : result.error;
const yaml = ({ manifests }: Scenario): string => manifests.map((file) => file.yaml).join("\n");
const object = (kind: string, name: string) => ({
  kind: "object" as const,
  ref: { kind, namespace: "default", name },
});
const ask = (from: string, target: string, passes: string[] = []) => ({
  title: { en: "t", zh: "t" },
  from,
  kind: "http" as const,
  target,
  expect: { outcome: "answered" as const, passes, avoids: [] },
});

describe("API objects", () => {
  it("a Service's name follows in Ingresses and questions, and nowhere else", () => {
    const served = addKind(firstLight, "Ingress", { service: "frontend" }).scenario;
    const before = {
      ...served,
      probes: [ask("kind-worker.default.redis-*", "http://frontend/"), ask("", "http://frontend-2/")],
    };
    const after = done(rename(before, object("Service", "frontend"), "shop"));
    expect(yaml(after)).toMatch(/kind: Ingress[^]*service:\s+name: shop/);
    expect(objectsOf(after).map(({ kind, name }) => `${kind} ${name}`)).toContain("Deployment frontend");
    expect(after.probes?.map(({ target }) => target)).toEqual(["http://shop/", "http://frontend-2/"]);
  });

  it("a Deployment's pods are asked under their new names", () => {
    const before = {
      ...firstLight,
      probes: [ask("kind-worker.default.frontend-*", "{kind-worker2.default.frontend-*}")],
    };
    const after = done(rename(before, object("Deployment", "frontend"), "web"));
    expect(after.probes?.[0]).toMatchObject({
      from: "kind-worker.default.web-*",
      target: "{kind-worker2.default.web-*}",
    });
  });

  it("says why a name cannot be given", () => {
    const of = (name: string) => problem(rename(firstLight, object("Service", "frontend"), name));
    expect(of("redis-master")).toEqual({ reason: "taken", name: "redis-master" });
    expect(of("Front End")).toEqual({ reason: "invalid", rule: "label" });
    expect(of("9lives")).toEqual({ reason: "invalid", rule: "label" });
    expect(problem(rename(firstLight, object("Service", "nobody"), "x"))).toEqual({ reason: "gone" });
  });
});

describe("nodes, machines and switches", () => {
  const cluster = addNode(addCluster(EMPTY, texts));

  it("a node gets a name of its own; pods that were put there follow, and questions", () => {
    const pod = addKind(cluster, "Pod", { node: "kind-worker" }).scenario;
    const before = {
      ...pod,
      probes: [ask("kind-worker.default.web", "{kind-worker2}", ["kind-worker/eth0 tcp"])],
    };
    const after = done(rename(before, { kind: "node", name: "kind-worker" }, "berta"));
    expect(after.underlay?.nodes.map(({ name }) => name)).toEqual([undefined, "berta", undefined]);
    expect(yaml(after)).toContain("nodeName: berta");
    expect(after.probes?.[0]).toMatchObject({
      from: "berta.default.web",
      target: "{kind-worker2}",
      expect: { passes: ["berta/eth0 tcp"] },
    });
    expect(problem(rename(after, { kind: "node", name: "kind-worker2" }, "berta"))).toEqual({
      reason: "taken",
      name: "berta",
    });
    const back = done(rename(after, { kind: "node", name: "kind-worker" }, "kind-worker"));
    expect(yaml(back)).toContain("nodeName: kind-worker\n");
  });

  it("a switch's plugs stay in it, and a machine keeps its cables and its place as the cloud's router", () => {
    const ground = addMachine(addMachine(cluster, "router").scenario, "client").scenario;
    const cabled = connect(ground, "router", "client");
    const underlay = must(cabled.underlay, "underlay");
    const before = {
      ...cabled,
      underlay: { ...underlay, cloudRouter: "router" },
      setup: "ssh root@router true\n",
    };
    const lan = underlay.switches[0]?.name ?? "";
    const renamed = done(rename(before, { kind: "switch", name: lan }, "backbone"));
    expect(renamed.underlay?.nodes.every(({ on }) => on === "backbone")).toBe(true);
    expect(renamed.machines?.map(({ interfaces }) => interfaces.map(({ on }) => on))).toEqual([
      ["backbone", "cable"],
      ["backbone", "cable"],
    ]);
    const after = done(rename(renamed, { kind: "machine", name: "router" }, "gate"));
    expect(after.machines?.map(({ name }) => name)).toEqual(["gate", "client"]);
    expect(after.underlay?.cloudRouter).toBe("gate");
    expect(after.setup).toBe("ssh root@gate true\n");
    expect(problem(rename(after, { kind: "machine", name: "gate" }, "client"))?.reason).toBe("taken");
  });
});

describe("namespaces and bridges of a script", () => {
  function byHand(): Scenario {
    const two = addNamespace(addNamespace(addBridge(EMPTY).scenario).scenario).scenario;
    return addCable(addCable(two, "red", "blue"), "red", "br0");
  }

  it("every command that names it follows", () => {
    const after = done(rename(byHand(), { kind: "namespace", name: "red" }, "rot"));
    expect(handMade(after).namespaces).toEqual(["rot", "blue"]);
    expect(after.setup).not.toMatch(/\bred\b/);
    const bridged = done(rename(after, { kind: "bridge", name: "br0" }, "lan0"));
    expect(handMade(bridged).bridges).toEqual(["lan0"]);
    expect(bridged.setup).not.toContain("br0");
    expect(bridged.setup).toContain("master lan0");
  });

  it("refuses where it would have to guess, and says at which line", () => {
    const before = { ...byHand(), script: "for ns in red blue; do echo $ns; done\n" };
    expect(problem(rename(before, { kind: "namespace", name: "red" }, "rot"))).toEqual({
      reason: "script",
      line: "for ns in red blue; do echo $ns; done",
    });
    expect(problem(rename(byHand(), { kind: "bridge", name: "br0" }, "sixteen-letters1"))).toEqual({
      reason: "invalid",
      rule: "device",
    });
    expect(problem(rename(byHand(), { kind: "namespace", name: "red" }, "blue"))?.reason).toBe("taken");
  });
});

describe("copies", () => {
  it("a machine's copy has a name and addresses of its own, on the same switch", () => {
    const { scenario, name } = addMachine(addSwitch(EMPTY).scenario, "client");
    const pasted = must(pastePart(scenario, clipboardPart(scenario, "machine", name)), "copy");
    expect(pasted.name).toBe("client-2");
    const addresses = pasted.scenario.machines?.map(({ interfaces }) => interfaces[0]?.addresses[0]);
    expect(new Set(addresses).size).toBe(2);
    expect(readScenario(pasted.scenario).ok).toBe(true);
  });

  it("switches, namespaces, bridges and nodes come once more; what is none of these is refused", () => {
    let scenario = addNode(addCluster(addBridge(addNamespace(EMPTY).scenario).scenario, texts));
    for (const [kind, name] of [
      ["switch", "x"],
      ["namespace", "red"],
      ["bridge", "br0"],
      ["node", "kind-worker"],
    ] as const)
      scenario = must(pastePart(scenario, clipboardPart(scenario, kind, name)), kind).scenario;
    expect(handMade(scenario)).toMatchObject({ namespaces: ["red", "blue"], bridges: ["br0", "br0-2"] });
    expect(scenario.cluster?.match(/role: worker/g)).toHaveLength(3);
    expect(pastePart(scenario, { kind: "Machine", spec: { name: "<script>" } })).toBeUndefined();
    expect(pastePart(scenario, { kind: "Pod" })).toBeUndefined();
  });
});
