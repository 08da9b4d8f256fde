import { expect, it } from "vitest";
import { EventQueue } from "../../../sim/queue.ts";
import { Random } from "../../../sim/random.ts";
import { ApiClient, ApiStore, type Draft } from "../index.ts";

type Spec = NonNullable<Draft<"NetworkPolicy">["spec"]>;

function create(spec: Spec) {
  const client = new ApiClient(new ApiStore({ queue: new EventQueue(), random: new Random(1) }), "test");
  client.mustCreate("Namespace", { apiVersion: "v1", kind: "Namespace", metadata: { name: "x" } });
  return client.create("NetworkPolicy", {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "p", namespace: "x" },
    spec,
  });
}

/** What the server says against it, without the object's name. */
function refusal(spec: Spec): string | undefined {
  const made = create(spec);
  return made.ok
    ? undefined
    : made.error.message.replace('NetworkPolicy.networking.k8s.io "p" is invalid: ', "");
}

it("fills in types and protocols", () => {
  const made = create({ podSelector: {}, ingress: [{ ports: [{ port: 80 }] }], egress: [] });
  expect(made.ok && made.value.spec).toEqual({
    podSelector: {},
    policyTypes: ["Ingress"],
    ingress: [{ ports: [{ port: 80, protocol: "TCP" }] }],
    egress: [],
  });
  const both = create({ egress: [{}] });
  expect(both.ok && both.value.spec?.policyTypes).toEqual(["Ingress", "Egress"]);
});

it.each<[Spec, string]>([
  [{ ingress: [{ from: [{}] }] }, "spec.ingress[0].from[0]: Required value: must specify a peer"],
  [
    { egress: [{ to: [{ podSelector: {}, ipBlock: { cidr: "10.0.0.0/8" } }] }] },
    "spec.egress[0].to[0]: Forbidden: may not specify both ipBlock and another peer",
  ],
  [
    { egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/24", except: ["10.0.1.0/28"] } }] }] },
    'spec.egress[0].to[0].ipBlock.except[0]: Invalid value: "10.0.1.0/28": must be a strict subset of `cidr`',
  ],
  [
    { egress: [{ to: [{ ipBlock: { cidr: "300.0.0.0/8" } }] }] },
    'spec.egress[0].to[0].ipBlock.cidr: Invalid value: "300.0.0.0/8": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
  ],
  [
    { ingress: [{ ports: [{ port: 90, endPort: 80 }] }] },
    "spec.ingress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`",
  ],
  [
    { ingress: [{ ports: [{ port: "http", endPort: 80 }] }] },
    "spec.ingress[0].ports[0].endPort: Forbidden: may not be specified when `port` is non-numeric",
  ],
  [
    { ingress: [{ ports: [{ protocol: "ICMP" }] }] },
    'spec.ingress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"',
  ],
  [
    { policyTypes: ["Both"] },
    'spec.policyTypes[0]: Unsupported value: "Both": supported values: "Egress", "Ingress"',
  ],
])("refuses %j", (spec, message) => {
  expect(refusal({ podSelector: {}, ...spec })).toBe(message);
});
