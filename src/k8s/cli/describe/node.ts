import { canonicalQuantity, parseQuantity } from "../../../formats/quantity.ts";
import { type ApiClient, type Container, eventsAbout, type Node, type Pod } from "../../api/index.ts";
import { compareText } from "../../../formats/json.ts";
import { hasEnded } from "../../api/pods.ts";
import { age, rfc1123 } from "../../api/time.ts";
import { nodeRoles } from "../tables/core.ts";
import { pairs, Sheet } from "./sheet.ts";

/** Models: kubectl/pkg/describe describeNode. */
export function describeNode(node: Node, client: ApiClient): string {
  const sheet = new Sheet();
  const { metadata, spec, status } = node;
  sheet.line(0, "Name:", metadata.name);
  sheet.line(0, "Roles:", nodeRoles(node));
  sheet.labels(0, "Labels", metadata.labels);
  sheet.annotations(0, "Annotations", metadata.annotations);
  sheet.line(0, "CreationTimestamp:", rfc1123(metadata.creationTimestamp));
  sheet.values(0, "Taints", taintTexts(node));
  sheet.line(0, "Unschedulable:", String(spec?.unschedulable ?? false));
  lease(sheet, node, client);
  conditions(sheet, node);
  sheet.line(0, "Addresses:");
  for (const { type, address } of status?.addresses ?? []) sheet.line(1, `${type}:`, address);
  for (const [title, list] of [
    ["Capacity", status?.capacity],
    ["Allocatable", status?.allocatable],
  ] as const) {
    if (list === undefined) continue;
    sheet.line(0, `${title}:`);
    for (const [name, value] of pairs(list)) sheet.line(1, `${name}:`, value);
  }
  systemInfo(sheet, node);
  if (spec?.podCIDR !== undefined) sheet.line(0, "PodCIDR:", spec.podCIDR);
  if (spec?.podCIDRs !== undefined) sheet.line(0, "PodCIDRs:", spec.podCIDRs.join(","));
  if (spec?.providerID !== undefined) sheet.line(0, "ProviderID:", spec.providerID);
  pods(sheet, node, client);
  sheet.events(eventsAbout(client, node), client.store.now);
  return sheet.toString();
}

function taintTexts(node: Node): readonly string[] {
  return (node.spec?.taints ?? [])
    .toSorted((a, b) => compareText(`${a.effect},${a.key}`, `${b.effect},${b.key}`))
    .map(({ key, value = "", effect }) => `${key}${value === "" ? "" : `=${value}`}:${effect}`);
}

function lease(sheet: Sheet, node: Node, client: ApiClient): void {
  const found = client.get("Lease", "kube-node-lease", node.metadata.name);
  if (found === undefined) {
    const why = `leases.coordination.k8s.io "${node.metadata.name}" not found`;
    sheet.line(0, "Lease:", `Failed to get lease: ${why}`);
    return;
  }
  sheet.line(0, "Lease:");
  const { holderIdentity = "<unset>", acquireTime, renewTime } = found.spec ?? {};
  sheet.line(1, "HolderIdentity:", holderIdentity);
  sheet.line(1, "AcquireTime:", acquireTime === undefined ? "<unset>" : rfc1123(acquireTime));
  sheet.line(1, "RenewTime:", renewTime === undefined ? "<unset>" : rfc1123(renewTime));
}

function conditions(sheet: Sheet, node: Node): void {
  const list = node.status?.conditions ?? [];
  if (list.length === 0) return;
  sheet.line(0, "Conditions:");
  sheet.line(1, "Type", "Status", "LastHeartbeatTime", "LastTransitionTime", "Reason", "Message");
  sheet.line(1, "----", "------", "-----------------", "------------------", "------", "-------");
  for (const { type, status, lastHeartbeatTime, lastTransitionTime, reason = "", message = "" } of list) {
    const times = [rfc1123(lastHeartbeatTime), rfc1123(lastTransitionTime)].map((time) => `${time} `);
    sheet.line(1, `${type} `, `${status} `, ...times, `${reason} `, message);
  }
}

function systemInfo(sheet: Sheet, node: Node): void {
  const info = node.status?.nodeInfo;
  if (info === undefined) return;
  sheet.line(0, "System Info:");
  sheet.line(1, "Machine ID:", info.machineID);
  sheet.line(1, "System UUID:", info.systemUUID);
  sheet.line(1, "Boot ID:", info.bootID);
  sheet.line(1, "Kernel Version:", info.kernelVersion);
  sheet.line(1, "OS Image:", info.osImage);
  sheet.line(1, "Operating System:", info.operatingSystem);
  sheet.line(1, "Architecture:", info.architecture);
  sheet.line(1, "Container Runtime Version:", info.containerRuntimeVersion);
  sheet.line(1, "Kubelet Version:", info.kubeletVersion);
}

type Side = "requests" | "limits";

function total(pod: Pod, side: Side, name: "cpu" | "memory"): number {
  const of = (container: Container): number => parseQuantity(container.resources?.[side]?.[name] ?? "0") ?? 0;
  const running = pod.spec.containers.reduce((sum, container) => sum + of(container), 0);
  return Math.max(running, ...(pod.spec.initContainers ?? []).map(of));
}

/** `100m (1%)`, `50Mi (0%)`: sizes in the binary suffix that keeps them whole. */
function share(amount: number, name: "cpu" | "memory", room: number): string {
  const text =
    name === "cpu"
      ? canonicalQuantity(String(Math.round(amount * 1000) / 1000))
      : canonicalQuantity(`${amount / 1024}Ki`);
  return `${text} (${room === 0 ? 0 : Math.floor((amount / room) * 100)}%)`;
}

const CELLS = [
  ["requests", "cpu"],
  ["limits", "cpu"],
  ["requests", "memory"],
  ["limits", "memory"],
] as const;

function pods(sheet: Sheet, node: Node, client: ApiClient): void {
  const all = client.list("Pod", { nodeName: node.metadata.name }).filter((pod) => !hasEnded(pod));
  const allocatable = node.status?.allocatable ?? {};
  const room = (name: "cpu" | "memory"): number => parseQuantity(allocatable[name] ?? "0") ?? 0;
  sheet.line(0, "Non-terminated Pods:", `(${all.length} in total)`);
  sheet.line(
    1,
    "Namespace",
    "Name",
    "",
    "CPU Requests",
    "CPU Limits",
    "Memory Requests",
    "Memory Limits",
    "Age",
  );
  sheet.line(
    1,
    "---------",
    "----",
    "",
    "------------",
    "----------",
    "---------------",
    "-------------",
    "---",
  );
  for (const pod of all) {
    const cells = CELLS.map(([side, name]) => share(total(pod, side, name), name, room(name)));
    const { namespace = "", name, creationTimestamp } = pod.metadata;
    sheet.line(1, namespace, name, "", ...cells, age(creationTimestamp, client.store.now));
  }
  sheet.line(0, "Allocated resources:");
  sheet.line(1, "(Total limits may be over 100 percent, i.e., overcommitted.)");
  sheet.line(1, "Resource", "Requests", "Limits");
  sheet.line(1, "--------", "--------", "------");
  const sum = (side: Side, name: "cpu" | "memory"): number =>
    all.reduce((n, pod) => n + total(pod, side, name), 0);
  for (const name of ["cpu", "memory"] as const) {
    const cells = (["requests", "limits"] as const).map((side) => share(sum(side, name), name, room(name)));
    sheet.line(1, name, ...cells);
  }
  sheet.line(1, "ephemeral-storage", "0 (0%)", "0 (0%)");
  for (const name of Object.keys(allocatable)
    .filter((each) => each.startsWith("hugepages-"))
    .toSorted()) {
    sheet.line(1, name, "0 (0%)", "0 (0%)");
  }
}
