import { parseQuantity, QUANTITY_RULE } from "../../../formats/quantity.ts";
import { type FieldError, invalidField, requiredField, unsupportedField } from "../errors.ts";
import type { Container, PodSpec, Toleration } from "../types.ts";
import { nameProblems } from "./names.ts";

/**
 * The rules of a pod's spec that the model depends on. `claims`: volumes that a StatefulSet adds to its template.
 * Models: pkg/apis/core/validation ValidatePodSpec.
 */
export function podSpecProblems(spec: PodSpec, path: string, claims: readonly string[] = []): FieldError[] {
  const names = new Set<string>();
  const containers = (list: readonly Container[], field: string): FieldError[] =>
    list.flatMap((container, i) => containerProblems(container, `${path}.${field}[${i}]`, names));
  return [
    ...(spec.containers.length === 0 ? [requiredField(`${path}.containers`)] : []),
    ...containers(spec.initContainers ?? [], "initContainers"),
    ...containers(spec.containers, "containers"),
    ...mountProblems(spec, path, claims),
    ...oneOf(`${path}.restartPolicy`, spec.restartPolicy, ["Always", "Never", "OnFailure"]),
    ...oneOf(`${path}.dnsPolicy`, spec.dnsPolicy, [
      "ClusterFirst",
      "ClusterFirstWithHostNet",
      "Default",
      "None",
    ]),
    ...(spec.tolerations ?? []).flatMap((each, i) => tolerationProblems(each, `${path}.tolerations[${i}]`)),
    ...(spec.hostNetwork === true ? hostPortProblems(spec, path) : []),
  ];
}

function oneOf(path: string, value: string | undefined, values: readonly string[]): FieldError[] {
  return value === undefined || values.includes(value) ? [] : [unsupportedField(path, value, values)];
}

const PROTOCOLS = ["SCTP", "TCP", "UDP"];

function containerProblems(container: Container, path: string, names: Set<string>): FieldError[] {
  const duplicate = names.has(container.name);
  names.add(container.name);
  return [
    ...(container.name === ""
      ? [requiredField(`${path}.name`)]
      : nameProblems(`${path}.name`, container.name, "label")),
    ...(duplicate ? [{ path: `${path}.name`, problem: `Duplicate value: "${container.name}"` }] : []),
    ...((container.image ?? "") === "" ? [requiredField(`${path}.image`)] : []),
    ...(container.ports ?? []).flatMap((port, i) => [
      ...portProblems(`${path}.ports[${i}].containerPort`, port.containerPort),
      ...(port.hostPort === undefined ? [] : portProblems(`${path}.ports[${i}].hostPort`, port.hostPort)),
      ...oneOf(`${path}.ports[${i}].protocol`, port.protocol, PROTOCOLS),
    ]),
    ...oneOf(`${path}.imagePullPolicy`, container.imagePullPolicy, ["Always", "IfNotPresent", "Never"]),
    ...quantityProblems(container, path),
  ];
}

export function portProblems(path: string, port: number): FieldError[] {
  return port >= 1 && port <= 65535
    ? []
    : [invalidField(path, port, "must be between 1 and 65535, inclusive")];
}

function quantityProblems(container: Container, path: string): FieldError[] {
  const { requests = {}, limits = {} } = container.resources ?? {};
  const malformed = Object.entries({ ...limits, ...requests })
    .filter(([, text]) => parseQuantity(text) === undefined)
    .map(([name, text]) => invalidField(`${path}.resources.requests[${name}]`, text, QUANTITY_RULE));
  const over = Object.entries(requests)
    .filter(
      ([name, text]) => limits[name] !== undefined && parseQuantity(text)! > parseQuantity(limits[name])!,
    )
    .map(([name, text]) =>
      invalidField(
        `${path}.resources.requests`,
        text,
        `must be less than or equal to ${name} limit of ${limits[name]!}`,
      ),
    );
  return [...malformed, ...over];
}

function mountProblems(spec: PodSpec, path: string, claims: readonly string[]): FieldError[] {
  const volumes = new Set([...(spec.volumes ?? []).map((volume) => volume.name), ...claims]);
  return (["initContainers", "containers"] as const).flatMap((field) =>
    (spec[field] ?? []).flatMap((container, i) =>
      (container.volumeMounts ?? []).flatMap((mount, j) =>
        volumes.has(mount.name)
          ? []
          : [
              {
                path: `${path}.${field}[${i}].volumeMounts[${j}].name`,
                problem: `Not found: "${mount.name}"`,
              },
            ],
      ),
    ),
  );
}

const EFFECTS = ["NoExecute", "NoSchedule", "PreferNoSchedule"];

function tolerationProblems(toleration: Toleration, path: string): FieldError[] {
  const { key = "", operator = "Equal", value = "", effect } = toleration;
  return [
    ...oneOf(`${path}.operator`, operator, ["Equal", "Exists"]),
    ...(key === "" && operator !== "Exists"
      ? [
          invalidField(
            `${path}.operator`,
            operator,
            'operator must be Exists when `key` is empty, which means "match all values and all keys"',
          ),
        ]
      : []),
    ...(operator === "Exists" && value !== ""
      ? [invalidField(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'")]
      : []),
    ...(effect === undefined || effect === "" ? [] : oneOf(`${path}.effect`, effect, EFFECTS)),
  ];
}

function hostPortProblems(spec: PodSpec, path: string): FieldError[] {
  return spec.containers.flatMap((container, i) =>
    (container.ports ?? []).flatMap((port, j) =>
      port.hostPort === undefined || port.hostPort === port.containerPort
        ? []
        : [
            invalidField(
              `${path}.containers[${i}].ports[${j}].hostPort`,
              port.hostPort,
              "must match `containerPort` when `hostNetwork` is true",
            ),
          ],
    ),
  );
}
