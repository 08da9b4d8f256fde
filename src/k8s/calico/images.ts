import { CNI_PROGRAM } from "../../container/cni/exec.ts";
import type { ImageSpec } from "../../container/runtime/images.ts";
import type { ApiStore } from "../api/index.ts";
import { bird } from "./bird/bird.ts";
import { birdcl } from "./bird/birdcl.ts";
import { calico } from "./cni/calico.ts";
import { calicoIpam } from "./cni/calico-ipam.ts";
import { checkStatus, kubeControllers } from "./kube-controllers/kube-controllers.ts";
import { calicoNode, startRunit } from "./node/calico-node.ts";
import { installCni, upgradeIpam } from "./node/install-cni.ts";
import { sv } from "./node/runit.ts";

/** Where Calico's images are found: its own registry, and the one of older manifests. */
const REGISTRIES = ["quay.io/calico", "docker.io/calico"];

/** The three images of calico.yaml. */
export function calicoImages(store: ApiStore): readonly ImageSpec[] {
  const bin = "/opt/cni/bin/";
  const plugins = [calico(store), calicoIpam(store)];
  const inImage = ["bandwidth", "host-local", "loopback", "portmap", "tuning"].map(
    (name) => [bin + name, CNI_PROGRAM + name] as const,
  );
  return REGISTRIES.flatMap((registry): ImageSpec[] => [
    {
      repository: `${registry}/cni`,
      executables: {
        ...Object.fromEntries(inImage),
        [`${bin}calico`]: `${CNI_PROGRAM}calico`,
        [`${bin}calico-ipam`]: `${CNI_PROGRAM}calico-ipam`,
        [`${bin}install`]: "install-cni",
      },
      programs: new Map([
        ["install-cni", installCni],
        [`${CNI_PROGRAM}calico-ipam`, upgradeIpam],
      ]),
      entrypoint: [],
      plugins,
    },
    {
      repository: `${registry}/node`,
      // Programs in the directories of PATH are found by their names.
      executables: {},
      programs: new Map([
        ["calico-node", calicoNode(store)],
        ["start_runit", startRunit(store)],
        ["bird", bird],
        ["birdcl", birdcl],
        ["sv", sv],
      ]),
      entrypoint: ["/sbin/start_runit"],
    },
    {
      repository: `${registry}/kube-controllers`,
      executables: {},
      programs: new Map([
        ["kube-controllers", kubeControllers(store)],
        ["check-status", checkStatus],
      ]),
      entrypoint: ["/usr/bin/kube-controllers"],
    },
  ]);
}
