import ingress from "./data/ingress-nginx/deploy-baremetal.yaml?raw";
import policies from "./data/kube-router-firewall.yaml?raw";

/** Manifests of what a cluster needs beside its network plugin. Large: fetched when they are asked for. */
export const addonTexts = { ingress, policies } as const;
