import { beforeAll, expect, it } from "vitest";
import { firstPair } from "../../app/model/probe.ts";
import { must } from "../../base/result.ts";
import { loadBundled } from "../../lab/bundled.ts";
import { loadUserland } from "../../lab/programs.ts";
import { galleryEntry } from "../../scenario/gallery/index.ts";
import { Board } from "./board.ts";

/** What components program on a node, without what is numbered or named anew for each pod. */
const TABLES = `ip route | grep -v 'dev \\(veth\\|cali\\|cni0\\)' | sort; ip rule; iptables-save | grep -c .;
nft list ruleset | grep -c .; ipvsadm -Sn | grep -c .; ip -br link | grep -v 'veth\\|cali' | cut -d' ' -f1 | sort`;
const SICK = "kubectl get pods -A --no-headers | grep -v Completed | grep -v ' \\([0-9]*\\)/\\1 *Running'";

beforeAll(() => Promise.all([loadUserland(), loadBundled()]), 120_000);

it.each([
  ["calico", "k1"],
  ["host-gw", "node1"],
  ["ipvs-and-nftables", "kind-worker"],
  ["network-policy", "kind-worker"],
  ["kube-proxy-iptables", "node1"],
  ["two-nics", "node1"],
])(
  "%s: plugin and proxy program a node that starts again as they did at first, and its pods are reached",
  async (id, node) => {
    const board = new Board(await must(galleryEntry(id), id).load());
    board.print("", "sleep 30");
    const before = board.print(node, TABLES);
    expect(board.print("", SICK)).toBe("");
    board.print("", `ipmitool -H ${node} chassis power cycle; sleep 150`);
    expect(board.print("", SICK)).toBe("");
    expect(board.print(node, TABLES)).toBe(before);
    const [asker, asked] = must(firstPair(board.cast), "two pods");
    expect(board.print(asker.label, `ping -c1 -W1 ${asked.ip ?? ""} >/dev/null; echo $?`).trim()).toBe("0");
  },
  60_000,
);

it("its button says how things are, and refuses what it has not", () => {
  const board = new Board();
  const press = (words: string): string => board.print("", `ipmitool ${words} 2>&1; echo $?`);
  expect(press("-H kind-worker power status")).toBe("Chassis Power is on\n0\n");
  expect(press("-H kind-worker chassis power off")).toBe("Chassis Power Control: Down/Off\n0\n");
  expect(press("-H kind-worker chassis power status")).toBe("Chassis Power is off\n0\n");
  expect(press("-H kind-worker power cycle")).toMatch(/not supported in present state\n1\n$/);
  expect(board.print("", "ssh kind-worker true 2>&1")).toContain("No route to host");
  expect(press("-H nobody power off")).toMatch(/^Address lookup for nobody failed\n/);
  expect(press("-H kind-worker power soft")).toBe(
    "flannelgraph: ipmitool chassis power soft is not modelled yet\n95\n",
  );
  expect(press("-H kind-worker sdr")).toBe("flannelgraph: ipmitool sdr is not modelled yet\n95\n");
});
