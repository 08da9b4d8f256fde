import type { ImageSpec } from "../../container/runtime/images.ts";
import { sleep } from "../../sim/task.ts";
import { seconds } from "../../sim/time.ts";
import type { Program } from "../../userland/os/process.ts";
import type { ApiStore } from "../api/index.ts";
import { certgen } from "./certgen.ts";
import { ingressController } from "./controller.ts";

/** /wait-shutdown, the container's preStop: tells the controller to end and waits until nginx has. Models: cmd/waitshutdown. */
const waitShutdown: Program = function* (process) {
  for (const other of process.host.processes.values())
    if (other !== process && other.argv[0]?.endsWith("nginx-ingress-controller") === true) other.kill("TERM");
  yield* sleep(seconds(2));
  return 0;
};

/** The images of ingress-nginx' deploy.yaml. */
export function ingressNginxImages(store: ApiStore): readonly ImageSpec[] {
  return [
    {
      repository: "registry.k8s.io/ingress-nginx/controller",
      executables: {
        "/nginx-ingress-controller": "nginx-ingress-controller",
        "/wait-shutdown": "wait-shutdown",
      },
      programs: new Map([
        ["nginx-ingress-controller", ingressController(store)],
        ["wait-shutdown", waitShutdown],
      ]),
      entrypoint: [],
    },
    {
      repository: "registry.k8s.io/ingress-nginx/kube-webhook-certgen",
      executables: { "/kube-webhook-certgen": "kube-webhook-certgen" },
      programs: new Map([["kube-webhook-certgen", certgen(store)]]),
      entrypoint: ["/kube-webhook-certgen"],
    },
  ];
}
