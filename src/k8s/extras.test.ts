import { expect, test } from "vitest";
import { kubeWorld } from "../testkit/kube-world.ts";
import { EXTRA_PARTS } from "./extra-parts.ts";
import { EXTRA_REPOSITORIES } from "./extras.ts";

test("every image that comes with the extras is known before them", () => {
  const world = kubeWorld({ workers: 0 });
  const repositories = EXTRA_PARTS.images(world.store, undefined).map(({ repository }) => repository);
  expect(repositories.toSorted()).toEqual(EXTRA_REPOSITORIES.toSorted());
});
