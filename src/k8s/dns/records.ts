import { formatIpv4, type Ipv4, parseIpv4 } from "../../wire/address.ts";
import { utf8Encode } from "../../base/utf8.ts";
import { DNS_NOERROR, DNS_NXDOMAIN } from "../../wire/dns.ts";
import { dnsLabels, type DnsName, parseDnsName } from "../../wire/dns-name.ts";
import {
  DNS_A,
  DNS_ANY,
  DNS_IN,
  DNS_NS,
  DNS_PTR,
  DNS_SRV,
  DNS_TXT,
  type DnsData,
  type DnsRecord,
} from "../../wire/dns-record.ts";
import { equalsSelector } from "../../formats/selector.ts";
import type { ApiClient, EndpointSlice, Service } from "../api/index.ts";
import { within } from "./cache.ts";
import type { CoreConfig } from "./corefile.ts";

/** What the kubernetes plugin says of a name; undefined: not its business, another plugin may know. */
export interface Answer {
  readonly rcode: number;
  readonly answers: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

const NOTHING: Answer = { rcode: DNS_NOERROR, answers: [], additionals: [] };
const UNKNOWN: Answer = { rcode: DNS_NXDOMAIN, answers: [], additionals: [] };
const VERSION_TTL = 28_800;

interface EndpointAt {
  readonly host: string;
  readonly address: Ipv4;
  readonly ready: boolean;
  readonly ports: readonly { readonly name: string; readonly protocol: string; readonly port: number }[];
}

function name(text: string): DnsName {
  const parsed = parseDnsName(text);
  if (parsed === undefined) throw new Error(`bug: "${text}" is no domain name`);
  return parsed;
}

/** Services, endpoints and pods as DNS names. Models: CoreDNS plugin/kubernetes; the DNS specification 1.1 of Kubernetes. */
export class KubernetesZone {
  private readonly client: ApiClient;
  private readonly config: CoreConfig;
  private readonly zone: string;

  constructor(client: ApiClient, config: CoreConfig) {
    this.client = client;
    this.config = config;
    this.zone = (config.zones[0] ?? "cluster.local").replace(/\.$/, "");
  }

  /** The cluster's zone, with a final dot. */
  get apex(): DnsName {
    return name(`${this.zone}.`);
  }

  /** Whether a name lies in a zone of the plugin. */
  covers(asked: DnsName): boolean {
    const text = asked.toLowerCase();
    return this.config.zones.some((zone) => within(text, zone));
  }

  /** What it says, or undefined when the name is handed on. */
  answer(asked: DnsName, type: number): Answer | undefined {
    const text = asked.toLowerCase();
    if (!within(text, this.zone)) return this.reverse(asked, text, type);
    const depth = dnsLabels(name(`${this.zone}.`)).length;
    const labels = dnsLabels(asked).map((label) => label.toLowerCase());
    const own = labels.slice(0, labels.length - depth);
    const found = this.inZone(asked, own, type);
    return found.rcode === DNS_NXDOMAIN && this.hands(text) ? undefined : found;
  }

  private hands(text: string): boolean {
    return this.config.fallthrough.some((zone) => zone === "." || within(text, zone));
  }

  private record(owner: DnsName, data: DnsData, ttl = this.config.ttl): DnsRecord {
    return { name: owner, class: DNS_IN, ttlSeconds: ttl, data };
  }

  private inZone(asked: DnsName, labels: readonly string[], type: number): Answer {
    if (labels.length === 0) return this.atApex(asked, type);
    if (labels.length === 1 && labels[0] === "dns-version") {
      const data: DnsData = { kind: "TXT", strings: [utf8Encode("1.1.0")] };
      return type === DNS_TXT ? { ...NOTHING, answers: [this.record(asked, data, VERSION_TTL)] } : NOTHING;
    }
    const kind = labels.at(-1);
    if (kind !== "svc" && kind !== "pod") return UNKNOWN;
    if (labels.length === 1) return NOTHING;
    const namespace = labels.at(-2)!;
    const rest = labels.slice(0, -2);
    if (kind === "pod") return this.pod(asked, rest, namespace, type);
    if (this.client.get("Namespace", "", namespace) === undefined) return UNKNOWN;
    return rest.length === 0 ? NOTHING : this.service(asked, rest, namespace, type);
  }

  private atApex(asked: DnsName, type: number): Answer {
    if (type !== DNS_NS) return NOTHING;
    const service = this.client.get("Service", "kube-system", "kube-dns");
    const target = name(`${service === undefined ? "ns.dns" : "kube-dns.kube-system.svc"}.${this.zone}.`);
    const address = parseIpv4(service?.spec.clusterIP ?? "");
    const glue = address === undefined ? [] : [this.record(target, { kind: "A", address })];
    return { ...NOTHING, answers: [this.record(asked, { kind: "NS", name: target })], additionals: glue };
  }

  /** `10-244-1-5.ns.pod`. */
  private pod(asked: DnsName, rest: readonly string[], namespace: string, type: number): Answer {
    if (this.config.pods === "disabled" || rest.length > 1) return UNKNOWN;
    if (rest.length === 0)
      return this.client.get("Namespace", "", namespace) === undefined ? UNKNOWN : NOTHING;
    const address = parseIpv4(rest[0]!.replaceAll("-", "."));
    if (address === undefined) return UNKNOWN;
    if (this.config.pods === "verified") {
      const text = formatIpv4(address);
      const there = this.client.list("Pod", { namespace }).some((pod) => pod.status?.podIP === text);
      if (!there) return UNKNOWN;
    }
    return type === DNS_A || type === DNS_ANY
      ? { ...NOTHING, answers: [this.record(asked, { kind: "A", address })] }
      : NOTHING;
  }

  /** `svc.ns`, `endpoint.svc.ns`, `_port._proto.svc.ns`. */
  private service(asked: DnsName, rest: readonly string[], namespace: string, type: number): Answer {
    const service = this.client.get("Service", namespace, rest.at(-1)!);
    if (service === undefined) return UNKNOWN;
    const before = rest.slice(0, -1);
    const { externalName } = service.spec;
    if (service.spec.type === "ExternalName" && externalName !== undefined) {
      if (before.length > 0) return UNKNOWN;
      const target = name(`${externalName.replace(/\.$/, "")}.`);
      return { ...NOTHING, answers: [this.record(asked, { kind: "CNAME", name: target })] };
    }
    const endpoints = this.endpoints(service);
    if (before.length === 2) return this.portRecords(asked, service, endpoints, before, type);
    if (before.length === 1) return this.oneEndpoint(asked, endpoints, before[0]!, type);
    if (before.length > 2) return UNKNOWN;
    const usable = endpoints.filter((e) => e.ready);
    const headless = service.spec.clusterIP === "None";
    if (headless && usable.length === 0) return UNKNOWN;
    if (!headless && this.config.ignoreEmptyService && usable.length === 0) return UNKNOWN;
    if (type === DNS_SRV) return this.serviceRecords(asked, service, usable, () => true);
    return this.addresses(asked, headless ? usable.map((e) => e.address) : clusterIps(service), type);
  }

  private addresses(asked: DnsName, addresses: readonly Ipv4[], type: number): Answer {
    if (type !== DNS_A && type !== DNS_ANY) return NOTHING;
    return { ...NOTHING, answers: addresses.map((address) => this.record(asked, { kind: "A", address })) };
  }

  private oneEndpoint(asked: DnsName, endpoints: readonly EndpointAt[], host: string, type: number): Answer {
    const found = endpoints.filter((e) => e.host === host);
    return found.length === 0
      ? UNKNOWN
      : this.addresses(
          asked,
          found.map((e) => e.address),
          type,
        );
  }

  private portRecords(
    asked: DnsName,
    service: Service,
    endpoints: readonly EndpointAt[],
    [port = "", protocol = ""]: readonly string[],
    type: number,
  ): Answer {
    const wanted = { port: port.replace(/^_/, ""), protocol: protocol.replace(/^_/, "") };
    const found = this.serviceRecords(
      asked,
      service,
      endpoints.filter((e) => e.ready),
      (p) => p.name.toLowerCase() === wanted.port && p.protocol.toLowerCase() === wanted.protocol,
    );
    if (found.answers.length === 0) return UNKNOWN;
    return type === DNS_SRV || type === DNS_ANY ? found : NOTHING;
  }

  private serviceRecords(
    asked: DnsName,
    service: Service,
    endpoints: readonly EndpointAt[],
    wanted: (port: { name: string; protocol: string }) => boolean,
  ): Answer {
    const own = `${service.metadata.name}.${service.metadata.namespace ?? "default"}.svc.${this.zone}.`;
    const answers: DnsRecord[] = [];
    const additionals: DnsRecord[] = [];
    const srv = (port: number, weight: number, target: DnsName): void => {
      answers.push(this.record(asked, { kind: "SRV", priority: 0, weight, port, target }));
    };
    if (service.spec.clusterIP !== "None") {
      const target = name(own);
      for (const { name: portName = "", protocol = "TCP", port } of service.spec.ports ?? [])
        if (wanted({ name: portName, protocol })) srv(port, 100, target);
      for (const address of clusterIps(service))
        additionals.push(this.record(target, { kind: "A", address }));
      return { ...NOTHING, answers, additionals: answers.length === 0 ? [] : additionals };
    }
    const weight = Math.max(1, Math.floor(100 / Math.max(1, endpoints.length)));
    for (const endpoint of endpoints) {
      const target = name(`${endpoint.host}.${own}`);
      const ports = endpoint.ports.filter(wanted);
      for (const { port } of ports) srv(port, weight, target);
      if (ports.length > 0) additionals.push(this.record(target, { kind: "A", address: endpoint.address }));
    }
    return { ...NOTHING, answers, additionals };
  }

  private slices(service: Service): readonly EndpointSlice[] {
    const { name: of, namespace = "default" } = service.metadata;
    const labels = equalsSelector({ "kubernetes.io/service-name": of });
    return this.client.list("EndpointSlice", { namespace, labels });
  }

  private endpoints(service: Service): readonly EndpointAt[] {
    return this.slices(service).flatMap((slice) => {
      const ports = (slice.ports ?? []).flatMap(({ name: port = "", protocol = "TCP", port: number }) =>
        number === undefined ? [] : [{ name: port, protocol, port: number }],
      );
      return (slice.endpoints ?? []).flatMap((endpoint): EndpointAt[] => {
        const text = endpoint.addresses[0] ?? "";
        const address = parseIpv4(text);
        if (address === undefined) return [];
        const pod = this.config.endpointPodNames ? endpoint.targetRef?.name : undefined;
        const host = endpoint.hostname ?? pod ?? text.replaceAll(".", "-");
        return [{ host, address, ready: endpoint.conditions?.ready ?? true, ports }];
      });
    });
  }

  /** in-addr.arpa: cluster addresses and endpoints. */
  private reverse(asked: DnsName, text: string, type: number): Answer | undefined {
    const parts = text.replace(/\.in-addr\.arpa\.$/, "").split(".");
    const address = parts.length === 4 ? parts.reverse().join(".") : undefined;
    const targets = address === undefined ? [] : this.namesOf(address);
    if (targets.length === 0) return this.hands(text) ? undefined : UNKNOWN;
    if (type !== DNS_PTR && type !== DNS_ANY) return NOTHING;
    return {
      ...NOTHING,
      answers: targets.map((target) => this.record(asked, { kind: "PTR", name: target })),
    };
  }

  private namesOf(address: string): readonly DnsName[] {
    const services = this.client.list("Service");
    const own = services.find((service) => service.spec.clusterIP === address);
    const at = (service: Service): string =>
      `${service.metadata.name}.${service.metadata.namespace ?? "default"}.svc.${this.zone}.`;
    if (own !== undefined) return [name(at(own))];
    return services.flatMap((service) =>
      this.endpoints(service)
        .filter((endpoint) => formatIpv4(endpoint.address) === address)
        .map((endpoint) => name(`${endpoint.host}.${at(service)}`)),
    );
  }
}

function clusterIps(service: Service): readonly Ipv4[] {
  const texts = service.spec.clusterIPs ?? [service.spec.clusterIP ?? ""];
  return texts.flatMap((text) => {
    const address = parseIpv4(text);
    return address === undefined ? [] : [address];
  });
}
