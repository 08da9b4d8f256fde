import { type ApiClient, eventsAbout, type Pod } from "../../api/index.ts";
import { controllerOf } from "../../api/pods.ts";
import { age, rfc1123 } from "../../api/time.ts";
import { Sheet } from "./sheet.ts";
import { describeContainers, describeVolumes, tolerationTexts } from "./template.ts";

/** Models: kubectl/pkg/describe describePod. */
export function describePod(pod: Pod, client: ApiClient): string {
  const sheet = new Sheet();
  const { metadata, spec, status } = pod;
  sheet.line(0, "Name:", metadata.name);
  sheet.line(0, "Namespace:", metadata.namespace ?? "");
  if (spec.priority !== undefined) sheet.line(0, "Priority:", spec.priority);
  if ((spec.priorityClassName ?? "") !== "")
    sheet.line(0, "Priority Class Name:", spec.priorityClassName ?? "");
  if ((spec.serviceAccountName ?? "") !== "")
    sheet.line(0, "Service Account:", spec.serviceAccountName ?? "");
  const node = spec.nodeName ?? "";
  sheet.field(0, "Node", node === "" ? "" : `${node}/${status?.hostIP ?? ""}`);
  if (status?.startTime !== undefined) sheet.line(0, "Start Time:", rfc1123(status.startTime));
  sheet.labels(0, "Labels", metadata.labels);
  sheet.annotations(0, "Annotations", metadata.annotations);
  phase(sheet, pod, client);
  sheet.line(0, "IP:", status?.podIP ?? "");
  const ips = status?.podIPs ?? [];
  sheet.line(0, "IPs:", ...(ips.length === 0 ? ["<none>"] : []));
  for (const { ip } of ips) sheet.line(1, "IP:", ip);
  const owner = controllerOf(pod);
  if (owner !== undefined) sheet.line(0, "Controlled By:", `${owner.kind}/${owner.name}`);
  if ((spec.initContainers ?? []).length > 0) {
    describeContainers(
      sheet,
      0,
      "Init Containers",
      spec.initContainers ?? [],
      status?.initContainerStatuses,
      pod,
    );
  }
  describeContainers(sheet, 0, "Containers", spec.containers, status?.containerStatuses, pod);
  const conditions = status?.conditions ?? [];
  if (conditions.length > 0) {
    sheet.line(0, "Conditions:");
    sheet.line(1, "Type", "Status");
    for (const { type, status: value } of conditions) sheet.line(1, `${type} `, `${value} `);
  }
  describeVolumes(sheet, 0, spec.volumes ?? []);
  sheet.line(0, "QoS Class:", status?.qosClass ?? "");
  sheet.labels(0, "Node-Selectors", spec.nodeSelector);
  sheet.values(0, "Tolerations", tolerationTexts(spec.tolerations));
  sheet.events(eventsAbout(client, pod), client.store.now);
  return sheet.toString();
}

function phase(sheet: Sheet, { metadata, status }: Pod, client: ApiClient): void {
  const ended = status?.phase === "Failed" || status?.phase === "Succeeded";
  if (metadata.deletionTimestamp !== undefined && !ended) {
    sheet.line(0, "Status:", `Terminating (lasts ${age(metadata.deletionTimestamp, client.store.now)})`);
    sheet.line(0, "Termination Grace Period:", `${metadata.deletionGracePeriodSeconds ?? 0}s`);
  } else sheet.line(0, "Status:", status?.phase ?? "");
  if ((status?.reason ?? "") !== "") sheet.line(0, "Reason:", status?.reason ?? "");
  if ((status?.message ?? "") !== "") sheet.line(0, "Message:", status?.message ?? "");
}
