import { describe, expect, it } from "vitest";
import { must } from "../../../../base/result.ts";
import type { ObjectOf } from "../../../api/index.ts";
import { globalPolicy, networkSetOf } from "../model/calico.ts";
import { policyFromKubernetes, profileOfNamespace, simplifyPorts } from "../model/kubernetes.ts";
import type { Policy, Profile, Workload } from "../model/types.ts";
import { type Active, calculate } from "./active.ts";
import { parseRule } from "./parsed.ts";
import { EMPTY, type Snapshot } from "./snapshot.ts";

type Spec = NonNullable<ObjectOf<"NetworkPolicy">["spec"]>;
type GlobalSpec = Parameters<typeof globalPolicy>[0]["spec"];

const NODE = "node1";

function pod(namespace: string, name: string, address: string, node = NODE): Workload {
  return {
    name: `${namespace}/${name}`,
    node,
    device: `cali${name}`,
    addresses: [address],
    labels: {
      pod: name,
      "projectcalico.org/namespace": namespace,
      "projectcalico.org/orchestrator": "k8s",
    },
    profiles: [`kns.${namespace}`],
    ports: [{ name: "web", protocol: "tcp", port: name === "b" ? 8080 : 80 }],
    spoofed: [],
    refused: [],
  };
}

const meta = (name: string, namespace?: string) => ({
  name,
  uid: name,
  resourceVersion: "1",
  creationTimestamp: "2026-01-01T00:00:00Z",
  ...(namespace === undefined ? {} : { namespace }),
});

function kubernetes(name: string, spec: Spec): Policy {
  const object = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: meta(name, "x"),
    spec,
  };
  return policyFromKubernetes(object);
}

function global(name: string, spec: GlobalSpec): Policy {
  return globalPolicy({
    apiVersion: "crd.projectcalico.org/v1",
    kind: "x",
    metadata: meta(name),
    spec,
  });
}

function profile(name: string): readonly [string, Profile] {
  const made = profileOfNamespace({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { ...meta(name), labels: { team: `${name}-team` } },
  });
  return [made.name, made];
}

function world(policies: readonly Policy[], more: Partial<Snapshot> = {}): Snapshot {
  return {
    ...EMPTY,
    profiles: new Map(["x", "y"].map(profile)),
    workloads: [pod("x", "a", "10.0.0.1"), pod("x", "b", "10.0.0.2"), pod("y", "a", "10.0.1.1", "node2")],
    policies,
    ...more,
  };
}

/** The tiers of a pod, as `default: in p1 p2, out p3`. */
function tiers(active: Active, name: string): readonly string[] {
  const found = must(
    active.workloads.find(({ workload }) => workload.name === name),
    name,
  );
  return found.tiers.normal.map(
    ({ name: tier, defaultAction, ingress, egress }) =>
      `${tier} (${defaultAction}): in ${ingress.map((p) => p.name).join(" ")}, out ${egress.map((p) => p.name).join(" ")}`,
  );
}

const members = (active: Active): readonly (readonly string[])[] =>
  [...active.sets.values()].map((set) => set.members);

const from = (
  peer: NonNullable<NonNullable<Spec["ingress"]>[number]["from"]>[number],
  port?: string,
): Spec => ({
  podSelector: { matchLabels: { pod: "a" } },
  ingress: [{ from: [peer], ...(port === undefined ? {} : { ports: [{ port }] }) }],
  policyTypes: ["Ingress"],
});

describe("policies and endpoints", () => {
  it("meet by selector, in the order of orders and names", () => {
    const active = calculate(
      world([
        kubernetes("z", { podSelector: {} }),
        kubernetes("all", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
        global("default.first", { order: 1, selector: "pod == 'a'", types: ["Ingress"] }),
        global("default.last", { selector: "all()", types: ["Egress"] }),
      ]),
      NODE,
    );
    expect(tiers(active, "x/a")).toEqual([
      "default (Deny): in default.first x/knp.default.all x/knp.default.z, out x/knp.default.all default.last",
    ]);
    expect(tiers(active, "x/b")).toEqual([
      "default (Deny): in x/knp.default.all x/knp.default.z, out x/knp.default.all default.last",
    ]);
    expect(calculate(world([]), "node3").workloads).toEqual([]);
  });

  it("are asked tier by tier", () => {
    const made = new Map([
      ["default", { name: "default", order: 1000000, defaultAction: "Deny" as const }],
      ["security", { name: "security", order: 100, defaultAction: "Pass" as const }],
    ]);
    const policies = ["default.p", "security.q", "lost.r"].map((name) =>
      global(name, { types: ["Ingress"] }),
    );
    expect(tiers(calculate(world(policies, { tiers: made }), NODE), "x/a")).toEqual([
      "security (Pass): in security.q, out ",
      "default (Deny): in default.p, out ",
      "lost (Deny): in lost.r, out ",
    ]);
  });

  it("without types are about both directions", () => {
    expect(tiers(calculate(world([global("default.p", {})]), NODE), "x/a")).toEqual([
      "default (Deny): in default.p, out default.p",
    ]);
  });
});

describe("the sets of a rule", () => {
  it("hold the pods of the policy's own namespace", () => {
    const policy = kubernetes("p", from({ podSelector: { matchLabels: { pod: "b" } } }));
    const [rule] = policy.ingress;
    expect(rule?.source.selector).toBe(
      "(projectcalico.org/namespace == 'x') && (projectcalico.org/orchestrator == 'k8s' && pod == 'b')",
    );
    expect(members(calculate(world([policy]), NODE))).toEqual([["10.0.0.2"]]);
  });

  it("or of other namespaces, by labels that pods inherit", () => {
    const policy = kubernetes("p", from({ namespaceSelector: { matchLabels: { team: "y-team" } } }));
    expect(policy.ingress[0]?.source.selector).toBe(
      `(pcns.team == "y-team") && (projectcalico.org/orchestrator == 'k8s')`,
    );
    expect(members(calculate(world([policy]), NODE))).toEqual([["10.0.1.1"]]);
    const everywhere = kubernetes("q", from({ namespaceSelector: {} }));
    expect(members(calculate(world([everywhere]), NODE))).toEqual([["10.0.0.1", "10.0.0.2", "10.0.1.1"]]);
  });

  it("or addresses with the port that each pod gives the name", () => {
    const policy = kubernetes("p", from({ podSelector: {} }, "web"));
    expect(members(calculate(world([policy]), NODE))).toContainEqual([
      "10.0.0.1,tcp:80",
      "10.0.0.2,tcp:8080",
      "10.0.1.1,tcp:80",
    ]);
  });

  it("follow the pods that come and go", () => {
    const policy = kubernetes("p", from({ podSelector: {} }));
    const before = world([policy]);
    const after = { ...before, workloads: [...before.workloads, pod("x", "c", "10.0.0.3", "node2")] };
    const gone = { ...before, workloads: before.workloads.slice(0, 1) };
    const all = [before, after, gone].map((snapshot) => members(calculate(snapshot, NODE)));
    expect(all).toEqual([[["10.0.0.1", "10.0.0.2"]], [["10.0.0.1", "10.0.0.2", "10.0.0.3"]], [["10.0.0.1"]]]);
  });

  it("know network sets, the whole Internet in two halves, and the endpoints of Services", () => {
    const set = networkSetOf({
      apiVersion: "",
      kind: "",
      metadata: { ...meta("outside"), labels: { zone: "out" } },
      spec: { nets: ["0.0.0.0/0", "192.0.2.7", "fd00::1"] },
    });
    const policy = global("default.p", {
      selector: "pod == 'a'",
      egress: [
        { action: "Deny", destination: { selector: "zone == 'out'" } },
        { action: "Allow", destination: { services: { name: "web", namespace: "x" } } },
      ],
    });
    const services = new Map([["x/web", [{ address: "10.0.0.2", protocol: "tcp", port: 8080 }]]]);
    const active = calculate(world([policy], { networkSets: [set], services }), NODE);
    expect(members(active)).toEqual([["0.0.0.0/1", "128.0.0.0/1", "192.0.2.7"], ["10.0.0.2,tcp:8080"]]);
  });

  it("take what a rule excludes out of what it selects", () => {
    const { rule, sets } = parseRule({
      ...must(
        global("default.p", {
          egress: [{ action: "Allow", destination: { selector: "a == 'b'", notSelector: "c == 'd'" } }],
        }).egress[0],
        "rule",
      ),
    });
    expect(sets.map(({ selector }) => selector?.text)).toEqual(['(a == "b" && !c == "d")']);
    expect(rule?.destination.notSets).toEqual([]);
  });
});

describe("ports", () => {
  it("become the fewest ranges", () => {
    const one = (n: number) => ({ first: n, last: n });
    expect(simplifyPorts([one(82), one(80), "web", one(81), one(9090)])).toEqual([
      "web",
      { first: 80, last: 82 },
      one(9090),
    ]);
    expect(simplifyPorts([one(80), "web"])).toEqual([one(80), "web"]);
  });
});
