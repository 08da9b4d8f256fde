import type { ImageSpec } from "../../container/runtime/images.ts";
import type { ApiStore } from "../api/index.ts";
import { kubeRouter } from "./kube-router.ts";

/** kube-router's image, as far as it enforces network policies. */
export function kubeRouterImages(store: ApiStore): readonly ImageSpec[] {
  return [
    {
      repository: "docker.io/cloudnativelabs/kube-router",
      executables: { "/usr/local/bin/kube-router": "kube-router" },
      programs: new Map([["kube-router", kubeRouter(store)]]),
      entrypoint: ["/usr/local/bin/kube-router"],
    },
  ];
}
