import { expect, it } from "vitest";
import { standInName } from "./stand-in.ts";

it.each([
  ["nginx:1.29", "nginx"],
  ["registry.k8s.io/e2e-test-images/agnhost:2.39", "agnhost"],
  ["localhost:5000/shop/till@sha256:0123", "till"],
])("a stand-in for %s calls itself %s", (image, name) => {
  expect(standInName(image)).toBe(name);
});
