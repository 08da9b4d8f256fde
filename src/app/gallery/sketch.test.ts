import { describe, expect, it } from "vitest";
import { firstLight } from "../../scenario/first-light.ts";
import { GALLERY } from "../../scenario/gallery/index.ts";
import { sketch } from "./sketch.ts";

it("draws the first scenario's nodes, its pods spread over the workers, and the tunnel", () => {
  expect(sketch(firstLight)).toEqual({
    rooms: [
      { kind: "node", name: "kind-control-plane", pods: 0, bridge: true, on: ["kind"] },
      { kind: "node", name: "kind-worker", pods: 3, bridge: true, on: ["kind"] },
      { kind: "node", name: "kind-worker2", pods: 3, bridge: true, on: ["kind"] },
    ],
    switches: ["kind"],
    overlay: "vxlan",
    services: 3,
    policies: 0,
  });
});

it("draws what a script makes by hand", () => {
  const script = "ip netns add red\nip netns add blue\nip link add br0 type bridge\n";
  const drawn = sketch({ version: 1, name: "x", seed: 1, manifests: [], script });
  expect(drawn.rooms.map(({ name, on }) => `${name} on ${on.join()}`)).toEqual(["red on br0", "blue on br0"]);
  expect(drawn.switches).toEqual(["br0"]);
});

it("makes nothing of texts that cannot be read", () => {
  const broken = { name: "x.yaml", yaml: "a: [b\n---\n{" };
  const drawn = sketch({ version: 1, name: "x", seed: 1, manifests: [broken], cluster: ": :" });
  expect(drawn.services).toBe(0);
});

describe("of the gallery", () => {
  it.each(GALLERY.map(({ id, load }) => [id, load] as const))("%s has something to show", async (_, load) => {
    expect(sketch(await load()).rooms.length).toBeGreaterThan(0);
  });
});
