import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { rulesConfig } from "../../../testkit/felix.ts";
import { ipsetText, restoreText } from "../../../testkit/felix-restore.ts";
import { vethName } from "../api/index.ts";
import { calculate } from "./calc/active.ts";
import { EMPTY, type Snapshot } from "./calc/snapshot.ts";
import { policyFromKubernetes, profileOfNamespace } from "./model/kubernetes.ts";
import type { Policy, Workload } from "./model/types.ts";
import { Renderer } from "./rules/render.ts";

const LAB = new URL("../../../../e2e/kernel/labs/420-felix-policies.sh", import.meta.url);
const POOL = "10.244.0.0/16";

const meta = (name: string, namespace?: string, labels?: Readonly<Record<string, string>>) => ({
  name,
  uid: name,
  resourceVersion: "1",
  creationTimestamp: "2026-01-01T00:00:00Z",
  ...(namespace === undefined ? {} : { namespace }),
  ...(labels === undefined ? {} : { labels }),
});

function pod(namespace: string, name: string, address: string): Workload {
  return {
    name: `${namespace}/${name}`,
    node: "host",
    device: vethName(namespace, name),
    addresses: [address],
    labels: { pod: name, "projectcalico.org/namespace": namespace, "projectcalico.org/orchestrator": "k8s" },
    profiles: [`kns.${namespace}`],
    ports: [{ name: "web", protocol: "tcp", port: 80 }],
    spoofed: [],
    refused: [],
  };
}

function policy(name: string, spec: Parameters<typeof policyFromKubernetes>[0]["spec"]): Policy {
  return policyFromKubernetes({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: meta(name, "x"),
    ...(spec === undefined ? {} : { spec }),
  });
}

/** Three pods and two policies: nothing in or out of x; to x/a's named port from y, and from x/a to a block's names. */
const WORLD: Snapshot = {
  ...EMPTY,
  profiles: new Map(
    ["x", "y"].map((name) => {
      const namespace = {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: meta(name, undefined, { ns: name }),
      };
      const made = profileOfNamespace(namespace);
      return [made.name, made];
    }),
  ),
  workloads: [pod("x", "a", "10.244.0.10"), pod("x", "b", "10.244.0.11"), pod("y", "a", "10.244.0.12")],
  policies: [
    policy("deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
    policy("web", {
      podSelector: { matchLabels: { pod: "a" } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { ns: "y" } } }], ports: [{ port: "web" }] }],
      egress: [
        {
          to: [{ ipBlock: { cidr: "203.0.113.0/24", except: ["203.0.113.128/25"] } }],
          ports: [{ port: 53, protocol: "UDP" }],
        },
      ],
    }),
  ],
};

describe("lab 420", () => {
  it("asks a real kernel about what Felix writes", () => {
    const active = calculate(WORLD, "host");
    const tables = new Renderer(rulesConfig()).render({
      active,
      hostDevices: new Map(),
      masquerades: true,
      serviceCidrs: [],
      spoofing: false,
    });
    const sets = { thisHost: ["192.0.2.1"], allPools: [POOL, "203.0.113.0/24"], masqueradePools: [POOL] };
    const lab = readFileSync(LAB, "utf8");
    expect(lab).toContain(`<<'SETS'\n${ipsetText(active, sets)}\nSETS\n`);
    expect(lab).toContain(`<<'RULES'\n${restoreText(tables)}\nRULES\n`);
  });
});
