import { type ApiClient, eventsAbout, type Ingress, type IngressClass } from "../../api/index.ts";
import { isRecord, jsonText } from "../../../formats/json.ts";
import { endpointsText } from "./service.ts";
import { Sheet } from "./sheet.ts";

type Spec = NonNullable<Ingress["spec"]>;
type Backend = NonNullable<Spec["defaultBackend"]>;

/** Models: describeBackendV1: `web:80 (10.244.1.2:80,10.244.2.2:80)`. */
function backendText(client: ApiClient, namespace: string, { service, resource }: Backend): string {
  if (service !== undefined) {
    const { name, port = {} } = service;
    const number = port.number ?? 0;
    const text = `${name}:${number === 0 ? (port.name ?? "") : number}`;
    const object = client.get("Service", namespace, name);
    if (object === undefined) return `${text} (<error: services "${name}" not found>)`;
    const found = object.spec.ports?.find((each) =>
      number === 0 ? each.name === port.name : each.port === number,
    );
    const slices = client
      .list("EndpointSlice", { namespace })
      .filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === name);
    return `${text} (${endpointsText(slices, found?.name ?? "")})`;
  }
  if (!isRecord(resource)) return "";
  const { apiGroup, kind, name } = resource;
  return `APIGroup: ${apiGroup === undefined ? "<none>" : jsonText(apiGroup)}, Kind: ${jsonText(kind)}, Name: ${jsonText(name)}`;
}

function rules(sheet: Sheet, client: ApiClient, namespace: string, spec: Spec, otherwise: string): void {
  sheet.line(0, "Rules:");
  sheet.line(1, "Host", "Path", "Backends");
  sheet.line(1, "----", "----", "--------");
  const withPaths = (spec.rules ?? []).filter(({ http }) => http !== undefined);
  for (const { host = "", http } of withPaths) {
    sheet.line(1, host === "" ? "*" : host, "");
    for (const { path = "", backend } of http?.paths ?? [])
      sheet.line(2, "", `${path} `, backendText(client, namespace, backend));
  }
  if (withPaths.length === 0) sheet.line(1, "*", "*", otherwise);
}

/** Models: kubectl/pkg/describe describeIngressV1. */
export function describeIngress(object: Ingress, client: ApiClient): string {
  const sheet = new Sheet();
  const { metadata, spec = {}, status } = object;
  const { name, namespace = "" } = metadata;
  const addresses = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? "");
  sheet.line(0, "Name:", name);
  sheet.labels(0, "Labels", metadata.labels);
  sheet.line(0, "Namespace:", namespace);
  sheet.line(0, "Address:", [...new Set(addresses)].toSorted().join(","));
  sheet.line(0, "Ingress Class:", spec.ingressClassName ?? "<none>");
  const { defaultBackend } = spec;
  const otherwise =
    defaultBackend === undefined ? "<default>" : backendText(client, namespace, defaultBackend);
  sheet.line(0, "Default backend:", otherwise);
  if ((spec.tls ?? []).length > 0) {
    sheet.line(0, "TLS:");
    for (const { secretName = "", hosts = [] } of spec.tls ?? [])
      sheet.line(
        1,
        secretName === "" ? `SNI routes ${hosts.join(",")}` : `${secretName} terminates ${hosts.join(",")}`,
      );
  }
  rules(sheet, client, namespace, spec, otherwise);
  sheet.annotations(0, "Annotations", metadata.annotations);
  sheet.events(eventsAbout(client, object), client.store.now);
  return sheet.toString();
}

/** Models: describeIngressClassV1. */
export function describeIngressClass(object: IngressClass, client: ApiClient): string {
  const sheet = new Sheet();
  const { metadata, spec } = object;
  sheet.line(0, "Name:", metadata.name);
  sheet.labels(0, "Labels", metadata.labels);
  sheet.annotations(0, "Annotations", metadata.annotations);
  sheet.line(0, "Controller:", spec?.controller ?? "");
  const { parameters } = spec ?? {};
  if (parameters !== undefined) {
    sheet.line(0, "Parameters:");
    if (parameters.apiGroup !== undefined) sheet.line(1, "APIGroup:", parameters.apiGroup);
    sheet.line(1, "Kind:", parameters.kind);
    sheet.line(1, "Name:", parameters.name);
  }
  sheet.events(eventsAbout(client, object), client.store.now);
  return sheet.toString();
}
