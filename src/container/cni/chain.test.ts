import { describe, expect, it } from "vitest";
import {
  addNode,
  addresses,
  type NodeWorld,
  nodeWorld,
  ping,
  routes,
  run,
} from "../../testkit/node-world.ts";
import { formatIpv4 } from "../../wire/address.ts";
import type { NetnsId } from "../../kernel/uapi/index.ts";
import type { Host } from "../../userland/os/host.ts";
import { readText, writeText } from "../files.ts";
import { addNetworkList, type Attachment, delNetworkList } from "./chain.ts";
import { loadNetwork, parseConfigList } from "./config.ts";
import type { CniCall } from "./exec.ts";
import type { JsonObject } from "./json.ts";
import type { CniResult } from "./result.ts";
import type { Result } from "../../base/result.ts";

const CONF = {
  name: "mynet",
  cniVersion: "1.0.0",
  plugins: [
    {
      type: "bridge",
      isDefaultGateway: true,
      hairpinMode: true,
      mtu: 1450,
      ipam: { type: "host-local", ranges: [[{ subnet: "10.22.0.0/24" }]], routes: [{ dst: "10.0.0.0/8" }] },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
};

interface Lab {
  readonly world: NodeWorld;
  readonly node: Host;
  readonly calls: CniCall[];
  readonly pod: (id: string) => NetnsId;
  readonly add: (id: string, conf?: object, capabilities?: JsonObject) => Result<CniResult, string>;
  readonly del: (id: string) => Result<void, string>;
}

function lab(): Lab {
  const world = nodeWorld();
  const node = addNode(world, "worker", "172.18.0.3");
  const calls: CniCall[] = [];
  const runner = { host: node, path: ["/opt/cni/bin"], observe: (call: CniCall) => calls.push(call) };
  const attachment = (id: string, capabilityArgs: JsonObject = {}): Attachment => ({
    containerId: id,
    netns: `/var/run/netns/${id}`,
    ifName: "eth0",
    args: [["K8S_POD_NAME", id]],
    capabilityArgs,
  });
  const list = (conf: object) => {
    const parsed = parseConfigList(JSON.stringify(conf));
    if (!parsed.ok) throw new Error(parsed.error);
    return parsed.value;
  };
  return {
    world,
    node,
    calls,
    pod: (id) => {
      const netns = world.kernel.createNetns(id);
      node.netnsNames.set(id, netns);
      return netns;
    },
    add: (id, conf = CONF, capabilities) =>
      run(world, addNetworkList(runner, list(conf), attachment(id, capabilities))),
    del: (id) => run(world, delNetworkList(runner, list(CONF), attachment(id))),
  };
}

describe("a chain of bridge, host-local and portmap", () => {
  it("gives a pod its address, its routes, and the bridge the gateway's address", () => {
    const { world, node, pod, add } = lab();
    const netns = pod("web");
    const result = add("web");
    expect(result.ok && result.value.ips.map((ip) => formatIpv4(ip.address.address))).toEqual(["10.22.0.2"]);
    expect(addresses(world, netns, "eth0")).toEqual(["10.22.0.2/24 brd 10.22.0.255"]);
    expect(routes(world, netns)).toEqual([
      "default via 10.22.0.1 dev eth0",
      "10.0.0.0/8 via 10.22.0.1 dev eth0",
      "10.22.0.0/24 dev eth0 proto kernel src 10.22.0.2",
    ]);
    expect(addresses(world, node.netns, "cni0")).toEqual(["10.22.0.1/24 brd 10.22.0.255"]);
    expect(routes(world, node.netns)).toContain("10.22.0.0/24 dev cni0 proto kernel src 10.22.0.1");
    expect(world.kernel.open(node.netns, { name: "test" }).sysctl.get("net.ipv4.ip_forward")).toEqual({
      ok: true,
      value: "1",
    });
  });

  it("makes the port as the plugin does: veth and eight hex digits, hairpin, the MTU on all three devices", () => {
    const { world, node, pod, add } = lab();
    const netns = pod("web");
    add("web");
    const net = world.kernel.open(node.netns, { name: "test" });
    const bridge = net.link.byName("cni0");
    const port = net.link.list().find((link) => link.master === bridge?.index);
    expect(port?.name).toMatch(/^veth[0-9a-f]{8}$/);
    expect(port?.port?.hairpin).toBe(true);
    const eth0 = world.kernel.open(netns, { name: "test" }).link.byName("eth0");
    expect([bridge?.mtu, port?.mtu, eth0?.mtu]).toEqual([1450, 1450, 1450]);
  });

  it("lets two pods of the node ping each other and the gateway", () => {
    const { world, pod, add } = lab();
    const [a] = [pod("a"), pod("b")];
    add("a");
    add("b");
    expect(ping(world, a, "10.22.0.3")).toBe(true);
    expect(ping(world, a, "10.22.0.1")).toBe(true);
  });

  it("keeps the bridge's MAC when ports come and go", () => {
    const { world, node, pod, add, del } = lab();
    const mac = () => world.kernel.open(node.netns, { name: "test" }).link.byName("cni0")?.mac;
    pod("a");
    add("a");
    const first = mac();
    for (const id of ["b", "c", "d"]) {
      pod(id);
      add(id);
    }
    del("a");
    expect(mac()).toBe(first);
  });

  it("remembers addresses in files and does not hand one out again at once", () => {
    const { node, pod, add, del } = lab();
    pod("a");
    add("a");
    const dir = "/var/lib/cni/networks/mynet";
    expect(readText(node.fs, `${dir}/10.22.0.2`)).toEqual({ ok: true, value: "a\r\neth0" });
    expect(readText(node.fs, `${dir}/last_reserved_ip.0`)).toEqual({ ok: true, value: "10.22.0.2" });
    expect(del("a").ok).toBe(true);
    expect(node.fs.list(dir)).toEqual({ ok: true, value: ["last_reserved_ip.0", "lock"] });
    pod("b");
    const next = add("b");
    expect(next.ok && next.value.ips.map((ip) => formatIpv4(ip.address.address))).toEqual(["10.22.0.3"]);
  });

  it("takes the veth pair away on DEL, and leaves the bridge", () => {
    const { world, node, pod, add, del } = lab();
    const netns = pod("a");
    add("a");
    expect(del("a").ok).toBe(true);
    expect(world.kernel.open(netns, { name: "test" }).link.byName("eth0")).toBeUndefined();
    expect(
      world.kernel
        .open(node.netns, { name: "test" })
        .link.list()
        .map((l) => l.name),
    ).toEqual(["lo", "eth0", "cni0"]);
    expect(del("a").ok).toBe(true);
  });

  it("shows the observer every execution with what went in and came out", () => {
    const { pod, add, calls } = lab();
    pod("a");
    add("a");
    expect(calls.map((call) => `${"  ".repeat(call.depth)}${call.plugin} ${call.command}`)).toEqual([
      "  host-local ADD",
      "bridge ADD",
      "portmap ADD",
    ]);
    expect(calls[1]?.env["CNI_NETNS"]).toBe("/var/run/netns/a");
    expect(calls[2]?.stdin).toContain('"prevResult":{"cniVersion":"1.0.0"');
  });
});

describe("what goes wrong", () => {
  it("no address left", () => {
    const { pod, add } = lab();
    const ipam = { type: "host-local", ranges: [[{ subnet: "10.9.0.0/30" }]] };
    const conf = { ...CONF, plugins: [{ type: "bridge", bridge: "small0", isGateway: true, ipam }] };
    for (const id of ["a", "b"]) pod(id);
    expect(add("a", conf).ok).toBe(true);
    expect(add("b", conf)).toEqual({
      ok: false,
      error:
        'plugin type="bridge" failed (add): failed to allocate for range 0: no IP addresses available in range set: 10.9.0.1-10.9.0.2',
    });
  });

  it.each([
    [{ type: "nosuch" }, 'failed to find plugin "nosuch" in path [/opt/cni/bin]'],
    [{ type: "vlan" }, 'CNI plugin "vlan" is not modelled yet'],
    [{ type: "bridge", vlan: 5 }, 'bridge: "vlan" is not modelled yet'],
    [
      { type: "bridge", hairpinMode: true, promiscMode: true },
      "cannot set hairpin mode and promiscuous mode at the same time",
    ],
    [
      { type: "bridge", bridge: "eth0" },
      'failed to create bridge "eth0": "eth0" already exists but is not a bridge',
    ],
    [{ type: "portmap" }, "must be called as chained plugin"],
  ])("%j is refused", (plugin, text) => {
    const { pod, add } = lab();
    pod("a");
    expect(add("a", { ...CONF, plugins: [plugin] })).toEqual({
      ok: false,
      error: `plugin type="${plugin.type}" failed (add): ${text}`,
    });
  });

  it("a host port is translated to the pod's, for as long as the pod is there", () => {
    const { world, pod, add, del, node } = lab();
    pod("a");
    const ports = { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: "tcp" }] };
    expect(add("a", CONF, ports)).toMatchObject({ ok: true });
    const chains = (): string[] => {
      const { xtables } = world.kernel.open(node.netns, { name: "test" });
      return (xtables.table("ip", "nat")?.chains ?? []).map(({ name }) => name);
    };
    const own = chains().find((name) => name.startsWith("CNI-DN-"));
    expect(own).toHaveLength(28);
    del("a");
    expect(chains()).not.toContain(own);
    expect(chains()).toContain("CNI-HOSTPORT-DNAT");
  });

  it("a broken configuration names the place as Go does", () => {
    const { node } = lab();
    writeText(node.fs, "/etc/cni/net.d/10-a.conflist", '{"name": "x" "plugins": []}');
    expect(loadNetwork(node.fs, "/etc/cni/net.d")).toEqual({
      ok: false,
      error:
        "failed to load CNI config list file /etc/cni/net.d/10-a.conflist: error parsing configuration list: " +
        "invalid character '\"' after object key:value pair: invalid cni config",
    });
  });
});
