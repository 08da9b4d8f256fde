import type { ImageSpec } from "../../container/runtime/images.ts";
import type { ApiStore } from "../api/index.ts";
import { localPathProvisioner, type NodeFiles } from "./local-path.ts";

const NAME = "local-path-provisioner";

/** The image of kind's storage manifest. */
export function storageImages(store: ApiStore, files: NodeFiles): readonly ImageSpec[] {
  return [
    {
      repository: "docker.io/kindest/local-path-provisioner",
      executables: { [`/usr/local/bin/${NAME}`]: NAME },
      programs: new Map([[NAME, localPathProvisioner(store, files)]]),
      entrypoint: [NAME],
      preloaded: true,
    },
  ];
}
