import { describe, expect, it } from "vitest";
import { Console } from "../../../testkit/console.ts";
import { must } from "../../../base/result.ts";
import { formatPrefix } from "../../../wire/address.ts";
import { boxTable } from "../cli/box-table.ts";
import { detectAddress } from "./detect.ts";
import { peersIn } from "./health.ts";

describe("the node's address", () => {
  const console = new Console();
  console.setUp(`ns a b
    wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
    wire a cali1 02:00:00:00:01:03 b e1 02:00:00:00:01:04
    wire a eth1 02:00:00:00:01:05 b e2 02:00:00:00:01:06
    ip -n a addr add 10.9.0.1/32 dev cali1
    ip -n a addr add 169.254.7.7/16 dev eth0
    ip -n a addr add 172.18.0.3/16 dev eth0
    ip -n a addr add 192.168.7.3/24 dev eth1
    ip -n a route add 8.8.8.0/24 via 192.168.7.1 dev eth1`);
  const net = console.kernel.open(must(console.host.netnsNames.get("a"), "a"), { name: "test" });
  const found = (method: string): string => {
    const got = detectAddress(net, method, "192.168.7.3");
    return got.ok ? `${formatPrefix(got.value.prefix)} ${got.value.device}` : got.error;
  };

  it.each([
    ["", "172.18.0.3/16 eth0"],
    ["first-found", "172.18.0.3/16 eth0"],
    ["interface=eth1", "192.168.7.3/24 eth1"],
    ["interface=ens.*,eth1", "192.168.7.3/24 eth1"],
    ["skip-interface=eth0", "192.168.7.3/24 eth1"],
    ["can-reach=8.8.8.8", "192.168.7.3/24 eth1"],
    ["cidr=192.168.0.0/16", "192.168.7.3/24 eth1"],
    ["kubernetes-internal-ip", "192.168.7.3/24 eth1"],
    ["interface=nope", "no valid IPv4 addresses found on the host interfaces"],
    ["guess", "Invalid IP autodetection method: guess"],
  ])("by %s is %s", (method, expected) => expect(found(method)).toBe(expected));
});

it("reads the neighbours from what birdcl shows", () => {
  const text = `name     proto    table    state  since       info
static1  Static   master   up     03:30:00    
Mesh_10_0_0_2 BGP      master   up     03:30:02    Established   
Mesh_10_0_0_3 BGP      master   start  03:30:10    Passive       Socket: Connection closed
Node_10_0_0_4_port_1179 BGP      master   down   03:30:15    
`;
  expect(peersIn(text)).toEqual([
    { kind: "Mesh", ip: "10.0.0.2", state: "up", since: "03:30:02", bgpState: "Established", info: "" },
    {
      kind: "Mesh",
      ip: "10.0.0.3",
      state: "start",
      since: "03:30:10",
      bgpState: "Passive",
      info: "Socket: Connection closed",
    },
    { kind: "Node", ip: "10.0.0.4", state: "down", since: "03:30:15", bgpState: "", info: "" },
  ]);
});

it("draws a table with heads in the middle and numbers to the right", () => {
  expect(boxTable(["GROUPING", "CIDR", "N"], [["IP Pool", "10.244.0.0/16", "65536"]])).toBe(
    "+----------+---------------+-------+\n" +
      "| GROUPING |     CIDR      |   N   |\n" +
      "+----------+---------------+-------+\n" +
      "| IP Pool  | 10.244.0.0/16 | 65536 |\n" +
      "+----------+---------------+-------+\n",
  );
});
