import { isRecord } from "../../../../formats/json.ts";
import { parseIpv4, parsePrefix } from "../../../../wire/address.ts";
import type { Pod } from "../../../api/index.ts";
import { vethName } from "../../api/index.ts";
import { namespaceProfile, serviceAccountProfile } from "./kubernetes.ts";
import { LABELS, type NamedPort, type Workload } from "./types.ts";

const POD_IP = "cni.projectcalico.org/podIP";
const POD_IPS = "cni.projectcalico.org/podIPs";
const SPOOFED = "cni.projectcalico.org/allowedSourcePrefixes";
const LONGEST_SERVICE_ACCOUNT_LABEL = 62;

/** Its addresses have gone back to their pool. Models: IsFinished. */
function isFinished({ metadata, status }: Pod): boolean {
  const released = metadata.annotations?.[POD_IP] === "";
  if (metadata.deletionTimestamp !== undefined && released) return true;
  return ["Failed", "Succeeded", "Completed"].includes(status?.phase ?? "");
}

/** The pod's status knows its addresses, or before that the annotations of Calico's plugin. Models: getPodIPs. */
function addressesOf(pod: Pod): readonly string[] {
  const { metadata, status } = pod;
  if (isFinished(pod)) return [];
  const told = status?.podIPs?.map(({ ip }) => ip) ?? [];
  const noted = (metadata.annotations?.[POD_IPS] ?? metadata.annotations?.[POD_IP] ?? "").split(",");
  const all = told.length > 0 ? told : status?.podIP !== undefined ? [status.podIP] : noted;
  return all.map((text) => text.replace(/\/32$/, "")).filter((text) => parseIpv4(text) !== undefined);
}

function portsOf({ spec }: Pod): readonly NamedPort[] {
  return [...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ ports = [] }) =>
    ports.flatMap(({ name, protocol = "TCP", containerPort: port }) =>
      name === undefined ? [] : [{ name, protocol: protocol.toLowerCase(), port }],
    ),
  );
}

/** Models: HandleSourceIPSpoofingAnnotation. */
function spoofedPrefixes({ metadata }: Pod): readonly string[] {
  const text = metadata.annotations?.[SPOOFED] ?? "";
  try {
    const list: unknown = text === "" ? [] : JSON.parse(text);
    return Array.isArray(list)
      ? list.filter((item): item is string => typeof item === "string" && parsePrefix(item) !== undefined)
      : [];
  } catch {
    return [];
  }
}

/** Limits of packets, bytes and connections, and DSCP: Felix's own in this release. */
const QOS = /^(?:qos\.projectcalico\.org\/.*|kubernetes\.io\/(?:in|e)gress-bandwidth)$/;

/** Undefined for pods that are not Calico's, or have no address. Models: podToDefaultWorkloadEndpoint. */
export function workloadOf(pod: Pod, prefix: string): Workload | undefined {
  const { metadata, spec } = pod;
  const { name, namespace = "default", labels = {} } = metadata;
  if (spec.hostNetwork === true || (spec.nodeName ?? "") === "") return undefined;
  const addresses = addressesOf(pod);
  if (addresses.length === 0) return undefined;
  const account = spec.serviceAccountName ?? "";
  return {
    name: `${namespace}/${name}`,
    node: spec.nodeName ?? "",
    device: vethName(namespace, name, prefix),
    addresses,
    labels: {
      ...(isRecord(labels) ? labels : {}),
      [LABELS.namespace]: namespace,
      [LABELS.orchestrator]: "k8s",
      ...(account !== "" && account.length <= LONGEST_SERVICE_ACCOUNT_LABEL
        ? { [LABELS.serviceAccount]: account }
        : {}),
    },
    profiles: [
      namespaceProfile(namespace),
      ...(account === "" ? [] : [serviceAccountProfile(namespace, account)]),
    ],
    ports: portsOf(pod),
    spoofed: spoofedPrefixes(pod),
    refused: Object.keys(metadata.annotations ?? {}).filter((key) => QOS.test(key)),
  };
}
