import { conditionOf } from "../../api/conditions.ts";
import type { Node, Service } from "../../api/index.ts";
import { age } from "../../api/time.ts";
import { ageOf, labelsText, NONE, orNone, type TableOf } from "./table.ts";

const ROLE_PREFIX = "node-role.kubernetes.io/";

/** Also what `describe node` prints. */
export function nodeRoles(node: Node): string {
  const roles = Object.entries(node.metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(ROLE_PREFIX) && key !== ROLE_PREFIX) return [key.slice(ROLE_PREFIX.length)];
    return key === "kubernetes.io/role" && value !== "" ? [value] : [];
  });
  return roles.length === 0 ? NONE : roles.toSorted().join(",");
}

function nodeStatus(node: Node): string {
  const ready = conditionOf(node.status?.conditions, "Ready");
  const status = ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady";
  return node.spec?.unschedulable === true ? `${status},SchedulingDisabled` : status;
}

export const nodeTable: TableOf<"Node"> = {
  columns: ["NAME", "STATUS", "ROLES", "AGE", "VERSION"],
  wide: ["INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"],
  row: (object, context) => {
    const { addresses = [], nodeInfo } = object.status ?? {};
    const address = (type: string): string => orNone(addresses.find((each) => each.type === type)?.address);
    const kernel =
      nodeInfo === undefined ? "<unknown>" : `${nodeInfo.kernelVersion} (${nodeInfo.architecture})`;
    return [
      object.metadata.name,
      nodeStatus(object),
      nodeRoles(object),
      ageOf(object, context),
      nodeInfo?.kubeletVersion ?? "",
      address("InternalIP"),
      address("ExternalIP"),
      nodeInfo?.osImage ?? "<unknown>",
      kernel,
      nodeInfo?.containerRuntimeVersion ?? "<unknown>",
    ];
  },
};

function externalAddress({ spec, status }: Service): string {
  const own = spec.externalIPs ?? [];
  const given = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? "");
  switch (spec.type) {
    case "LoadBalancer":
      return given.length + own.length === 0 ? "<pending>" : [...given, ...own].join(",");
    case "ExternalName":
      return spec.externalName ?? "";
    default:
      return own.length === 0 ? NONE : own.join(",");
  }
}

export const serviceTable: TableOf<"Service"> = {
  columns: ["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"],
  wide: ["SELECTOR"],
  row: (object, context) => {
    const ports = (object.spec.ports ?? []).map(({ port, nodePort, protocol = "TCP" }) =>
      nodePort === undefined ? `${port}/${protocol}` : `${port}:${nodePort}/${protocol}`,
    );
    return [
      object.metadata.name,
      object.spec.type ?? "ClusterIP",
      orNone(object.spec.clusterIPs?.[0]),
      externalAddress(object),
      orNone(ports.join(",")),
      ageOf(object, context),
      labelsText(object.spec.selector),
    ];
  },
};

/** At most three, then how many more. */
export function withMore(all: readonly string[]): string {
  if (all.length === 0) return NONE;
  const shown = all.slice(0, 3).join(",");
  return all.length > 3 ? `${shown} + ${all.length - 3} more...` : shown;
}

export const endpointsTable: TableOf<"Endpoints"> = {
  columns: ["NAME", "ENDPOINTS", "AGE"],
  row: (object, context) => {
    const all = (object.subsets ?? []).flatMap(({ addresses = [], ports = [] }) =>
      ports.length === 0
        ? addresses.map(({ ip }) => ip)
        : ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip}:${port}`)),
    );
    return [object.metadata.name, withMore(all), ageOf(object, context)];
  },
};

export const endpointSliceTable: TableOf<"EndpointSlice"> = {
  columns: ["NAME", "ADDRESSTYPE", "PORTS", "ENDPOINTS", "AGE"],
  row: (object, context) => [
    object.metadata.name,
    object.addressType,
    object.ports === undefined || object.ports.length === 0
      ? "<unset>"
      : withMore(object.ports.map(({ port, name }) => String(port ?? name ?? "*"))),
    object.endpoints === undefined || object.endpoints.length === 0
      ? "<unset>"
      : withMore(object.endpoints.flatMap(({ addresses }) => addresses)),
    ageOf(object, context),
  ],
};

export const namespaceTable: TableOf<"Namespace"> = {
  columns: ["NAME", "STATUS", "AGE"],
  row: (object, context) => [object.metadata.name, object.status?.phase ?? "", ageOf(object, context)],
};

export const configMapTable: TableOf<"ConfigMap"> = {
  columns: ["NAME", "DATA", "AGE"],
  row: (object, context) => [
    object.metadata.name,
    Object.keys(object.data ?? {}).length + Object.keys(object.binaryData ?? {}).length,
    ageOf(object, context),
  ],
};

export const secretTable: TableOf<"Secret"> = {
  columns: ["NAME", "TYPE", "DATA", "AGE"],
  row: (object, context) => [
    object.metadata.name,
    object.type ?? "Opaque",
    Object.keys(object.data ?? {}).length,
    ageOf(object, context),
  ],
};

export const eventTable: TableOf<"Event"> = {
  columns: ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"],
  wide: ["SUBOBJECT", "SOURCE", "FIRST SEEN", "COUNT", "NAME"],
  row: (object, { now }) => [
    age(object.lastTimestamp, now),
    object.type ?? "",
    object.reason ?? "",
    `${(object.involvedObject.kind ?? "").toLowerCase()}/${object.involvedObject.name ?? ""}`,
    (object.message ?? "").trim(),
    object.involvedObject.fieldPath ?? "",
    [object.source?.component ?? "", object.source?.host ?? ""].filter((part) => part !== "").join(", "),
    age(object.firstTimestamp, now),
    object.count ?? 1,
    object.metadata.name,
  ],
};
