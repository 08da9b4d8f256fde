import type { ImageSpec } from "../../container/runtime/images.ts";
import type { ApiStore } from "../api/index.ts";
import { kubeProxy } from "./kube-proxy.ts";

export function kubeProxyImages(store: ApiStore): readonly ImageSpec[] {
  return [
    {
      repository: "registry.k8s.io/kube-proxy",
      executables: { "/usr/local/bin/kube-proxy": "kube-proxy" },
      programs: new Map([["kube-proxy", kubeProxy(store)]]),
      entrypoint: ["/usr/local/bin/kube-proxy"],
      preloaded: true,
    },
  ];
}
