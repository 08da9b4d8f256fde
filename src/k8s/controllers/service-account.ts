import { ApiClient, type ApiStore } from "../api/index.ts";
import type { Controller } from "./context.ts";

/** What every namespace starts with: the account `default` and the cluster's certificate. */
function furnish(accounts: ApiClient, certificates: ApiClient, namespace: string): void {
  if (accounts.get("ServiceAccount", namespace, "default") === undefined) {
    accounts.create("ServiceAccount", {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "default", namespace },
    });
  }
  if (certificates.get("ConfigMap", namespace, "kube-root-ca.crt") === undefined) {
    certificates.create("ConfigMap", {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "kube-root-ca.crt",
        namespace,
        annotations: {
          "kubernetes.io/description":
            "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.",
        },
      },
      data: { "ca.crt": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n" },
    });
  }
}

function start(store: ApiStore): void {
  const accounts = new ApiClient(store, "service-account-controller");
  const certificates = new ApiClient(store, "root-ca-certificate-publisher");
  accounts.watch("Namespace", ({ type, object }) => {
    if (type !== "DELETED" && object.metadata.deletionTimestamp === undefined) {
      furnish(accounts, certificates, object.metadata.name);
    }
  });
  accounts.watch("ServiceAccount", ({ type, object }) => {
    const { namespace = "", name } = object.metadata;
    const home = accounts.get("Namespace", "", namespace);
    if (
      type === "DELETED" &&
      name === "default" &&
      home?.metadata.deletionTimestamp === undefined &&
      home !== undefined
    ) {
      furnish(accounts, certificates, namespace);
    }
  });
}

/** Models: pkg/controller/serviceaccount and pkg/controller/certificates/rootcacertpublisher. */
export const serviceAccountController: Controller = {
  name: "serviceaccount-controller",
  start: ({ store }) => start(store),
};
