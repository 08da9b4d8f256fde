import { expect, it } from "vitest";
import { EventQueue } from "../../../sim/queue.ts";
import { Random } from "../../../sim/random.ts";
import { ApiStore } from "../../api/index.ts";
import { affinityName, CalicoClient, cidrToName, vethName, vtepMac } from "./index.ts";

function emptyStore(): ApiStore {
  return new ApiStore({ queue: new EventQueue(), random: new Random(1) });
}

const IP_POOL_CRD = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "ippools.crd.projectcalico.org" },
  spec: {
    group: "crd.projectcalico.org",
    scope: "Cluster",
    names: { kind: "IPPool", plural: "ippools", singular: "ippool" },
    versions: [{ name: "v1", served: true, storage: true }],
  },
};

it("names a pod's device after its namespace and name", () => {
  expect(vethName("default", "nginx")).toBe("calic440f455693");
});

it("names blocks, affinities and tunnel endpoints", () => {
  expect(cidrToName("10.244.0.64/26")).toBe("10-244-0-64-26");
  expect(affinityName("kind-worker", "10.244.0.64/26")).toBe("kind-worker-10-244-0-64-26");
  expect(vtepMac("kind-worker")).toMatch(/^66(:[0-9a-f]{2}){5}$/);
});

it("has no objects of a kind whose CRD is not there, and passes over what cannot be read", () => {
  const store = emptyStore();
  const client = new CalicoClient(store, "test");
  expect([client.served("IPPool"), client.list("IPPool")]).toEqual([false, []]);
  store.create("test", "CustomResourceDefinition", IP_POOL_CRD);
  client.create("IPPool", { metadata: { name: "a" }, spec: { cidr: "10.0.0.0/16", ipipMode: "Always" } });
  const broken = { apiVersion: "crd.projectcalico.org/v1", kind: "IPPool", metadata: { name: "b" } };
  store.create("test", "IPPool.crd.projectcalico.org", broken);
  expect(client.list("IPPool").map(({ metadata }) => metadata.name)).toEqual(["a"]);
});
