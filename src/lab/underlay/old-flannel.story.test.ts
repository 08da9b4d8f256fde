import { describe, expect, test } from "vitest";
import * as v from "valibot";
import flannelOnDocker0 from "../../scenario/gallery/14-flannel-on-docker0.ts";
import { scenarioSchema } from "../../scenario/schema.ts";
import type { MachineInput } from "../../scenario/underlay.ts";
import { OpenedScenario } from "../../testkit/gallery.ts";

const LEASE = "/coreos.com/network/subnets";

/** A Docker host of 2015: flanneld before dockerd, the range in etcd already. */
function host(name: string, address: string): MachineInput {
  return {
    name,
    role: "docker",
    interfaces: [{ on: "lan", addresses: [`${address}/24`] }],
    routes: [{ to: "default", via: "192.168.0.1" }],
    docker: { version: "20.10", starts: false },
    script: `mkdir -p /run/flannel
flanneld-0.5.5 -etcd-endpoints=http://192.168.0.10:2379 -ip-masq >/run/flannel/log 2>&1 &
sleep 3
. /run/flannel/subnet.env
dockerd --bip=$FLANNEL_SUBNET --mtu=$FLANNEL_MTU --ip-masq=false >/run/flannel/dockerd.log 2>&1 &
sleep 2
# Docker's DROP came with 1.13, after this flanneld.
iptables -P FORWARD ACCEPT
docker run -d --name ${name === "host-a" ? "sender" : "receiver"} nicolaka/netshoot sleep infinity
`,
  };
}

function open(): OpenedScenario {
  const lease = (subnet: string, ip: string): string =>
    `etcdctl put ${LEASE}/${subnet} '{"PublicIP":"${ip}","BackendType":"vxlan","BackendData":{"VtepMAC":"02:00:00:00:00:01"}}'\n`;
  return new OpenedScenario(
    v.parse(scenarioSchema, {
      version: 1,
      name: "old-flannel",
      seed: 1,
      manifests: [],
      underlay: { switches: [{ name: "lan" }] },
      machines: [
        {
          name: "etcd",
          role: "linux",
          interfaces: [{ on: "lan", addresses: ["192.168.0.10/24"] }],
          script: `etcdctl put /coreos.com/network/config '{"Network": "172.30.0.0/16", "Backend": {"Type": "vxlan"}}'
${lease("172.30.76.0-24", "192.168.0.21")}${lease("172.30.9.0-24", "192.168.0.22")}`,
        },
        host("host-a", "192.168.0.21"),
        host("host-b", "192.168.0.22"),
      ],
    }),
  );
}

function run(opened: OpenedScenario, at: string, command: string): string {
  return opened.ask({
    title: { en: command, zh: command },
    from: at,
    kind: "shell",
    target: command,
    expect: { outcome: "answered", passes: [], avoids: [] },
  }).printed;
}

/** Log lines without date, time and process number. */
const plain = (log: string): string => log.replace(/^([IWE])\d+ \S+ +\d+ /gm, "$1 ");

describe("flanneld 0.5.5", () => {
  const opened = open();

  test("puts the whole network on the device; knows where each machine is, and no container", () => {
    expect(run(opened, "host-a", "ip route | grep 172.30")).toBe(
      "172.30.0.0/16 dev flannel.1 proto kernel scope link src 172.30.76.0 \n" +
        "172.30.76.0/24 dev docker0 proto kernel scope link src 172.30.76.1 \n",
    );
    expect(run(opened, "host-a", "sysctl net.ipv4.neigh.flannel/1.app_solicit")).toContain("= 3");
    expect(run(opened, "host-a", "ip neigh show dev flannel.1")).toBe("");
    expect(run(opened, "host-a", "bridge fdb show dev flannel.1")).toMatch(
      / dst 192\.168\.0\.22 self permanent/,
    );
    expect(run(opened, "host-a", "iptables -t nat -S | grep '172.30\\|FLANNEL'")).toBe(
      "-N FLANNEL\n-A POSTROUTING -s 172.30.0.0/16 -j FLANNEL\n" +
        "-A POSTROUTING ! -s 172.30.0.0/16 -d 172.30.0.0/16 -j MASQUERADE\n" +
        "-A FLANNEL -d 172.30.0.0/16 -j ACCEPT\n-A FLANNEL ! -d 224.0.0.0/4 -j MASQUERADE\n",
    );
  });

  test("answers the kernel's question when a packet asks for a container, and the packet goes", () => {
    const seen = run(
      opened,
      "host-a",
      "ip monitor neigh >/run/heard & sleep 0.1; docker exec sender ping -c1 -W1 172.30.9.2; ip neigh show dev flannel.1; grep flannel.1 /run/heard",
    );
    expect(seen).toContain("1 packets transmitted, 1 received");
    const mac = /172\.30\.9\.2 lladdr (\S+) REACHABLE/.exec(seen)?.[1] ?? "";
    expect(seen).toContain(
      `miss 172.30.9.2 dev flannel.1 INCOMPLETE \n172.30.9.2 dev flannel.1 lladdr ${mac} REACHABLE`,
    );
    expect(plain(run(opened, "host-a", "tail -3 /run/flannel/log"))).toBe(
      `I vxlan.go:345] L3 miss: 172.30.9.2\nI device.go:187] calling NeighSet: 172.30.9.2, ${mac}\nI vxlan.go:356] AddL3 succeeded\n`,
    );
    expect(plain(run(opened, "host-b", "tail -3 /run/flannel/log"))).toContain("L3 miss: 172.30.76.2");
  });

  test("knows nothing of a range that nobody has", () => {
    expect(run(opened, "host-a", "docker exec sender ping -c1 -W8 172.30.50.2")).toContain("0 received");
    expect(plain(run(opened, "host-a", "tail -2 /run/flannel/log"))).toBe(
      "I vxlan.go:345] L3 miss: 172.30.50.2\nI vxlan.go:349] Route for 172.30.50.2 not found\n",
    );
  });

  test("does not take a doubt about what it answered for a question: the neighbour fails, and the next packet asks anew", () => {
    const seen = run(
      opened,
      "host-a",
      "sleep 60; docker exec sender ping -c14 -W1 172.30.9.2 | grep received",
    );
    expect(seen).toContain("14 packets transmitted, 14 received");
    const log = plain(run(opened, "host-a", "tail -9 /run/flannel/log"));
    expect(log).toMatch(
      /Ignoring not a miss: \S+, 172\.30\.9\.2\n[^]*L3 miss: 172\.30\.9\.2\n[^]*AddL3 succeeded/,
    );
  });

  test("ends when told to, and leaves what it wrote", () => {
    run(opened, "host-a", "pkill flanneld-0.5.5; sleep 1");
    expect(plain(run(opened, "host-a", "tail -1 /run/flannel/log"))).toBe("I main.go:292] Exiting...\n");
    expect(run(opened, "host-a", "docker exec sender ping -c1 -W1 172.30.9.2")).toContain("1 received");
  });

  test("refuses by name what is not modelled of it", () => {
    expect(
      run(opened, "host-b", "flanneld-0.5.5 -version 2>&1; flanneld-0.5.5 -listen=:8080 2>&1; echo $?"),
    ).toBe("0.5.5\nflannelgraph: flanneld 0.5 -listen=:8080 is not modelled yet\n95\n");
  });

  test("takes over from the flanneld of today in the gallery's scenario, as its text says", () => {
    const gallery = new OpenedScenario(v.parse(scenarioSchema, flannelOnDocker0));
    const change =
      "pkill flanneld; ip link del flannel.1; flanneld-0.5.5 -etcd-endpoints=http://192.168.0.10:2379 2>/run/flannel/log & sleep 2";
    for (const at of ["host-b", "host-a"]) run(gallery, at, change);
    expect(run(gallery, "host-a", "docker exec sender ping -c1 -W1 172.30.9.2")).toContain("1 received");
    expect(run(gallery, "host-a", "ip neigh show dev flannel.1")).toMatch(
      /^172\.30\.9\.2 lladdr \S+ REACHABLE \n$/,
    );
    expect(run(gallery, "host-a", "grep 'L3 miss' /run/flannel/log")).toContain("L3 miss: 172.30.9.2");
  });
});
