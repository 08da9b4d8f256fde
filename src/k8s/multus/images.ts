import { CNI_PROGRAM } from "../../container/cni/exec.ts";
import { installExecutable } from "../../container/files.ts";
import type { ImageSpec } from "../../container/runtime/images.ts";
import type { Task } from "../../sim/task.ts";
import type { Program } from "../../userland/os/process.ts";
import type { ApiStore } from "../api/index.ts";
import { thinEntrypoint } from "./entrypoint.ts";
import { multus } from "./plugin.ts";

/** /install_multus --type thin. Models: multus-cni cmd/install_multus. Not modelled: its plugin passthru. */
const installMultus: Program = function* (process): Task<number> {
  const words = process.argv.slice(1).join(" ").replace("=", " ");
  if (words !== "--type thin" && words !== "-t thin") {
    yield* process.printError(`flannelgraph: install_multus ${words} is not modelled yet\n`);
    return 1;
  }
  installExecutable(process.host.fs, "/host/opt/cni/bin/multus", `${CNI_PROGRAM}multus`);
  yield* process.print("multus multus copy succeeded!\n");
  return 0;
};

/** The image of multus-daemonset.yml, with the plugin in it. */
export function multusImages(store: ApiStore): readonly ImageSpec[] {
  return [
    {
      repository: "ghcr.io/k8snetworkplumbingwg/multus-cni",
      executables: { "/thin_entrypoint": "thin_entrypoint", "/install_multus": "install_multus" },
      programs: new Map([
        ["thin_entrypoint", thinEntrypoint],
        ["install_multus", installMultus],
      ]),
      entrypoint: ["/thin_entrypoint"],
      plugins: [multus(store)],
    },
  ];
}
