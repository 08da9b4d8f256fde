import { describe, expect, it } from "vitest";
import { saveRule } from "../../formats/iptables/save.ts";
import { readText } from "../../container/files.ts";
import { formatMac } from "../../wire/address.ts";
import { seconds } from "../../sim/time.ts";
import { addresses, forwarding, neighbours, rest, routes } from "../../testkit/node-world.ts";
import {
  applyFlannel,
  flannelWorld,
  kubeWorld,
  type KubeWorld,
  NET_CONF,
  nodeOf,
  podOf,
} from "../../testkit/kube-world.ts";

const WORKER = "kind-worker";
const WORKER2 = "kind-worker2";

function vtepMac(world: KubeWorld, node: string): string {
  const { host } = nodeOf(world, node);
  return formatMac(world.kernel.open(host.netns, { name: "test" }).link.byName("flannel.1")!.mac);
}

/** A chain of the node's as iptables-save has it. */
function savedChain(
  world: KubeWorld,
  node: string,
  table: "nat" | "filter",
  chain: string,
): readonly string[] {
  const { xtables } = world.kernel.open(nodeOf(world, node).host.netns, { name: "test" });
  const rules = xtables.table("ip", table)?.chains.find(({ name }) => name === chain)?.rules ?? [];
  return rules.map(({ rule }) => saveRule(rule));
}

function flanneldLog(world: KubeWorld, node: string): string {
  const container = nodeOf(world, node).kubelet.containerOf(
    "kube-flannel",
    `flannel-${node}`,
    "kube-flannel",
  );
  return (container?.log.lines ?? []).map((line) => line.text.replace(/^.*?\] /, "")).join("\n");
}

describe("flanneld with vxlan", () => {
  it("makes flannel.1 as the facts say", () => {
    const world = flannelWorld();
    const { host } = nodeOf(world, WORKER);
    const link = world.kernel.open(host.netns, { name: "test" }).link.byName("flannel.1");
    expect(link).toMatchObject({ kind: "vxlan", mtu: 1450, up: true });
    expect(link?.vxlan).toMatchObject({ id: 1, dstPort: 8472, learning: false });
    expect(link?.vxlan?.local).toBe(nodeOf(world, WORKER).address);
    expect(addresses(world, host.netns, "flannel.1")).toEqual(["10.244.1.0/32"]);
    expect(Math.floor((link?.mac ?? 0) / 2 ** 40) & 3).toBe(2);
  });

  it("writes a neighbour, a forwarding entry and a route for each other node", () => {
    const world = flannelWorld();
    const { host } = nodeOf(world, WORKER);
    const [control, other] = [vtepMac(world, "kind-control-plane"), vtepMac(world, WORKER2)];
    expect(neighbours(world, host.netns, "flannel.1").toSorted()).toEqual([
      `10.244.0.0 ${control} PERMANENT`,
      `10.244.2.0 ${other} PERMANENT`,
    ]);
    expect(forwarding(world, host.netns, "flannel.1").toSorted()).toEqual(
      [`${control} dst 172.18.0.2 permanent`, `${other} dst 172.18.0.4 permanent`].toSorted(),
    );
    expect(routes(world, host.netns)).toEqual([
      "default via 172.18.0.1 dev eth0",
      "10.244.0.0/24 via 10.244.0.0 dev flannel.1 onlink",
      "10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink",
      "172.18.0.0/16 dev eth0 proto kernel src 172.18.0.3",
    ]);
  });

  it("announces itself on the Node and tells the plugin in subnet.env", () => {
    const world = flannelWorld();
    const node = world.client.get("Node", "", WORKER);
    expect(node?.metadata.annotations).toMatchObject({
      "flannel.alpha.coreos.com/backend-type": "vxlan",
      "flannel.alpha.coreos.com/backend-data": `{"VNI":1,"VtepMAC":"${vtepMac(world, WORKER)}"}`,
      "flannel.alpha.coreos.com/public-ip": "172.18.0.3",
      "flannel.alpha.coreos.com/kube-subnet-manager": "true",
    });
    expect(node?.status?.conditions?.find((c) => c.type === "NetworkUnavailable")?.status).toBe("False");
    expect(readText(nodeOf(world, WORKER).host.fs, "/run/flannel/subnet.env")).toEqual({
      ok: true,
      value:
        "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n",
    });
    expect(flanneldLog(world, WORKER)).toContain("flannel is ready");
    expect(savedChain(world, WORKER, "nat", "FLANNEL-POSTRTG")).toEqual([
      '-m mark --mark 0x4000/0x4000 -m comment --comment "flanneld masq" -j RETURN',
      '-s 10.244.1.0/24 -d 10.244.0.0/16 -m comment --comment "flanneld masq" -j RETURN',
      '-s 10.244.0.0/16 -d 10.244.1.0/24 -m comment --comment "flanneld masq" -j RETURN',
      '! -s 10.244.0.0/16 -d 10.244.1.0/24 -m comment --comment "flanneld masq" -j RETURN',
      '-s 10.244.0.0/16 ! -d 224.0.0.0/4 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully',
      '! -s 10.244.0.0/16 -d 10.244.0.0/16 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully',
    ]);
    expect(savedChain(world, WORKER, "filter", "FLANNEL-FWD")).toEqual([
      '-s 10.244.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT',
      '-d 10.244.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT',
    ]);
  });

  it("deletes the three entries when a node goes", () => {
    const world = flannelWorld();
    world.client.delete("Node", "", WORKER2);
    rest(world, seconds(1));
    const { host } = nodeOf(world, WORKER);
    expect(neighbours(world, host.netns, "flannel.1")).toHaveLength(1);
    expect(forwarding(world, host.netns, "flannel.1")).toHaveLength(1);
    expect(routes(world, host.netns).some((route) => route.startsWith("10.244.2.0/24"))).toBe(false);
  });

  it("keeps its MAC when it is started again", () => {
    const world = flannelWorld();
    const before = vtepMac(world, WORKER);
    nodeOf(world, WORKER)
      .kubelet.containerOf("kube-flannel", `flannel-${WORKER}`, "kube-flannel")
      ?.process?.kill("TERM");
    rest(world, seconds(20));
    expect(
      podOf(world, `flannel-${WORKER}`, "kube-flannel").status?.containerStatuses?.[0]?.restartCount,
    ).toBe(1);
    expect(vtepMac(world, WORKER)).toBe(before);
    expect(flanneldLog(world, WORKER)).toContain(`Interface flannel.1 mac address set to: ${before}`);
  });

  it("takes VNI, port and MTU from net-conf.json, and routes directly when asked", () => {
    const Backend = { Type: "vxlan", VNI: 42, Port: 4789, MTU: 1400, DirectRouting: true };
    const world = flannelWorld({ ...NET_CONF, Backend });
    const { host } = nodeOf(world, WORKER);
    const link = world.kernel.open(host.netns, { name: "test" }).link.byName("flannel.42");
    expect(link).toMatchObject({ mtu: 1350, vxlan: { id: 42, dstPort: 4789 } });
    expect(routes(world, host.netns)).toContain("10.244.2.0/24 via 172.18.0.4 dev eth0");
    expect(neighbours(world, host.netns, "flannel.42")).toEqual([]);
  });
});

describe("flanneld that cannot start", () => {
  function logOf(netConf: object | string, podCidr?: (node: string) => string, missing = false): string {
    const world = kubeWorld(podCidr === undefined ? {} : { podCidr });
    applyFlannel(world, netConf, missing);
    rest(world, seconds(8));
    return flanneldLog(world, WORKER);
  }

  it("without net-conf.json", () => {
    expect(logOf(NET_CONF, undefined, true)).toContain(
      "Failed to create SubnetManager: failed to read net conf: open /etc/kube-flannel/net-conf.json: no such file or directory",
    );
  });

  it.each([
    [
      '{"Network": "10.244.0.0/16",}',
      "error parsing subnet config: invalid character '}' looking for beginning of object key string",
    ],
    ['{"Network": "10.244.0.0"}', "error parsing subnet config: invalid CIDR address: 10.244.0.0"],
    [
      '{"Network": "10.244.0.0/16", "Backend": {"Type": "nosuch"}}',
      "Error fetching backend: unknown backend type: nosuch",
    ],
  ])("with %s", (netConf, text) => {
    expect(logOf(netConf)).toContain(text);
  });

  it("on a node whose range lies elsewhere, or that has none", () => {
    expect(logOf({ ...NET_CONF, Network: "10.5.0.0/16" })).toContain(
      'Error registering network: failed to acquire lease: subnet "10.5.0.0/16" specified in the flannel net config doesn\'t contain "10.244.1.0/24" PodCIDR of the "kind-worker" node',
    );
    expect(logOf(NET_CONF, () => "")).toContain(
      'failed to acquire lease: node "kind-worker" pod cidr not assigned',
    );
  });
});
