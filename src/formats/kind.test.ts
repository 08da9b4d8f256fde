import { expect, test } from "vitest";
import { parseKindConfig } from "./kind.ts";

const HEAD = "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n";
const refused = (text: string): string => {
  const config = parseKindConfig(HEAD + text);
  return config.ok ? "accepted" : `${config.error.path}: ${config.error.message}`;
};

test("kind's defaults", () => {
  const config = parseKindConfig(HEAD);
  expect(config.ok && config.value.networking).toEqual({
    ipFamily: "ipv4",
    podSubnet: "10.244.0.0/16",
    serviceSubnet: "10.96.0.0/16",
    disableDefaultCNI: false,
    kubeProxyMode: "iptables",
  });
  expect(config.ok && config.value.nodes.map((node) => node.role)).toEqual(["control-plane"]);
});

test("labels, ports and the patches that are understood", () => {
  const config = parseKindConfig(`${HEAD}networking: {disableDefaultCNI: true}
nodes:
- role: control-plane
  extraPortMappings:
  - {containerPort: 30080, hostPort: 8080}
  kubeadmConfigPatches:
  - |
    kind: InitConfiguration
    nodeRegistration:
      kubeletExtraArgs:
        node-labels: "ingress-ready=true,zone=a"
- role: worker
  labels: {tier: backend}
`);
  expect(config.ok && config.value.nodes).toEqual([
    {
      role: "control-plane",
      labels: {},
      extraPortMappings: [
        { containerPort: 30080, hostPort: 8080, listenAddress: "0.0.0.0", protocol: "TCP" },
      ],
      kubeadm: { nodeLabels: { "ingress-ready": "true", zone: "a" } },
    },
    { role: "worker", labels: { tier: "backend" }, extraPortMappings: [], kubeadm: { nodeLabels: {} } },
  ]);
});

test.each([
  ["foo: 1\n", "foo: field foo not found in type v1alpha4.Cluster"],
  [
    "networking: {podSubnets: x}\n",
    "networking.podSubnets: field podSubnets not found in type v1alpha4.Networking",
  ],
  ["nodes:\n- role: boss\n", 'nodes[0].role: nodes[0].role is "boss", expected ("control-plane" | "worker")'],
  ["nodes:\n- image: x\n", "nodes[0].image: nodes[0].image is not modelled here; remove it"],
  ["networking: {ipFamily: dual}\n", 'networking.ipFamily: networking.ipFamily is "dual", expected "ipv4"'],
  ["nodes:\n- role: worker\n", "nodes: must have at least one control-plane node"],
  [
    "kubeadmConfigPatches:\n- |\n  kind: ClusterConfiguration\n  etcd: {x: 1}\n",
    "kubeadmConfigPatches[0].ClusterConfiguration.etcd.x: kubeadmConfigPatches[0]: ClusterConfiguration.etcd.x is not modelled here; remove it",
  ],
])("%j is refused by name", (text, message) => {
  expect(refused(text)).toBe(message);
});

test("the range of node ports, as --service-node-port-range takes it", () => {
  const range = (value: string): unknown => {
    const patch = `kubeadmConfigPatches:
- |
  kind: ClusterConfiguration
  apiServer:
    extraArgs:
      service-node-port-range: ${value}
`;
    const config = parseKindConfig(HEAD + patch);
    return config.ok ? config.value.kubeadm.nodePorts : config.error.path;
  };
  expect(range("20000-32767")).toEqual({ first: 20000, last: 32767 });
  expect(range("30000+100")).toEqual({ first: 30000, last: 30100 });
  for (const wrong of ["32767-20000", "many", "60000-70000"])
    expect(range(wrong)).toMatch(/service-node-port-range$/);
});
