import type { ImageSpec } from "../../container/runtime/images.ts";
import type { ApiStore } from "../api/index.ts";
import { coredns } from "./coredns.ts";

export function dnsImages(store: ApiStore): readonly ImageSpec[] {
  return [
    {
      repository: "registry.k8s.io/coredns/coredns",
      executables: { "/coredns": "coredns" },
      programs: new Map([["coredns", coredns(store)]]),
      entrypoint: ["/coredns"],
      preloaded: true,
    },
  ];
}
