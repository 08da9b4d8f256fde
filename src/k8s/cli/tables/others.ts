import { jsonText } from "../../../formats/json.ts";
import { labelSelectorText } from "../../../formats/selector.ts";
import { ageOf, NONE, orNone, type TableOf } from "./table.ts";

const LOAD_BALANCER_WIDTH = 16;

export const ingressTable: TableOf<"Ingress"> = {
  columns: ["NAME", "CLASS", "HOSTS", "ADDRESS", "PORTS", "AGE"],
  row: (object, context) => {
    const hosts = (object.spec?.rules ?? []).flatMap(({ host = "" }) => (host === "" ? [] : [host]));
    const addresses = (object.status?.loadBalancer?.ingress ?? []).map(
      ({ ip, hostname }) => ip ?? hostname ?? "",
    );
    const shown = [...new Set(addresses)].toSorted().join(",");
    const more = hosts.length > 3 ? ` + ${hosts.length - 3} more...` : "";
    return [
      object.metadata.name,
      orNone(object.spec?.ingressClassName),
      hosts.length === 0 ? "*" : hosts.slice(0, 3).join(",") + more,
      context.wide || shown.length <= LOAD_BALANCER_WIDTH
        ? shown
        : `${shown.slice(0, LOAD_BALANCER_WIDTH - 3)}...`,
      (object.spec?.tls ?? []).length > 0 ? "80, 443" : "80",
      ageOf(object, context),
    ];
  },
};

export const ingressClassTable: TableOf<"IngressClass"> = {
  columns: ["NAME", "CONTROLLER", "PARAMETERS", "AGE"],
  row: (object, context) => {
    const { controller = "", parameters } = object.spec ?? {};
    const group = parameters?.apiGroup === undefined ? "" : `.${parameters.apiGroup}`;
    return [
      object.metadata.name,
      controller,
      parameters === undefined ? NONE : `${parameters.kind}${group}/${parameters.name}`,
      ageOf(object, context),
    ];
  },
};

export const networkPolicyTable: TableOf<"NetworkPolicy"> = {
  columns: ["NAME", "POD-SELECTOR", "AGE"],
  row: (object, context) => [
    object.metadata.name,
    orNone(labelSelectorText(object.spec?.podSelector ?? {})),
    ageOf(object, context),
  ],
};

export const leaseTable: TableOf<"Lease"> = {
  columns: ["NAME", "HOLDER", "AGE"],
  row: (object, context) => [object.metadata.name, object.spec?.holderIdentity ?? "", ageOf(object, context)],
};

interface Bound {
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects?:
    | readonly { readonly kind: string; readonly name: string; readonly namespace?: string | undefined }[]
    | undefined;
}

function subjects(object: Bound, kind: string): string {
  return (object.subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace }) => (namespace === undefined ? name : `${namespace}/${name}`))
    .join(", ");
}

const bindingWide = ["USERS", "GROUPS", "SERVICEACCOUNTS"];

function bindingCells(object: Bound): readonly string[] {
  return [subjects(object, "User"), subjects(object, "Group"), subjects(object, "ServiceAccount")];
}

export const roleBindingTable: TableOf<"RoleBinding"> = {
  columns: ["NAME", "ROLE", "AGE"],
  wide: bindingWide,
  row: (object, context) => [
    object.metadata.name,
    `${object.roleRef.kind}/${object.roleRef.name}`,
    ageOf(object, context),
    ...bindingCells(object),
  ],
};

export const clusterRoleBindingTable: TableOf<"ClusterRoleBinding"> = {
  columns: ["NAME", "ROLE", "AGE"],
  wide: bindingWide,
  row: (object, context) => [
    object.metadata.name,
    `${object.roleRef.kind}/${object.roleRef.name}`,
    ageOf(object, context),
    ...bindingCells(object),
  ],
};

export const priorityClassTable: TableOf<"PriorityClass"> = {
  columns: ["NAME", "VALUE", "GLOBAL-DEFAULT", "AGE"],
  wide: ["PREEMPTIONPOLICY"],
  row: (object, context) => [
    object.metadata.name,
    object.value,
    String(object.globalDefault ?? false),
    ageOf(object, context),
    object.preemptionPolicy ?? "PreemptLowerPriority",
  ],
};

export const serviceCidrTable: TableOf<"ServiceCIDR"> = {
  columns: ["NAME", "CIDRS", "AGE"],
  row: (object, context) => [
    object.metadata.name,
    (object.spec?.cidrs ?? []).join(","),
    ageOf(object, context),
  ],
};

export const storageClassTable: TableOf<"StorageClass"> = {
  columns: ["NAME", "PROVISIONER", "RECLAIMPOLICY", "VOLUMEBINDINGMODE", "ALLOWVOLUMEEXPANSION", "AGE"],
  row: (object, context) => {
    const isDefault = object.metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true";
    return [
      isDefault ? `${object.metadata.name} (default)` : object.metadata.name,
      object.provisioner,
      typeof object.reclaimPolicy === "string" ? object.reclaimPolicy : "Delete",
      typeof object.volumeBindingMode === "string" ? object.volumeBindingMode : "Immediate",
      jsonText(object.allowVolumeExpansion ?? false),
      ageOf(object, context),
    ];
  },
};
