import type { ImageSpec } from "../../container/runtime/images.ts";
import type { ApiStore } from "../api/index.ts";
import type { CloudRouter } from "../node/attachment.ts";
import { routeController } from "./route-controller.ts";

/** What a cluster in a cloud has besides its own components. `router` is the cloud's, if it has one. */
export function cloudImages(store: ApiStore, router: CloudRouter | undefined): readonly ImageSpec[] {
  return [
    {
      repository: "flannelgraph.io/cloud-controller-manager",
      executables: { "/cloud-controller-manager": "cloud-controller-manager" },
      programs: new Map([["cloud-controller-manager", routeController(store, router)]]),
      entrypoint: ["/cloud-controller-manager"],
    },
  ];
}
