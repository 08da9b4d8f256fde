import { describe, expect, it } from "vitest";
import { readText } from "../../container/files.ts";
import { seconds } from "../../sim/time.ts";
import { flannelWorld, type KubeWorld, nodeOf, podEvents, podOf } from "../../testkit/kube-world.ts";
import { addresses, ping, rest, routes } from "../../testkit/node-world.ts";
import type { NetnsId } from "../../kernel/uapi/index.ts";
import { NETWORK_RESOURCE } from "./delegates.ts";
import { parseSelections } from "./selection.ts";

const WORKER = "kind-worker";
const IMAGE = "ghcr.io/k8snetworkplumbingwg/multus-cni:snapshot";

/** What multus-daemonset.yml comes to: the definition of its resource, and a pod on each node. */
function multusWorld(): KubeWorld {
  const world = flannelWorld();
  world.client.mustCreate("CustomResourceDefinition", {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "network-attachment-definitions.k8s.cni.cncf.io" },
    spec: {
      group: "k8s.cni.cncf.io",
      scope: "Namespaced",
      names: {
        plural: "network-attachment-definitions",
        singular: "network-attachment-definition",
        kind: "NetworkAttachmentDefinition",
        shortNames: ["nad", "net-attach-def"],
      },
      versions: [{ name: "v1", served: true, storage: true }],
    },
  });
  const mount = { name: "cni", mountPath: "/host/etc/cni/net.d" };
  const bin = { name: "cnibin", mountPath: "/host/opt/cni/bin" };
  for (const nodeName of world.cluster.nodes.keys())
    world.client.mustCreate("Pod", {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: `multus-${nodeName}`, namespace: "kube-system" },
      spec: {
        nodeName,
        hostNetwork: true,
        initContainers: [
          {
            name: "install-multus-binary",
            image: IMAGE,
            command: ["/install_multus"],
            args: ["--type", "thin"],
            volumeMounts: [bin],
          },
        ],
        containers: [
          {
            name: "kube-multus",
            image: IMAGE,
            command: ["/thin_entrypoint"],
            args: [
              "--multus-conf-file=auto",
              "--multus-autoconfig-dir=/host/etc/cni/net.d",
              "--cni-conf-dir=/host/etc/cni/net.d",
            ],
            volumeMounts: [mount, bin],
          },
        ],
        volumes: [
          { name: "cni", hostPath: { path: "/etc/cni/net.d" } },
          { name: "cnibin", hostPath: { path: "/opt/cni/bin" } },
        ],
      },
    });
  rest(world, seconds(10));
  return world;
}

function define(world: KubeWorld, name: string, config: object): void {
  const made = world.store.create("test", NETWORK_RESOURCE, {
    apiVersion: "k8s.cni.cncf.io/v1",
    kind: "NetworkAttachmentDefinition",
    metadata: { name, namespace: "default" },
    ...{ spec: { config: JSON.stringify({ cniVersion: "0.3.1", ...config }) } },
  });
  if (!made.ok) throw new Error(made.error.message);
}

function createPod(world: KubeWorld, name: string, nodeName: string, networks: string): void {
  world.client.mustCreate("Pod", {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, annotations: { "k8s.v1.cni.cncf.io/networks": networks } },
    spec: { nodeName, containers: [{ name: "app", image: "example.com/app:1" }] },
  });
  rest(world, seconds(5));
}

function netnsOf(world: KubeWorld, name: string): NetnsId {
  const place = world.cluster.pods().find((p) => p.name === name);
  if (place === undefined) throw new Error(`no sandbox of ${name}`);
  return place.netns;
}

function status(world: KubeWorld, name: string): string {
  return podOf(world, name).metadata.annotations?.["k8s.v1.cni.cncf.io/network-status"] ?? "";
}

const macvlan = (rangeStart: string) => ({
  type: "macvlan",
  master: "eth0",
  ipam: { type: "host-local", subnet: "192.168.7.0/24", rangeStart },
});

describe("multus", () => {
  it("puts its configuration before flannel's, which it holds as its delegate", () => {
    const world = multusWorld();
    expect(readText(nodeOf(world, WORKER).host.fs, "/etc/cni/net.d/00-multus.conf")).toEqual({
      ok: true,
      value: `{
        "cniVersion": "0.3.1",
        "name": "multus-cni-network",
        "type": "multus",
        "capabilities": {"portMappings":true},
        "cniConf": "/host/etc/cni/multus/net.d",
        "kubeconfig": "/etc/cni/net.d/multus.d/multus.kubeconfig",
        "delegates": [
                {"cniVersion":"0.3.1","name":"cbr0","plugins":[{"delegate":{"hairpinMode":true,"isDefaultGateway":true},"type":"flannel"},{"capabilities":{"portMappings":true},"type":"portmap"}]}
        ]
}
`,
    });
  });

  it("gives a pod a second interface on the nodes' own link, and says so", () => {
    const world = multusWorld();
    define(world, "lan", macvlan("192.168.7.10"));
    createPod(world, "a", WORKER, "lan");
    define(world, "lan2", macvlan("192.168.7.20"));
    createPod(world, "b", "kind-worker2", "default/lan2@lan0");
    const [a, b] = [netnsOf(world, "a"), netnsOf(world, "b")];
    expect(addresses(world, a, "net1")).toEqual(["192.168.7.10/24 brd 192.168.7.255"]);
    expect(addresses(world, b, "lan0")).toEqual(["192.168.7.20/24 brd 192.168.7.255"]);
    expect(ping(world, a, "192.168.7.20")).toBe(true);
    expect(ping(world, a, podOf(world, "b").status?.podIP ?? "")).toBe(true);
    expect(routes(world, a)[0]).toBe("default via 10.244.1.1 dev eth0");
    expect(podEvents(world, "a").filter((text) => text.startsWith("AddedInterface"))).toEqual([
      `AddedInterface: Add eth0 [${podOf(world, "a").status?.podIP ?? ""}/24] from cbr0`,
      "AddedInterface: Add net1 [192.168.7.10/24] from default/lan",
    ]);
    expect(status(world, "a").replace(/([0-9a-f]{2}:){5}[0-9a-f]{2}/g, "MAC")).toBe(`[{
    "name": "cbr0",
    "interface": "eth0",
    "ips": [
        "${podOf(world, "a").status?.podIP ?? ""}"
    ],
    "mac": "MAC",
    "default": true,
    "dns": {},
    "gateway": [
        "10.244.1.1"
    ]
},{
    "name": "default/lan",
    "interface": "net1",
    "ips": [
        "192.168.7.10"
    ],
    "mac": "MAC",
    "dns": {}
}]`);
  });

  it("attaches to several, by ipvlan with a fixed address and by a bridge", () => {
    const world = multusWorld();
    define(world, "shared", {
      type: "ipvlan",
      master: "eth0",
      capabilities: { ips: true },
      ipam: { type: "static" },
    });
    define(world, "room", {
      type: "bridge",
      bridge: "room0",
      ipam: { type: "host-local", subnet: "10.77.0.0/24" },
    });
    createPod(world, "a", WORKER, '[{"name":"shared","ips":["172.18.9.1/16"]},{"name":"room"}]');
    const a = netnsOf(world, "a");
    expect(addresses(world, a, "net1")).toEqual(["172.18.9.1/16 brd 172.18.255.255"]);
    expect(addresses(world, a, "net2")).toEqual(["10.77.0.2/24 brd 10.77.0.255"]);
    expect(ping(world, a, "172.18.0.4")).toBe(true);
    const node = world.kernel.open(nodeOf(world, WORKER).host.netns, { name: "test" });
    const room = node.link.byName("room0")?.index;
    const ports = (): number => node.link.list().filter((l) => l.master === room).length;
    expect(ports()).toBe(1);
    world.client.delete("Pod", "default", "a");
    rest(world, seconds(40));
    expect(ports()).toBe(0);
    expect(nodeOf(world, WORKER).host.fs.list("/var/lib/cni/networks/room")).toEqual({
      ok: true,
      value: ["last_reserved_ip.0", "lock"],
    });
  });

  it("tells which definition is missing, and the pod does not start", () => {
    const world = multusWorld();
    createPod(world, "a", WORKER, "nosuch");
    const { uid } = podOf(world, "a").metadata;
    const missing =
      'cannot find a network-attachment-definition (nosuch) in namespace (default): network-attachment-definitions.k8s.cni.cncf.io "nosuch" not found';
    const events = podEvents(world, "a").join("\n");
    expect(events).toContain(`NoNetworkFound: ${missing}`);
    expect(events).toContain(
      `plugin type="multus" name="multus-cni-network" failed (add): Multus: [default/a/${uid}]: error loading k8s delegates k8s args: TryLoadPodDelegates: error in getting k8s network for pod: GetNetworkDelegates: failed getting the delegate: getKubernetesDelegate: ${missing}`,
    );
  });

  it("names the network whose plugin failed", () => {
    const world = multusWorld();
    define(world, "lan", { ...macvlan("192.168.7.10"), master: "eth7" });
    createPod(world, "a", WORKER, "lan");
    expect(podEvents(world, "a").join("\n")).toContain(
      ':lan]: error adding container to network "lan": Link not found',
    );
  });
});

describe("the annotation", () => {
  it.each([
    ["a/b/c", "parsePodNetworkObjectName: Invalid network object (failed at '/')"],
    ["a@b@c", "parsePodNetworkObjectName: Invalid network object (failed at '@')"],
    ["A", "mismatch @ 'A'"],
    ["a@averyveryverylongname", "interface name 'averyveryverylongname'"],
    ['[{"name"}]', "failed to parse pod Network Attachment Selection Annotation JSON format"],
    ['[{"name":"a","mac":"x"}]', "failed to mac: address x: invalid MAC address"],
  ])("%s is refused", (text, why) => {
    const parsed = parseSelections(text, "default");
    expect(parsed.ok ? "" : parsed.error).toContain(why);
  });
});
