import { isList, isRecord, jsonText } from "../../../formats/json.ts";
import type {
  Container,
  ContainerState,
  ContainerStatus,
  EnvVar,
  Pod,
  PodSpec,
  PodTemplate,
  Probe,
  Toleration,
  Volume,
} from "../../api/index.ts";
import { compareText } from "../../../formats/json.ts";
import { rfc1123 } from "../../api/time.ts";
import { pairs, type Sheet } from "./sheet.ts";

/** Containers, volumes and the rest that pods and pod templates have in common. Models: kubectl/pkg/describe. */

const orNone = (text: string): string => (text === "" ? "<none>" : text);

export function describeContainers(
  sheet: Sheet,
  indent: number,
  title: string,
  containers: readonly Container[],
  statuses: readonly ContainerStatus[] | undefined,
  pod?: Pod,
): void {
  sheet.line(indent, `${title}:${containers.length === 0 ? " <none>" : ""}`);
  for (const container of containers) {
    const status = statuses?.find((each) => each.name === container.name);
    sheet.line(1, `${indent > 0 ? " " : ""}${container.name}:`);
    basics(sheet, container, status);
    for (const [name, words] of [
      ["Command", container.command],
      ["Args", container.args],
    ] as const) {
      if (words === undefined || words.length === 0) continue;
      sheet.line(2, `${name}:`);
      for (const word of words.flatMap((each) => each.split("\n"))) sheet.line(3, word);
    }
    if (status !== undefined) states(sheet, status);
    quantities(sheet, "Limits", container.resources?.limits);
    quantities(sheet, "Requests", container.resources?.requests);
    probe(sheet, "Liveness", container.livenessProbe);
    probe(sheet, "Readiness", container.readinessProbe);
    probe(sheet, "Startup", container.startupProbe);
    environment(sheet, container.env ?? [], pod);
    mounts(sheet, container);
  }
}

function basics(sheet: Sheet, container: Container, status: ContainerStatus | undefined): void {
  if (status !== undefined) sheet.line(2, "Container ID:", status.containerID ?? "");
  sheet.line(2, "Image:", container.image ?? "");
  if (status !== undefined) sheet.line(2, "Image ID:", status.imageID ?? "");
  const { ports = [] } = container;
  const own = ports.map(({ containerPort, protocol = "TCP", name }) => {
    const text = `${containerPort}/${protocol}`;
    return name === undefined ? text : `${text} (${name})`;
  });
  const host = ports.map(({ hostPort = 0, protocol = "TCP", name }) => {
    const text = `${hostPort}/${protocol}`;
    return name === undefined ? text : `${text} (${name})`;
  });
  sheet.line(2, own.length > 1 ? "Ports:" : "Port:", orNone(own.join(", ")));
  sheet.line(2, host.length > 1 ? "Host Ports:" : "Host Port:", orNone(host.join(", ")));
}

function states(sheet: Sheet, status: ContainerStatus): void {
  state(sheet, "State", status.state);
  if (status.lastState?.terminated !== undefined) state(sheet, "Last State", status.lastState);
  sheet.line(2, "Ready:", status.ready ? "True" : "False");
  sheet.line(2, "Restart Count:", status.restartCount);
}

function state(sheet: Sheet, title: string, value: ContainerState | undefined): void {
  if (value?.running !== undefined) {
    sheet.line(2, `${title}:`, "Running");
    sheet.line(3, "Started:", rfc1123(value.running.startedAt));
  } else if (value?.terminated !== undefined) {
    const { reason = "", message = "", exitCode, signal = 0, startedAt, finishedAt } = value.terminated;
    sheet.line(2, `${title}:`, "Terminated");
    if (reason !== "") sheet.line(3, "Reason:", reason);
    if (message !== "") sheet.line(3, "Message:", message);
    sheet.line(3, "Exit Code:", exitCode);
    if (signal > 0) sheet.line(3, "Signal:", signal);
    sheet.line(3, "Started:", rfc1123(startedAt));
    sheet.line(3, "Finished:", rfc1123(finishedAt));
  } else {
    sheet.line(2, `${title}:`, "Waiting");
    const reason = value?.waiting?.reason ?? "";
    if (reason !== "") sheet.line(3, "Reason:", reason);
  }
}

function quantities(sheet: Sheet, title: string, values: Readonly<Record<string, string>> | undefined): void {
  const all = pairs(values);
  if (all.length > 0) sheet.line(2, `${title}:`);
  for (const [name, value] of all) sheet.line(3, `${name}:`, value);
}

function probe(sheet: Sheet, title: string, given: Probe | undefined): void {
  if (given === undefined) return;
  const { initialDelaySeconds: delay = 0, timeoutSeconds: timeout = 1, periodSeconds: period = 10 } = given;
  const { successThreshold = 1, failureThreshold = 3, httpGet, tcpSocket, exec, grpc } = given;
  const rest = `delay=${delay}s timeout=${timeout}s period=${period}s #success=${successThreshold} #failure=${failureThreshold}`;
  const what = (): string => {
    if (exec !== undefined) return `exec [${(exec.command ?? []).join(" ")}]`;
    if (httpGet !== undefined) {
      return `http-get ${(httpGet.scheme ?? "HTTP").toLowerCase()}://${httpGet.host ?? ""}:${httpGet.port}${httpGet.path ?? ""}`;
    }
    if (tcpSocket !== undefined) return `tcp-socket ${tcpSocket.host ?? ""}:${tcpSocket.port}`;
    return grpc === undefined ? "unknown" : `grpc <pod>:${grpc.port} ${grpc.service ?? ""}`;
  };
  sheet.line(2, `${title}:`, `${what()} ${rest}`);
}

function environment(sheet: Sheet, env: readonly EnvVar[], pod: Pod | undefined): void {
  if (env.length === 0) {
    sheet.line(2, "Environment:", "<none>");
    return;
  }
  sheet.line(2, "Environment:");
  for (const { name, value = "", valueFrom } of env) {
    if (valueFrom?.fieldRef !== undefined) {
      const { apiVersion = "v1", fieldPath } = valueFrom.fieldRef;
      sheet.line(3, `${name}:`, `${fieldOf(pod, fieldPath)} (${apiVersion}:${fieldPath})`);
    } else if (valueFrom?.secretKeyRef !== undefined) {
      const { key, name: from = "", optional = false } = valueFrom.secretKeyRef;
      sheet.line(3, `${name}:`, `<set to the key '${key}' in secret '${from}'>`, `Optional: ${optional}`);
    } else if (valueFrom?.configMapKeyRef !== undefined) {
      const { key, name: from = "", optional = false } = valueFrom.configMapKeyRef;
      sheet.line(3, `${name}:`, `<set to the key '${key}' of config map '${from}'>`, `Optional: ${optional}`);
    } else {
      for (const [i, part] of value.split("\n").entries()) sheet.line(3, i === 0 ? `${name}:` : "", part);
    }
  }
}

function fieldOf(pod: Pod | undefined, path: string): string {
  const value = path.split(".").reduce<unknown>((each, key) => (isRecord(each) ? each[key] : undefined), pod);
  // Only what the pod itself says: the node's and the pod's addresses come with the status.
  return path.startsWith("status.") || value === undefined ? "" : jsonText(value);
}

function mounts(sheet: Sheet, container: Container): void {
  const all = (container.volumeMounts ?? []).toSorted((a, b) => compareText(a.mountPath, b.mountPath));
  if (all.length === 0) sheet.line(2, "Mounts:", "<none>");
  else sheet.line(2, "Mounts:");
  for (const { mountPath, name, readOnly, subPath } of all) {
    const flags = [readOnly === true ? "ro" : "rw", ...(subPath === undefined ? [] : [`path="${subPath}"`])];
    sheet.line(3, `${mountPath} from ${name} (${flags.join(",")})`);
  }
}

export function describeVolumes(sheet: Sheet, indent: number, volumes: readonly Volume[]): void {
  if (volumes.length === 0) {
    sheet.line(indent, "Volumes:", "<none>");
    return;
  }
  sheet.line(indent, "Volumes:");
  for (const volume of volumes) {
    sheet.line(1, `${indent > 0 ? " " : ""}${volume.name}:`);
    for (const [name, value] of volumeLines(volume)) sheet.line(2, `${name}:`, value);
  }
}

function volumeLines(volume: Volume): readonly (readonly [string, string])[] {
  if (volume.hostPath !== undefined) {
    const { path, type = "<none>" } = volume.hostPath;
    return [
      ["Type", "HostPath (bare host directory volume)"],
      ["Path", path],
      ["HostPathType", type],
    ];
  }
  if (volume.configMap !== undefined) {
    const { name = "", optional = false } = volume.configMap;
    return [
      ["Type", "ConfigMap (a volume populated by a ConfigMap)"],
      ["Name", name],
      ["Optional", String(optional)],
    ];
  }
  if (volume.secret !== undefined) {
    const { secretName = "", optional = false } = volume.secret;
    return [
      ["Type", "Secret (a volume populated by a Secret)"],
      ["SecretName", secretName],
      ["Optional", String(optional)],
    ];
  }
  if (isRecord(volume.emptyDir)) {
    const { medium = "", sizeLimit = "<unset>" } = volume.emptyDir;
    const type = "EmptyDir (a temporary directory that shares a pod's lifetime)";
    return [
      ["Type", type],
      ["Medium", medium],
      ["SizeLimit", sizeLimit],
    ];
  }
  if (isRecord(volume.projected)) return projectedLines(volume.projected["sources"]);
  return [["Type", "<unknown>"]];
}

function projectedLines(sources: unknown): readonly (readonly [string, string])[] {
  const lines: (readonly [string, string])[] = [
    ["Type", "Projected (a volume that contains injected data from multiple sources)"],
  ];
  for (const source of isList(sources) ? sources : []) {
    if (!isRecord(source)) continue;
    const { serviceAccountToken: token, configMap, secret, downwardAPI } = source;
    if (isRecord(secret))
      lines.push(["SecretName", String(secret["name"])], ["Optional", jsonText(secret["optional"] ?? false)]);
    else if (downwardAPI !== undefined) lines.push(["DownwardAPI", "true"]);
    else if (isRecord(configMap)) {
      lines.push(
        ["ConfigMapName", String(configMap["name"])],
        ["Optional", jsonText(configMap["optional"] ?? false)],
      );
    } else if (isRecord(token)) lines.push(["TokenExpirationSeconds", String(token["expirationSeconds"])]);
  }
  return lines;
}

export function tolerationTexts(tolerations: readonly Toleration[] | undefined): readonly string[] {
  return (tolerations ?? [])
    .toSorted((a, b) => compareText(a.key ?? "", b.key ?? ""))
    .map(({ key = "", value = "", effect = "", operator = "Equal", tolerationSeconds }) => {
      const head = key + (value === "" ? "" : `=${value}`) + (effect === "" ? "" : `:${effect}`);
      const exists = operator === "Exists" && value === "" ? `${head === "" ? "" : " "}op=Exists` : "";
      return `${head}${exists}${tolerationSeconds === undefined ? "" : ` for ${tolerationSeconds}s`}`;
    });
}

export function describeTemplate(sheet: Sheet, template: PodTemplate): void {
  const { spec, metadata } = template;
  sheet.line(0, "Pod Template:");
  sheet.labels(1, "Labels", metadata?.labels);
  if (Object.keys(metadata?.annotations ?? {}).length > 0)
    sheet.annotations(1, "Annotations", metadata?.annotations);
  if ((spec.serviceAccountName ?? "") !== "")
    sheet.line(1, "Service Account:", spec.serviceAccountName ?? "");
  if ((spec.initContainers ?? []).length > 0)
    describeContainers(sheet, 1, "Init Containers", spec.initContainers ?? [], undefined);
  describeContainers(sheet, 1, "Containers", spec.containers, undefined);
  describeVolumes(sheet, 1, spec.volumes ?? []);
  describePlacement(sheet, 1, spec);
}

function describePlacement(sheet: Sheet, indent: number, spec: PodSpec): void {
  if ((spec.priorityClassName ?? "") !== "")
    sheet.line(indent, "Priority Class Name:", spec.priorityClassName ?? "");
  sheet.labels(indent, "Node-Selectors", spec.nodeSelector);
  sheet.values(indent, "Tolerations", tolerationTexts(spec.tolerations));
}
