import { parseIpv4 } from "../../wire/address.ts";
import type { Peer } from "../../container/servers/nginx/upstream.ts";
import type { EndpointSlice, Ingress, Service, ServicePort } from "../api/index.ts";
import type { Annotations, Shaping } from "./annotations.ts";

type Spec = NonNullable<Ingress["spec"]>;
type ServiceBackend = NonNullable<NonNullable<Spec["defaultBackend"]>["service"]>;
/** ImplementationSpecific is Prefix to this controller. */
export type PathType = "Exact" | "Prefix";

export const DEFAULT_BACKEND = "upstream-default-backend";
export const DEFAULT_SERVER = "_";

/** Servers that share the requests of one Service port. */
export interface Backend {
  readonly name: string;
  peers: readonly Peer[];
  shaping: Shaping | undefined;
  /** Canaries of this backend. */
  readonly alternatives: string[];
  cookie: Annotations["cookie"];
}

export interface Location {
  readonly path: string;
  readonly pathType: PathType;
  readonly backend: string;
  readonly isDefault: boolean;
  /** `namespace/name`; "" for the controller's own. */
  readonly ingress: string;
  readonly annotations: Annotations;
}

export interface Server {
  readonly hostname: string;
  readonly aliases: readonly string[];
  readonly locations: readonly Location[];
  /** What is shown in a handshake: a Secret's key, `default`, or nothing was asked for. */
  readonly certificate: string | undefined;
}

export interface Configuration {
  readonly backends: ReadonlyMap<string, Backend>;
  readonly servers: readonly Server[];
}

/** An Ingress with what its annotations say. */
export interface Parsed {
  readonly object: Ingress;
  readonly annotations: Annotations;
}

export interface Lookups {
  readonly service: (namespace: string, name: string) => Service | undefined;
  readonly slices: (namespace: string, name: string) => readonly EndpointSlice[];
  /** Whether the Secret holds a certificate and its key; the names it is for. */
  readonly certificate: (namespace: string, name: string) => "missing" | "invalid" | readonly string[];
  /** Where what nothing else matches goes. */
  readonly defaultPeers: readonly Peer[];
  readonly own: Annotations;
  readonly warn: (place: string, text: string) => void;
}

export const keyOf = ({ metadata }: Ingress): string => `${metadata.namespace ?? ""}/${metadata.name}`;

function upstreamName(namespace: string, { name, port = {} }: ServiceBackend): string {
  return `${namespace}-${name}-${(port.number ?? 0) > 0 ? port.number : (port.name ?? "")}`;
}

/** The ready endpoints behind a port, each once. Models: getEndpointsFromSlices. */
export function endpointsOf(slices: readonly EndpointSlice[], port: ServicePort): readonly Peer[] {
  const found = new Map<string, Peer>();
  for (const { ports = [], endpoints = [] } of slices) {
    const target = typeof port.targetPort === "number" ? port.targetPort : 0;
    const numbers = ports
      .filter(({ protocol = "TCP" }) => protocol === "TCP")
      .map((each) => ((port.name ?? "") === "" || port.name === each.name ? (each.port ?? 0) : target))
      .filter((number) => number !== 0);
    for (const { addresses, conditions } of endpoints) {
      if (conditions?.ready === false) continue;
      for (const number of numbers) {
        const address = parseIpv4(addresses[0] ?? "");
        if (address !== undefined) found.set(`${addresses[0] ?? ""}:${number}`, { address, port: number });
      }
    }
  }
  return [...found.values()];
}

/** Builds nginx's servers, locations and backends from Ingress objects, oldest first. Models: getBackendServers. */
export class ConfigurationBuilder {
  private readonly lookups: Lookups;
  private readonly backends = new Map<string, Backend>();
  private readonly servers = new Map<
    string,
    { hostname: string; aliases: readonly string[]; locations: Location[]; certificate: string | undefined }
  >();

  constructor(lookups: Lookups) {
    this.lookups = lookups;
  }

  build(ingresses: readonly Parsed[]): Configuration {
    const { defaultPeers, own } = this.lookups;
    this.backends.set(DEFAULT_BACKEND, newBackend(DEFAULT_BACKEND, defaultPeers));
    const root = {
      path: "/",
      pathType: "Prefix",
      backend: DEFAULT_BACKEND,
      isDefault: true,
      ingress: "",
    } as const;
    this.addServer(DEFAULT_SERVER, { ...root, annotations: own }, "default");
    for (const ingress of ingresses) this.addBackends(ingress);
    const main = ingresses.filter(({ annotations }) => annotations.canary === undefined);
    for (const ingress of main) this.addServers(ingress);
    for (const ingress of main) this.certify(ingress);
    for (const ingress of main) this.addLocations(ingress);
    if (main.length > 0)
      for (const ingress of ingresses)
        if (ingress.annotations.canary !== undefined) this.mergeCanary(ingress);
    const servers = [...this.servers.values()].toSorted((a, b) => order(a.hostname, b.hostname));
    return {
      backends: this.backends,
      servers: servers.map((server) => ({ ...server, locations: completed(server.locations) })),
    };
  }

  private addServer(hostname: string, root: Location, certificate: string | undefined): void {
    this.servers.set(hostname, { hostname, aliases: [], locations: [root], certificate });
  }

  private addBackends({ object, annotations }: Parsed): void {
    const { defaultBackend, rules = [] } = object.spec ?? {};
    const services = [
      defaultBackend?.service,
      ...rules.flatMap(({ http }) => (http?.paths ?? []).map(({ backend }) => backend.service)),
    ];
    const namespace = object.metadata.namespace ?? "";
    for (const service of services) {
      if (service === undefined) continue;
      const name = upstreamName(namespace, service);
      if (this.backends.has(name)) continue;
      const backend = newBackend(name, this.peersOf(namespace, service, annotations));
      backend.shaping = annotations.canary;
      this.backends.set(name, backend);
    }
  }

  private peersOf(namespace: string, wanted: ServiceBackend, annotations: Annotations): readonly Peer[] {
    const { service, slices, warn } = this.lookups;
    const key = `${namespace}/${wanted.name}`;
    const object = service(namespace, wanted.name);
    if (object === undefined) {
      const why = `service "${key}" not found`;
      warn(
        "controller.go:1135",
        `Error obtaining Endpoints for Service "${key}": no object matching key "${key}" in local store`,
      );
      if (annotations.serviceUpstream)
        warn(
          "controller.go:1120",
          `Failed to determine a suitable ClusterIP Endpoint for Service "${key}": ${why}`,
        );
      return [];
    }
    const { name = "", number = 0 } = wanted.port ?? {};
    const text = number > 0 ? String(number) : name;
    const port = (object.spec.ports ?? []).find(
      (each) =>
        String(each.port) === text || String(each.targetPort ?? each.port) === text || each.name === text,
    );
    if (annotations.serviceUpstream) {
      const address = parseIpv4(object.spec.clusterIP ?? "");
      if (address !== undefined && port !== undefined) return [{ address, port: port.port }];
    }
    const peers = port === undefined ? [] : endpointsOf(slices(namespace, wanted.name), port);
    if (peers.length === 0) warn("controller.go:1241", `Service "${key}" does not have any active Endpoint.`);
    return peers;
  }

  private addServers({ object, annotations }: Parsed): void {
    const { defaultBackend, rules = [] } = object.spec ?? {};
    const ingress = keyOf(object);
    const otherwise =
      defaultBackend?.service === undefined
        ? DEFAULT_BACKEND
        : upstreamName(object.metadata.namespace ?? "", defaultBackend.service);
    if (otherwise !== DEFAULT_BACKEND && rules.length === 0) this.catchAll(otherwise, ingress, annotations);
    for (const { host = "" } of rules) {
      const hostname = host === "" ? DEFAULT_SERVER : host;
      if (this.servers.has(hostname)) continue;
      const root = { path: "/", pathType: "Prefix", backend: otherwise, isDefault: true, ingress } as const;
      this.addServer(hostname, { ...root, annotations }, undefined);
    }
  }

  /** An Ingress with a backend and no rule takes what nothing else matches. */
  private catchAll(backend: string, ingress: string, annotations: Annotations): void {
    const [root] = this.servers.get(DEFAULT_SERVER)?.locations ?? [];
    if (root?.isDefault !== true) return;
    const kept = { ...annotations, rewriteTarget: "", redirect: undefined };
    this.servers
      .get(DEFAULT_SERVER)
      ?.locations.splice(0, 1, { ...root, isDefault: false, backend, ingress, annotations: kept });
  }

  private certify({ object, annotations }: Parsed): void {
    const { rules = [], tls = [] } = object.spec ?? {};
    const namespace = object.metadata.namespace ?? "";
    for (const { host = "" } of rules) {
      const server = this.servers.get(host === "" ? DEFAULT_SERVER : host);
      if (server === undefined) continue;
      if (server.aliases.length === 0)
        server.aliases = annotations.aliases.filter((alias) => !this.servers.has(alias));
      if (server.certificate !== undefined || tls.length === 0) continue;
      server.certificate = this.certificateOf(namespace, host, tls);
    }
  }

  /** Models: extractTLSSecretName and what createServers makes of it. */
  private certificateOf(namespace: string, host: string, tls: NonNullable<Spec["tls"]>): string {
    const { certificate, warn } = this.lookups;
    const listed = tls.find(({ hosts = [] }) =>
      hosts.some((each) => each.toLowerCase() === host.toLowerCase()),
    );
    const fitting = (name: string): boolean => {
      const names = certificate(namespace, name);
      return typeof names !== "string" && names.some((each) => covers(each, host));
    };
    const secret =
      listed === undefined
        ? tls.find(({ secretName = "" }) => secretName !== "" && fitting(secretName))
        : listed;
    const name = secret?.secretName ?? "";
    if (name === "") return "default";
    const names = certificate(namespace, name);
    const key = `${namespace}/${name}`;
    if (names === "missing" || names === "invalid") {
      const why = `local SSL certificate ${key} was not found`;
      warn("controller.go:1468", `Error getting SSL certificate "${key}": ${why}. Using default certificate`);
      return "default";
    }
    if (names.some((each) => covers(each, host))) return key;
    warn(
      "controller.go:1491",
      `SSL certificate "${key}" does not contain a Common Name or Subject Alternative Name for server "${host}": x509: certificate is not valid for any names, but wanted to match ${host}`,
    );
    warn("controller.go:1493", "Using default certificate");
    return "default";
  }

  private addLocations({ object, annotations }: Parsed): void {
    const namespace = object.metadata.namespace ?? "";
    for (const { host = "", http } of object.spec?.rules ?? []) {
      const server = this.servers.get(host === "" ? DEFAULT_SERVER : host);
      for (const { path = "", pathType, backend } of http?.paths ?? []) {
        if (backend.service === undefined || server === undefined) continue;
        const upstream = this.backends.get(upstreamName(namespace, backend.service));
        if (upstream !== undefined) upstream.cookie ??= annotations.cookie;
        const location: Location = {
          path: path === "" ? "/" : path,
          pathType: pathTypeOf(pathType),
          backend: upstreamName(namespace, backend.service),
          isDefault: false,
          ingress: keyOf(object),
          annotations,
        };
        const at = server.locations.findIndex((each) => each.path === location.path);
        const known = server.locations[at];
        if (known === undefined || known.pathType !== location.pathType) server.locations.push(location);
        else if (known.isDefault) server.locations.splice(at, 1, location);
      }
    }
  }

  /** Models: mergeAlternativeBackends. */
  private mergeCanary({ object }: Parsed): void {
    const namespace = object.metadata.namespace ?? "";
    for (const { host = "", http } of object.spec?.rules ?? []) {
      const server = this.servers.get(host === "" ? DEFAULT_SERVER : host);
      for (const { path = "/", backend } of http?.paths ?? []) {
        if (backend.service === undefined) continue;
        const name = upstreamName(namespace, backend.service);
        const primary = this.backends.get(
          server?.locations.find((each) => each.path === path)?.backend ?? "",
        );
        if (primary === undefined || primary.name === name || primary.name === DEFAULT_BACKEND)
          this.lookups.warn(
            "controller.go:1700",
            `unable to find real backend for alternative backend ${name}. Deleting.`,
          );
        else if (!primary.alternatives.includes(name)) primary.alternatives.push(name);
      }
    }
  }
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function newBackend(name: string, peers: readonly Peer[]): Backend {
  return { name, peers, shaping: undefined, alternatives: [], cookie: undefined };
}

/** Models: k8s.SetDefaultNGINXPathType. */
const pathTypeOf = (text: string | undefined): PathType => (text === "Exact" ? "Exact" : "Prefix");

export function covers(pattern: string, host: string): boolean {
  const name = pattern.toLowerCase();
  if (!name.startsWith("*.")) return name === host.toLowerCase();
  return host.toLowerCase().replace(/^[^.]+/, "*") === name;
}

export function needsRewrite({ path, annotations }: Location): boolean {
  return annotations.rewriteTarget !== "" && annotations.rewriteTarget !== path;
}

/** Longest path first; a Prefix also gets an exact location without its slash. Models: updateServerLocations. */
function completed(locations: readonly Location[]): readonly Location[] {
  const sorted = locations
    .toSorted((a, b) => order(b.path, a.path))
    .toSorted((a, b) => b.path.length - a.path.length);
  const exact = new Set(locations.filter(({ pathType }) => pathType === "Exact").map(({ path }) => path));
  return sorted.flatMap((location) => {
    const { path, pathType, annotations } = location;
    const plain = pathType !== "Prefix" || needsRewrite(location) || annotations.useRegex;
    if (path === "/" || plain) return [location];
    const prefix = { ...location, path: path.endsWith("/") ? path : `${path}/` };
    return exact.has(path) ? [prefix] : [prefix, { ...location, pathType: "Exact" as const }];
  });
}
