import { expect, test } from "vitest";
import { isBaseImage, networkComponent } from "./images.ts";

test("images of commands alone miss what they miss", () => {
  expect(
    ["busybox:1.36", "docker.io/library/alpine", "nicolaka/netshoot", "ghcr.io/x/podinfo:6"].map(isBaseImage),
  ).toEqual([true, true, true, false]);
});

test("a component of a cluster's network that is not modelled is known by its name", () => {
  const images = [
    "quay.io/metallb/speaker:v0.15",
    "quay.io/cilium/cilium:v1.18",
    "weaveworks/weave-kube:2.8",
    "weaveworksdemos/carts",
    "istio/pilot:1.27",
    "nginx",
  ];
  expect(images.map(networkComponent)).toEqual([
    "MetalLB",
    "Cilium",
    "Weave Net",
    undefined,
    "Istio",
    undefined,
  ]);
});
