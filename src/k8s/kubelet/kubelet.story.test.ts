import { describe, expect, it } from "vitest";
import { readText, writeText } from "../../container/files.ts";
import { seconds } from "../../sim/time.ts";
import { utf8Decode, utf8Encode } from "../../base/utf8.ts";
import { IPV4_ANY, parseIpv4 } from "../../wire/address.ts";
import { addresses, ping, rest, routes } from "../../testkit/node-world.ts";
import {
  applyFlannel,
  createPod,
  flannelWorld,
  kubeWorld,
  type KubeWorld,
  nodeOf,
  podEvents,
  podOf,
} from "../../testkit/kube-world.ts";
import { isReady } from "./node-status.ts";

const WORKER = "kind-worker";
const WORKER2 = "kind-worker2";

function netnsOf(world: KubeWorld, name: string) {
  const place = world.cluster.pods().find((pod) => pod.name === name);
  if (place === undefined) throw new Error(`pod ${name} has no sandbox`);
  return place.netns;
}

function twoPods(): KubeWorld {
  const world = flannelWorld();
  createPod(world, "a", WORKER);
  createPod(world, "b", WORKER2);
  rest(world, seconds(10));
  return world;
}

describe("a node", () => {
  it("is not ready until a network is configured, and says why", () => {
    const world = kubeWorld();
    rest(world, seconds(3));
    const ready = () =>
      world.client.get("Node", "", WORKER)?.status?.conditions?.find((c) => c.type === "Ready");
    expect(ready()).toMatchObject({
      status: "False",
      reason: "KubeletNotReady",
      message:
        "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized",
    });
    applyFlannel(world);
    rest(world, seconds(8));
    expect(ready()).toMatchObject({ status: "True", reason: "KubeletReady" });
    expect(isReady(world.client.get("Node", "", WORKER2))).toBe(true);
  });

  it("has kind's address and route on the underlay", () => {
    const world = kubeWorld();
    const { host } = nodeOf(world, WORKER2);
    expect(addresses(world, host.netns, "eth0")).toEqual(["172.18.0.4/16 brd 172.18.255.255"]);
    expect(routes(world, host.netns)).toEqual([
      "default via 172.18.0.1 dev eth0",
      "172.18.0.0/16 dev eth0 proto kernel src 172.18.0.4",
    ]);
    expect(ping(world, host.netns, "172.18.0.3")).toBe(true);
    expect(world.kernel.netnsLabel(host.netns)).toBe(WORKER2);
  });
});

describe("two pods on two nodes", () => {
  it("get addresses from their nodes' ranges, and reach each other through the overlay", () => {
    const world = twoPods();
    const ips = ["a", "b"].map((name) => podOf(world, name).status?.podIP);
    expect(ips).toEqual(["10.244.1.2", "10.244.2.2"]);
    expect(podOf(world, "a").status).toMatchObject({ phase: "Running", hostIP: "172.18.0.3" });
    expect(addresses(world, netnsOf(world, "a"), "eth0")).toEqual(["10.244.1.2/24 brd 10.244.1.255"]);
    expect(routes(world, netnsOf(world, "a"))).toEqual([
      "default via 10.244.1.1 dev eth0",
      "10.244.0.0/16 via 10.244.1.1 dev eth0",
      "10.244.1.0/24 dev eth0 proto kernel src 10.244.1.2",
    ]);
    expect(ping(world, netnsOf(world, "a"), "10.244.2.2")).toBe(true);
    expect(ping(world, nodeOf(world, WORKER).host.netns, "10.244.2.2")).toBe(true);
    expect(world.kernel.netnsLabel(netnsOf(world, "b"))).toBe("kind-worker2.default.b");
  });

  it("a datagram to a declared UDP port is answered with the pod's name", () => {
    const world = twoPods();
    const socket = world.kernel.open(netnsOf(world, "a"), { name: "test" }).socket.udp("test");
    socket.send(new Uint8Array([1]), { address: parseIpv4("10.244.2.2") ?? IPV4_ANY, port: 7000 });
    rest(world, seconds(0.5));
    const got = socket.receive();
    expect(got.ok && got.value && utf8Decode(got.value.bytes)).toBe("b\n");
    const log = nodeOf(world, WORKER2)
      .kubelet.containerOf("default", "b", "app")
      ?.log.lines.map((line) => line.text);
    expect(log?.slice(0, 2)).toEqual([
      "flannelgraph: example.com/app:1 is not modelled; a small server stands in for it",
      expect.stringMatching(/^flannelgraph: 7000\/UDP: answered 10.244.1.2:\d+$/),
    ]);
  });

  it("a TCP port answers too: a line with the pod's name, or HTTP", () => {
    const world = twoPods();
    const ask = (words: string): string => {
      const socket = world.kernel.open(netnsOf(world, "a"), { name: "test" }).socket.tcp("test");
      socket.connect({ address: parseIpv4("10.244.2.2") ?? IPV4_ANY, port: 80 });
      rest(world, seconds(0.5));
      socket.send(utf8Encode(words));
      rest(world, seconds(0.5));
      const got = socket.receive();
      socket.close();
      return got.ok && got.value ? utf8Decode(got.value) : "";
    };
    expect(ask("who?\n")).toBe("b\n");
    expect(ask("GET / HTTP/1.1\r\nHost: b\r\n\r\n")).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*\r\n\r\nb\n$/);
  });

  it("come up in the order of the runtime: namespace, network, pause, container", () => {
    const world = twoPods();
    const kinds = world.events.filter((event) => event.pod.name === "a").map((event) => event.kind);
    expect(kinds).toEqual([
      "netns-created",
      "network-attached",
      "sandbox-started",
      "container-created",
      "container-started",
    ]);
    expect(
      world.calls
        .filter((call) => call.node === WORKER)
        .map((call) => `${call.depth} ${call.plugin} ${call.command}`),
    ).toEqual(["2 host-local ADD", "1 bridge ADD", "0 flannel ADD", "0 portmap ADD"]);
    expect(podEvents(world, "a")).toEqual([
      'Pulling: Pulling image "example.com/app:1"',
      expect.stringMatching(
        /^Pulled: Successfully pulled image "example.com\/app:1" in 1\.\d+s \(1\.\d+s including waiting\)\.$/,
      ),
      "Created: Container created",
      "Started: Container started",
    ]);
  });

  it("find their names: hosts, hostname, resolv.conf", () => {
    const world = twoPods();
    const { fs } = nodeOf(world, WORKER).kubelet.containerOf("default", "a", "app")!.host;
    expect(readText(fs, "/etc/hostname")).toEqual({ ok: true, value: "a\n" });
    expect(readText(fs, "/etc/resolv.conf")).toEqual({
      ok: true,
      value:
        "search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n",
    });
    const hosts = readText(fs, "/etc/hosts");
    expect(hosts.ok && hosts.value).toMatch(/^# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n/);
    expect(hosts.ok && hosts.value).toContain("10.244.1.2\ta\n");
  });
});

describe("the end of things", () => {
  it("a deleted pod gives back its address, its veth and its namespace", () => {
    const world = twoPods();
    const before = world.kernel.netnsIds().length;
    const { uid } = podOf(world, "a").metadata;
    world.client.delete("Pod", "default", "a");
    rest(world, seconds(5));
    expect(world.client.get("Pod", "default", "a")).toBeUndefined();
    expect(world.kernel.netnsIds()).toHaveLength(before - 1);
    const { host } = nodeOf(world, WORKER);
    expect(host.fs.list("/var/lib/cni/networks/cbr0")).toEqual({
      ok: true,
      value: ["last_reserved_ip.0", "lock"],
    });
    const ports = world.kernel
      .open(host.netns, { name: "test" })
      .link.list()
      .filter((link) => link.kind === "veth");
    expect(ports.map((link) => link.name)).toEqual(["eth0"]);
    expect(
      host.fs.list("/var/lib/kubelet/pods").ok && host.fs.stat(`/var/lib/kubelet/pods/${uid}`),
    ).toBeUndefined();
    const commands = world.calls.filter((call) => call.command === "DEL").map((call) => call.plugin);
    expect(commands).toEqual(["portmap", "host-local", "bridge", "flannel"]);
  });

  it("a container that dies is started again in the same sandbox with the same address", () => {
    const world = twoPods();
    nodeOf(world, WORKER).kubelet.containerOf("default", "a", "app")?.process?.kill("KILL");
    rest(world, seconds(2));
    const { status } = podOf(world, "a");
    expect(status?.podIP).toBe("10.244.1.2");
    expect(status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      ready: true,
      lastState: { terminated: { exitCode: 137, reason: "Error" } },
    });
  });

  it("a sandbox that dies takes its address with it", () => {
    const world = twoPods();
    nodeOf(world, WORKER).kubelet.sandboxOf("default", "a")?.pause?.kill("KILL");
    rest(world, seconds(5));
    expect(podOf(world, "a").status).toMatchObject({ podIP: "10.244.1.3", phase: "Running" });
    expect(podEvents(world, "a")).toContain(
      "SandboxChanged: Pod sandbox changed, it will be killed and re-created.",
    );
    expect(ping(world, netnsOf(world, "a"), "10.244.2.2")).toBe(true);
  });

  it("a container that fails again and again waits longer and longer", () => {
    const world = flannelWorld();
    createPod(world, "bad", WORKER, {
      containers: [{ name: "app", image: "busybox", command: ["sh", "-c", "exit 3"] }],
    });
    rest(world, seconds(6));
    const { containerStatuses } = podOf(world, "bad").status ?? {};
    expect(containerStatuses?.[0]?.state?.waiting?.reason).toBe("CrashLoopBackOff");
    expect(containerStatuses?.[0]?.state?.waiting?.message).toMatch(
      /^back-off 10s restarting failed container=app pod=bad_default\(/,
    );
    expect(containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(3);
    rest(world, seconds(10));
    expect(podOf(world, "bad").status?.containerStatuses?.[0]?.restartCount).toBe(2);
  });

  it("a pod that has done its work is Completed", () => {
    const world = flannelWorld();
    const containers = [{ name: "app", image: "busybox", command: ["sh", "-c", "echo done"] }];
    createPod(world, "job", WORKER, { restartPolicy: "Never", containers });
    rest(world, seconds(6));
    expect(podOf(world, "job").status).toMatchObject({
      phase: "Succeeded",
      containerStatuses: [{ state: { terminated: { exitCode: 0, reason: "Completed" } } }],
    });
    expect(
      nodeOf(world, WORKER)
        .kubelet.containerOf("default", "job", "app")
        ?.log.lines.map((line) => line.text),
    ).toEqual(["done"]);
  });
});

describe("what the kubelet says when it cannot", () => {
  it("no network yet", () => {
    const world = kubeWorld();
    createPod(world, "early", WORKER);
    rest(world, seconds(4));
    expect(podEvents(world, "early")[0]).toMatch(
      /^NetworkNotReady: network is not ready: container runtime network not ready: NetworkReady=false/,
    );
    expect(podOf(world, "early").status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe(
      "ContainerCreating",
    );
  });

  it("flanneld has not written subnet.env", () => {
    const world = flannelWorld();
    nodeOf(world, WORKER).host.fs.remove("/run/flannel/subnet.env");
    createPod(world, "late", WORKER);
    rest(world, seconds(4));
    expect(podEvents(world, "late")).toEqual([
      expect.stringMatching(
        /^FailedCreatePodSandBox: Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "[0-9a-f]{64}": plugin type="flannel" failed \(add\): failed to load flannel 'subnet\.env' file: open \/run\/flannel\/subnet\.env: no such file or directory\. Check the flannel pod log for this node\.$/,
      ),
    ]);
    writeText(
      nodeOf(world, WORKER).host.fs,
      "/run/flannel/subnet.env",
      "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n",
    );
    rest(world, seconds(20));
    expect(podOf(world, "late").status?.phase).toBe("Running");
  });

  it("a ConfigMap that is not there", () => {
    const world = flannelWorld();
    createPod(world, "nomap", WORKER, { volumes: [{ name: "cfg", configMap: { name: "absent" } }] });
    rest(world, seconds(1));
    expect(podEvents(world, "nomap")).toEqual([
      'FailedMount: MountVolume.SetUp failed for volume "cfg" : configmap "absent" not found',
    ]);
  });
});
