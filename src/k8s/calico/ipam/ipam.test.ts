import fc from "fast-check";
import { expect, it } from "vitest";
import { EventQueue } from "../../../sim/queue.ts";
import { Random } from "../../../sim/random.ts";
import { formatIpv4 } from "../../../wire/address.ts";
import { ApiStore } from "../../api/index.ts";
import { serveCalicoKinds } from "../../../testkit/calico-crds.ts";
import { Ipam } from "./ipam.ts";

function cluster(cidr: string, nodes: readonly string[], extra: Record<string, unknown> = {}): Ipam {
  const store = new ApiStore({ queue: new EventQueue(), random: new Random(1) });
  serveCalicoKinds(store);
  for (const name of nodes)
    store.create("test", "Node", { apiVersion: "v1", kind: "Node", metadata: { name } });
  const ipam = new Ipam(store, "test");
  ipam.client.create("IPPool", { metadata: { name: "default-ipv4-ippool" }, spec: { cidr, ...extra } });
  return ipam;
}

function take(ipam: Ipam, host: string, handle: string): string {
  const attributes = { handle_id: handle, secondary: { node: host } };
  const got = ipam.autoAssign({ host, attributes, use: "Workload" });
  return got.ok ? formatIpv4(got.value.address) : `error: ${got.error}`;
}

it("claims a block for a node with its first pod, confirmed and with a handle", () => {
  const ipam = cluster("10.244.0.0/24", ["a"]);
  const first = take(ipam, "a", "k8s-pod-network.1");
  const [affinity] = ipam.client.list("BlockAffinity");
  const [block] = ipam.client.list("IPAMBlock");
  expect(affinity?.spec).toMatchObject({ node: "a", state: "confirmed", type: "host", deleted: "false" });
  expect(block?.spec).toMatchObject({ affinity: "host:a", cidr: affinity?.spec.cidr, strictAffinity: false });
  expect(affinity?.spec.cidr).toBe(`${first}/26`);
  expect(block?.spec.unallocated.length).toBe(63);
  expect(ipam.client.list("IPAMHandle").map(({ spec }) => spec)).toEqual([
    { handleID: "k8s-pod-network.1", block: { [`${first}/26`]: 1 }, deleted: false },
  ]);
});

it("gives a freed address out again only when all others have had their turn", () => {
  const ipam = cluster("10.244.0.0/29", ["a"], { blockSize: 29 });
  const first = take(ipam, "a", "h0");
  ipam.releaseByHandle("h0");
  const next = Array.from({ length: 7 }, (_, i) => take(ipam, "a", `h${i + 1}`));
  expect(next).not.toContain(first);
  expect(take(ipam, "a", "h9")).toBe(first);
});

it("borrows from another node's block when the pool has none left, unless affinity is strict", () => {
  const ipam = cluster("10.244.0.0/30", ["a", "b"], { blockSize: 31 });
  take(ipam, "b", "b0");
  for (const handle of ["a0", "a1"]) take(ipam, "a", handle);
  expect(take(ipam, "a", "a2")).toMatch(/^10\.244\.0\./);
  const foreign = ipam.blocks().find(({ spec }) => spec.affinity === "host:b");
  expect(foreign?.spec.attributes.map((each) => each.secondary?.["node"])).toEqual(["b", "a"]);
  ipam.releaseByHandle("a2");
  ipam.client.create("IPAMConfig", {
    metadata: { name: "default" },
    spec: { strictAffinity: true, autoAllocateBlocks: true },
  });
  expect(take(ipam, "a", "a3")).toContain("No more free affine blocks and strict affinity enabled");
});

it("keeps to pools whose selector fits the node, and that are enabled", () => {
  const ipam = cluster("10.244.0.0/24", ["a"], { nodeSelector: "rack == '1'" });
  expect(take(ipam, "a", "h")).toBe("error: no configured Calico pools for node a");
});

it("never gives an address twice, and files are what is in use, whatever is asked in whatever order", () => {
  const step = fc.record({ host: fc.constantFrom("a", "b", "c"), slot: fc.nat(30), free: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const ipam = cluster("10.0.0.0/28", ["a", "b", "c"], { blockSize: 30 });
      const held = new Map<string, string>();
      for (const { host, slot, free } of steps) {
        const handle = `h${slot}`;
        if (free) {
          expect(ipam.releaseByHandle(handle)).toBe(held.delete(handle));
          continue;
        }
        if (held.has(handle)) continue;
        const address = take(ipam, host, handle);
        if (address.startsWith("error")) expect(held.size).toBe(16);
        else {
          expect([...held.values()]).not.toContain(address);
          held.set(handle, address);
        }
      }
      const taken = ipam
        .blocks()
        .flatMap(({ spec }) => spec.allocations.filter((index) => index !== null)).length;
      expect(taken).toBe(held.size);
      expect(ipam.client.list("IPAMHandle").length).toBe(held.size);
      for (const { spec } of ipam.blocks()) {
        const free = spec.allocations.flatMap((index, i) => (index === null ? [i] : []));
        expect([...spec.unallocated].sort((x, y) => x - y)).toEqual(free);
      }
    }),
    { numRuns: 60 },
  );
});
