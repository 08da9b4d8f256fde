import type { ImageSpec } from "../../container/runtime/images.ts";
import { pause } from "../../container/servers/pause.ts";
import type { Draft } from "../api/index.ts";
import { KUBELET_VERSION } from "../kubelet/node-status.ts";

const IDLE = "idle";
const PROGRAMS = new Map([[IDLE, pause]]);

const idle = (repository: string, path: string): ImageSpec => ({
  repository,
  executables: { [path]: IDLE },
  programs: PROGRAMS,
  entrypoint: [path],
  preloaded: true,
});

const CONTROL_PLANE = [
  { name: "etcd", image: "registry.k8s.io/etcd:3.6.6-0", path: "/usr/local/bin/etcd" },
  {
    name: "kube-apiserver",
    image: `registry.k8s.io/kube-apiserver:${KUBELET_VERSION}`,
    path: "/usr/local/bin/kube-apiserver",
  },
  {
    name: "kube-controller-manager",
    image: `registry.k8s.io/kube-controller-manager:${KUBELET_VERSION}`,
    path: "/usr/local/bin/kube-controller-manager",
  },
  {
    name: "kube-scheduler",
    image: `registry.k8s.io/kube-scheduler:${KUBELET_VERSION}`,
    path: "/usr/local/bin/kube-scheduler",
  },
];

/** The system's images: they are in the node image already, and what they do is done elsewhere in this world. */
export const SYSTEM_IMAGES: readonly ImageSpec[] = CONTROL_PLANE.map(({ image, path }) =>
  idle(image.slice(0, image.lastIndexOf(":")), path),
);

/** The pods that the control plane's kubelet runs from /etc/kubernetes/manifests, as mirror pods. Models: kubeadm. */
export function staticPods(node: string): readonly Draft<"Pod">[] {
  return CONTROL_PLANE.map(({ name, image, path }) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `${name}-${node}`,
      namespace: "kube-system",
      labels: { component: name, tier: "control-plane" },
      annotations: { "kubernetes.io/config.mirror": name, "kubernetes.io/config.source": "file" },
    },
    spec: {
      nodeName: node,
      hostNetwork: true,
      priorityClassName: "system-node-critical",
      tolerations: [{ effect: "NoExecute", operator: "Exists" }],
      containers: [{ name, image, command: [path], imagePullPolicy: "IfNotPresent" }],
    },
  }));
}
