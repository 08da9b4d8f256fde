import { type ApiClient, eventsAbout, type EndpointSlice, type Service } from "../../api/index.ts";
import { labelsText, NONE } from "../tables/table.ts";
import { withMore } from "../tables/core.ts";
import { Sheet } from "./sheet.ts";

/** The ready endpoints behind one port of a Service. */
export function endpointsText(slices: readonly EndpointSlice[], portName: string): string {
  if (slices.length === 0) return NONE;
  const all = slices.flatMap(({ ports = [], endpoints = [] }) => {
    const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false);
    return ports
      .filter(({ name = "" }) => name === portName)
      .flatMap(({ port }) => ready.map(({ addresses }) => `${addresses[0] ?? ""}:${port ?? ""}`));
  });
  return all.length === 0 ? "" : withMore(all);
}

/** Models: kubectl/pkg/describe describeService. */
export function describeService(object: Service, client: ApiClient): string {
  const sheet = new Sheet();
  const { metadata, spec, status } = object;
  sheet.line(0, "Name:", metadata.name);
  sheet.line(0, "Namespace:", metadata.namespace ?? "");
  sheet.labels(0, "Labels", metadata.labels);
  sheet.annotations(0, "Annotations", metadata.annotations);
  sheet.line(0, "Selector:", labelsText(spec.selector));
  sheet.line(0, "Type:", spec.type ?? "");
  if (spec.ipFamilyPolicy !== undefined) sheet.line(0, "IP Family Policy:", spec.ipFamilyPolicy);
  sheet.field(0, "IP Families", spec.ipFamilies?.join(","));
  sheet.line(0, "IP:", spec.clusterIP ?? "");
  sheet.field(0, "IPs", spec.clusterIPs?.join(","));
  if ((spec.externalIPs ?? []).length > 0) sheet.line(0, "External IPs:", (spec.externalIPs ?? []).join(","));
  if (spec.externalName !== undefined) sheet.line(0, "External Name:", spec.externalName);
  const ingress = status?.loadBalancer?.ingress ?? [];
  if (ingress.length > 0) {
    sheet.line(
      0,
      "LoadBalancer Ingress:",
      ingress.map(({ ip, hostname }) => ip ?? hostname ?? "").join(", "),
    );
  }
  ports(sheet, object, client);
  sheet.line(0, "Session Affinity:", spec.sessionAffinity ?? "None");
  if (spec.externalTrafficPolicy !== undefined)
    sheet.line(0, "External Traffic Policy:", spec.externalTrafficPolicy);
  if (spec.internalTrafficPolicy !== undefined)
    sheet.line(0, "Internal Traffic Policy:", spec.internalTrafficPolicy);
  sheet.events(eventsAbout(client, object), client.store.now);
  return sheet.toString();
}

function ports(sheet: Sheet, { metadata, spec }: Service, client: ApiClient): void {
  const slices = client
    .list("EndpointSlice", { namespace: metadata.namespace ?? "" })
    .filter((slice) => slice.metadata.labels?.["kubernetes.io/service-name"] === metadata.name);
  for (const { name = "", port, protocol = "TCP", targetPort = port, nodePort, appProtocol } of spec.ports ??
    []) {
    const shown = name === "" ? "<unset>" : name;
    sheet.line(0, "Port:", shown, `${port}/${protocol}`);
    sheet.line(0, "TargetPort:", `${targetPort}/${protocol}`);
    if (appProtocol !== undefined) sheet.line(0, "AppProtocol:", appProtocol);
    if (nodePort !== undefined) sheet.line(0, "NodePort:", shown, `${nodePort}/${protocol}`);
    sheet.line(0, "Endpoints:", endpointsText(slices, name));
  }
}
