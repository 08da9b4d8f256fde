import type { ImageSpec } from "../../container/runtime/images.ts";
import type { ApiStore } from "../api/index.ts";
import type { Underlay } from "../node/underlay.ts";
import { routeController } from "./route-controller.ts";

/** What a cluster in a cloud has besides its own components. The cloud is the underlay. */
export function cloudImages(store: ApiStore, underlay: Underlay): readonly ImageSpec[] {
  return [
    {
      repository: "flannelgraph.io/cloud-controller-manager",
      executables: { "/cloud-controller-manager": "cloud-controller-manager" },
      programs: new Map([["cloud-controller-manager", routeController(store, underlay)]]),
      entrypoint: ["/cloud-controller-manager"],
    },
  ];
}
