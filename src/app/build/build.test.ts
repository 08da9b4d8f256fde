import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstLight } from "../../scenario/first-light.ts";
import { changeMachine, connect, unplug } from "../../scenario/edit/ground.ts";
import { objectsOf } from "../../scenario/edit/objects.ts";
import { planChange } from "../../scenario/edit/plan.ts";
import { texts } from "../../scenario/plugin-texts.ts";
import { readScenario } from "../../scenario/read.ts";
import type { Scenario } from "../../scenario/schema.ts";
import { checkCluster, checkManifest } from "./check-text.ts";
import { diffLines } from "./diff.ts";
import { FIELDS, readField, writeField, wrongField } from "./fields.ts";
import { type Item, ITEMS } from "./items.ts";
import { accepts, join, place, takeAway } from "./place.ts";
import { allSubjects, podSubject, sameSubject, type Subject } from "./subject.ts";
import { pathAt, suggestions } from "./yaml-keys.ts";

const EMPTY: Scenario = { version: 1, name: "x", seed: 1, manifests: [] };
/** A router and a Docker host with a cable of their own; what leaves by it bears the router's address. */
function connected(scenario: Scenario): { readonly scenario: Scenario } {
  const wired = connect(scenario, "router", "docker");
  return { scenario: changeMachine(wired, "router", (one) => ({ ...one, masquerade: ["eth1"] })) };
}

const ALL = Object.values(ITEMS).flat() as readonly Item[];

describe("what is dropped", () => {
  it("always leaves a document that can be saved, and everything in it can be taken away", () => {
    const step = fc.record({ item: fc.constantFrom(...ALL), target: fc.nat(20) });
    fc.assert(
      fc.property(fc.boolean(), fc.array(step, { maxLength: 8 }), (hasCluster, steps) => {
        let scenario = hasCluster ? firstLight : EMPTY;
        for (const { item, target } of steps) {
          const subjects = allSubjects(scenario).filter((each) => accepts(item, each));
          const placed = place(scenario, item, subjects[target % Math.max(1, subjects.length)], texts);
          if (!placed.ok) continue;
          scenario = placed.scenario;
          const there =
            placed.subject.kind === "cluster" ||
            allSubjects(scenario).some((s) => sameSubject(s, placed.subject));
          expect(there, item).toBe(true);
        }
        expect(readScenario(JSON.parse(JSON.stringify(scenario)))).toMatchObject({ ok: true });
        for (const subject of allSubjects(scenario)) {
          const taken = takeAway(scenario, subject);
          if (taken.ok)
            expect(allSubjects(taken.scenario).length, JSON.stringify(subject)).toBeLessThan(
              allSubjects(scenario).length,
            );
        }
      }),
      { numRuns: 30 },
    );
  });

  it("a Service dropped on a Deployment selects its pods", () => {
    const target: Subject = {
      kind: "object",
      ref: { kind: "Deployment", namespace: "default", name: "frontend" },
    };
    const placed = place(firstLight, "service", target, texts);
    if (!placed.ok) throw new Error("refused");
    expect(objectsOf(placed.scenario).at(-1)?.text).toMatch(/selector:\n {4}app: "guestbook"/);
  });

  const built = (start: Scenario, ...items: readonly Item[]): Scenario =>
    items.reduce((scenario, item) => {
      const placed = place(scenario, item, undefined, texts);
      return placed.ok ? placed.scenario : scenario;
    }, start);
  const joined = (scenario: Scenario, from: Subject, to: Subject): Scenario => {
    const placed = join(scenario, from, to);
    if (!placed.ok) throw new Error(placed.problem.key);
    return placed.scenario;
  };

  it("a cable joins what has plugs, and says so otherwise", () => {
    const two = built(EMPTY, "namespace", "namespace", "node");
    const [red, blue] = [
      { kind: "namespace", name: "red" },
      { kind: "namespace", name: "blue" },
    ] as const;
    expect(join(two, red, blue)).toMatchObject({ ok: true });
    expect(join(two, red, { kind: "node", name: "kind-worker" })).toMatchObject({
      ok: false,
      problem: { key: "build.needs.ends" },
    });
  });

  it("two bridges are joined as two namespaces are", () => {
    const { setup } = joined(
      built(EMPTY, "bridge", "bridge"),
      { kind: "bridge", name: "br0" },
      { kind: "bridge", name: "br0-2" },
    );
    expect(setup).toMatch(/ip link add veth1a type veth peer name veth1b\nip link set veth1a master br0 up/);
  });

  it("a node is moved to another switch: an address there, and the router between for its way out", () => {
    const ground = built(firstLight, "switch", "router");
    const [lan, far] = [
      { kind: "switch", name: "lan" },
      { kind: "switch", name: "switch" },
    ] as const;
    const node = { kind: "node", name: "kind-worker2" } as const;
    expect(join(ground, { kind: "node", name: "kind-worker2" }, lan)).toMatchObject({ scenario: ground });
    const routed = joined(ground, { kind: "machine", name: "router" }, far);
    expect(routed.machines?.[0]?.interfaces.map(({ on, addresses }) => [on, ...addresses])).toEqual([
      ["lan", "172.18.0.1/16"],
      ["switch", "192.168.56.1/24"],
    ]);
    const moved = joined(routed, far, node);
    expect(moved.underlay?.nodes[2]).toEqual({
      on: "switch",
      address: "192.168.56.2/24",
      gateway: "192.168.56.1",
      routes: [],
    });
    // In the other order the node learns its way out when the router comes.
    const early = joined(joined(ground, node, far), { kind: "machine", name: "router" }, far);
    expect(early.underlay?.nodes[2]).toMatchObject({ address: "192.168.56.1/24", gateway: "192.168.56.2" });
    expect(readScenario(JSON.parse(JSON.stringify(early)))).toMatchObject({ ok: true });
  });

  it("a plug is pulled for good, and with it what the machine did there", () => {
    const { scenario } = connected(built(EMPTY, "router", "docker"));
    const taken = unplug(scenario, "router", "eth1");
    expect(taken.underlay?.cables).toEqual([]);
    expect(taken.machines?.map(({ interfaces }) => interfaces.length)).toEqual([1, 1]);
    expect(taken.machines?.[0]?.masquerade).toEqual([]);
  });

  it("a replica leads to what makes it", () => {
    expect(podSubject(firstLight, "default", "redis-replica-7c9b8f6d5-x2x9k")).toEqual({
      kind: "object",
      ref: { kind: "Deployment", namespace: "default", name: "redis-replica" },
    });
  });
});

describe("forms", () => {
  const frontend = objectsOf(firstLight).find(
    ({ kind, name }) => kind === "Deployment" && name === "frontend",
  )!;

  it("write what they read, and nothing else changes in meaning", () => {
    for (const object of objectsOf(firstLight))
      for (const field of FIELDS[object.kind] ?? []) {
        const before = readField(object.text, field);
        if (before === "") continue;
        const again = writeField(object.text, field, before);
        expect(readField(again, field)).toBe(before);
        const rewritten = {
          ...firstLight,
          manifests: firstLight.manifests.map((file) => ({
            ...file,
            yaml: file.yaml.replace(object.text, () => again),
          })),
        };
        expect(planChange(firstLight, rewritten).kind, `${object.kind} ${object.name}`).toBe("none");
      }
  });

  it("keep the comments of the text", () => {
    const replicas = FIELDS["Deployment"]!.find(({ type }) => type === "replicas")!;
    const text = `# three are enough\n${frontend.text}`;
    const next = writeField(text, replicas, "7");
    expect(next).toContain("# three are enough");
    expect(readField(next, replicas)).toBe("7");
  });

  it.each([
    ["name", "Web", false],
    ["name", "web-1", true],
    ["port", "70000", false],
    ["port", "80", true],
    ["labels", "a=b\nc", false],
    ["labels", "app.kubernetes.io/name=web\ntier=", true],
    ["replicas", "-1", false],
    ["image", "nginx:1.29", true],
    ["image", "a b", false],
  ] as const)("%s %j: %s", (type, input, isRight) => {
    expect(wrongField({ label: "form.name", path: [], type }, input) === undefined).toBe(isRight);
  });
});

describe("texts", () => {
  it("are completed by the place of the line", () => {
    const text = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    ports:
    - con
  no`;
    expect(pathAt(text.split("\n"), 8)).toEqual(["spec", "containers", "ports"]);
    expect(suggestions(text, 8)).toContain("containerPort");
    expect(pathAt(text.split("\n"), 9)).toEqual(["spec"]);
    expect(suggestions(text, 9)).toContain("nodeName");
    expect(suggestions("kind: Service\nspec:\n  type: No", 2)).toContain("NodePort");
    expect(suggestions("kind: Cluster\nnodes:\n- ro", 2)).toContain("role");
  });

  it("complain at the line, counted over all documents", () => {
    const [problem] = checkManifest("apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n---\nkind: Pod\n");
    expect(problem?.line).toBe(6);
    expect(problem?.message).toContain("apiVersion, metadata");
    expect(checkManifest("apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n name: b\n")[0]?.line).toBe(5);
    expect(
      checkCluster("kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnetworking:\n  podSubnets: x\n"),
    ).toMatchObject([{ line: 4 }]);
  });

  it("are compared so that the signs rebuild both sides", () => {
    const lines = fc
      .array(fc.constantFrom("a", "b", "c", ""), { maxLength: 30 })
      .map((all) => all.join("\n"));
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const diff = diffLines(before, after, Infinity);
        const side = (signs: string): string =>
          diff
            .filter(({ sign }) => signs.includes(sign))
            .map(({ text }) => text)
            .join("\n");
        expect(before === after ? before : side(" -")).toBe(before);
        expect(before === after ? after : side(" +")).toBe(after);
      }),
    );
  });
});
