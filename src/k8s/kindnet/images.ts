import type { ImageSpec } from "../../container/runtime/images.ts";
import type { ApiStore } from "../api/index.ts";
import { kindnetd } from "./kindnetd.ts";

/** The image of kind's default network plugin; nodes have it. */
export function kindnetImages(store: ApiStore): readonly ImageSpec[] {
  return [
    {
      repository: "docker.io/kindest/kindnetd",
      executables: { "/bin/kindnetd": "kindnetd" },
      programs: new Map([["kindnetd", kindnetd(store)]]),
      entrypoint: ["/bin/kindnetd"],
      preloaded: true,
    },
  ];
}
