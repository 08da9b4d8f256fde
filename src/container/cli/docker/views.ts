import type { Nanos } from "../../../sim/time.ts";
import { NANOS_PER_SECOND } from "../../../sim/time.ts";
import { formatIpv4, formatMac, formatPrefix } from "../../../wire/address.ts";
import { formatAddress } from "../../../wire/ip-address.ts";
import type { DockerEngine } from "../../docker/engine.ts";
import { imageFacts } from "../../docker/images.ts";
import { subnetOf } from "../../docker/ipam.ts";
import { dnsNames } from "../../docker/sandbox.ts";
import type { DockerContainer, DockerNetwork, Endpoint } from "../../docker/types.ts";
import type { Value } from "./template.ts";

/** Objects as the daemon's API shows them: what `inspect` prints and templates read. Models: moby api/types. */

/** Virtual time 0, as every clock of a world shows it: 2026-01-01 00:00:00 UTC. */
const EPOCH_SECONDS = 1_767_225_600;
const DAYS_PER_400_YEARS = 146_097;

function pad(value: number, width = 2): string {
  return String(value).padStart(width, "0");
}

/** Year, month, day of a day counted from 1970-01-01. */
function civil(days: number): readonly [number, number, number] {
  const z = days + 719_468;
  const era = Math.floor(z / DAYS_PER_400_YEARS);
  const day = z - era * DAYS_PER_400_YEARS;
  const year = Math.floor(
    (day - Math.floor(day / 1460) + Math.floor(day / 36_524) - Math.floor(day / 146_096)) / 365,
  );
  const ofYear = day - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const month = Math.floor((5 * ofYear + 2) / 153);
  const date = ofYear - Math.floor((153 * month + 2) / 5) + 1;
  const shown = month < 10 ? month + 3 : month - 9;
  return [year + era * 400 + (shown <= 2 ? 1 : 0), shown, date];
}

/** RFC 3339 with nanoseconds; year 1 for what has not happened. */
export function timeText(time: Nanos): string {
  if (time === 0) return "0001-01-01T00:00:00Z";
  const whole = Math.floor(time / NANOS_PER_SECOND);
  const total = EPOCH_SECONDS + whole;
  const [year, month, day] = civil(Math.floor(total / 86_400));
  const second = total % 86_400;
  const clock = `${pad(Math.floor(second / 3600))}:${pad(Math.floor(second / 60) % 60)}:${pad(second % 60)}`;
  const fraction = pad(time - whole * NANOS_PER_SECOND, 9).replace(/0+$/, "");
  return `${year}-${pad(month)}-${pad(day)}T${clock}${fraction === "" ? "" : `.${fraction}`}Z`;
}

/** `80/tcp` to the host's addresses and ports, null where nothing is published; in the order of keys. */
export function portMap(container: DockerContainer): { [key: string]: Value } {
  const map = new Map<string, { [key: string]: Value }[] | null>();
  const { spec } = container;
  if (container.state === "running" && container.endpoints.size > 0)
    for (const key of [
      ...imageFacts(spec.image).exposed,
      ...spec.exposed.map((e) => `${e.port}/${e.protocol}`),
      ...spec.ports.map((p) => `${p.containerPort}/${p.protocol}`),
    ])
      map.set(key, null);
  for (const b of container.bindings) {
    const key = `${b.containerPort}/${b.protocol}`;
    const entry = { HostIp: formatAddress(b.hostIp), HostPort: String(b.hostPort) };
    map.set(key, [...(map.get(key) ?? []), entry]);
  }
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function endpointView(
  container: DockerContainer,
  network: string,
  endpoint: Endpoint | undefined,
): { [key: string]: Value } {
  const attachment = container.attachments.find((a) => a.network === network);
  const isUserDefined = endpoint !== undefined && !endpoint.network.isDefault;
  const aliases = attachment?.aliases ?? [];
  return {
    IPAMConfig: attachment?.address === undefined ? null : { IPv4Address: formatIpv4(attachment.address) },
    Links: null,
    Aliases: aliases.length > 0 ? aliases : null,
    DriverOpts: null,
    GwPriority: 0,
    NetworkID: endpoint?.network.id ?? "",
    EndpointID: endpoint?.id ?? "",
    Gateway: endpoint?.network.gateway === undefined ? "" : formatIpv4(endpoint.network.gateway),
    IPAddress: endpoint === undefined ? "" : formatIpv4(endpoint.address),
    MacAddress: endpoint === undefined ? "" : formatMac(endpoint.mac),
    IPPrefixLen: endpoint?.network.subnet?.length ?? 0,
    IPv6Gateway: "",
    GlobalIPv6Address: "",
    GlobalIPv6PrefixLen: 0,
    DNSNames: isUserDefined ? dnsNames(container, network) : null,
  };
}

function networkSettings(engine: DockerEngine, container: DockerContainer): { [key: string]: Value } {
  const { mode } = container.spec;
  const alone = mode.kind === "host" || mode.kind === "none" ? mode.kind : undefined;
  const networks = new Map<string, Value>(
    container.attachments.map(({ network }) => [
      network,
      endpointView(container, network, container.endpoints.get(network)),
    ]),
  );
  if (alone !== undefined) {
    const id = engine.networks.find(alone)?.id ?? "";
    networks.set(alone, { ...endpointView(container, alone, undefined), NetworkID: id });
  }
  const bridge = container.endpoints.get("bridge");
  return {
    Bridge: "",
    SandboxID: container.sandbox?.id ?? "",
    SandboxKey: container.sandbox?.key ?? "",
    Ports: portMap(container),
    HairpinMode: false,
    LinkLocalIPv6Address: "",
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: bridge?.id ?? "",
    Gateway: bridge?.network.gateway === undefined ? "" : formatIpv4(bridge.network.gateway),
    GlobalIPv6Address: "",
    GlobalIPv6PrefixLen: 0,
    IPAddress: bridge === undefined ? "" : formatIpv4(bridge.address),
    IPPrefixLen: bridge?.network.subnet?.length ?? 0,
    IPv6Gateway: "",
    MacAddress: bridge === undefined ? "" : formatMac(bridge.mac),
    Networks: Object.fromEntries([...networks].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** `-p` as it was asked for. */
function askedPorts({ spec }: DockerContainer): { [key: string]: Value } {
  const bindings = new Map<string, Value[]>();
  for (const p of spec.ports) {
    const key = `${p.containerPort}/${p.protocol}`;
    const entry = {
      HostIp: p.hostIp === undefined ? "" : formatIpv4(p.hostIp),
      HostPort: p.hostPort === 0 ? "" : String(p.hostPort),
    };
    bindings.set(key, [...(bindings.get(key) ?? []), entry]);
  }
  return Object.fromEntries(bindings);
}

export function containerView(engine: DockerEngine, container: DockerContainer): { [key: string]: Value } {
  const { spec } = container;
  const isRunning = container.state === "running";
  const facts = imageFacts(spec.image);
  const entrypoint = spec.entrypoint ?? facts.entrypoint;
  const command = spec.command.length > 0 ? spec.command : facts.command;
  return {
    Id: container.id,
    Created: timeText(container.created),
    Path: container.path,
    Args: container.args,
    State: {
      Status: container.state,
      Running: isRunning,
      Paused: false,
      Restarting: false,
      OOMKilled: false,
      Dead: false,
      Pid: isRunning ? (container.process?.pid ?? 1) : 0,
      ExitCode: container.exitCode,
      Error: container.error,
      StartedAt: timeText(container.startedAt),
      FinishedAt: timeText(container.finishedAt),
    },
    Image: `sha256:${engine.imageId(spec.image)}`,
    Name: `/${container.name}`,
    RestartCount: 0,
    Driver: "overlayfs",
    Platform: "linux",
    HostConfig: {
      NetworkMode: spec.modeText,
      PortBindings: askedPorts(container),
      AutoRemove: spec.autoRemove,
      PublishAllPorts: spec.publishAll,
      Dns: spec.dns,
      ExtraHosts: spec.extraHosts.map(([name, address]) => `${name}:${address}`),
    },
    Config: {
      Hostname: container.host?.name ?? spec.hostname ?? container.id.slice(0, 12),
      Env: [
        ...spec.env.map(([name, value]) => `${name}=${value}`),
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      ],
      Cmd: command.length > 0 ? command : null,
      Image: spec.image,
      WorkingDir: spec.workingDir ?? "",
      Entrypoint: entrypoint.length > 0 ? entrypoint : null,
      Labels: Object.fromEntries(spec.labels),
    },
    NetworkSettings: networkSettings(engine, container),
  };
}

export function networkView(engine: DockerEngine, network: DockerNetwork): { [key: string]: Value } {
  const { subnet, gateway } = network;
  const length = subnet?.length ?? 0;
  const containers = [...network.endpoints].map(([id, e]): [string, Value] => [
    id,
    {
      Name: e.container,
      EndpointID: e.id,
      MacAddress: formatMac(e.mac),
      IPv4Address: `${formatIpv4(e.address)}/${length}`,
      IPv6Address: "",
    },
  ]);
  const pool = subnet === undefined ? undefined : engine.networks.poolOf(network);
  return {
    Name: network.name,
    Id: network.id,
    Created: timeText(network.created),
    Scope: "local",
    Driver: network.driver,
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: {
      Driver: "default",
      Options: network.isDefault || network.driver !== "bridge" ? null : {},
      Config:
        subnet === undefined
          ? null
          : [
              {
                Subnet: formatPrefix(subnetOf(subnet)),
                ...(gateway === undefined ? {} : { Gateway: formatIpv4(gateway) }),
              },
            ],
    },
    Internal: network.internal,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: "" },
    ConfigOnly: false,
    Options: Object.fromEntries([...network.options].sort(([a], [b]) => (a < b ? -1 : 1))),
    Labels: Object.fromEntries(network.labels),
    Containers: Object.fromEntries(containers.sort(([a], [b]) => (a < b ? -1 : 1))),
    Status: {
      IPAM: {
        Subnets:
          subnet === undefined || pool === undefined
            ? {}
            : {
                [formatPrefix(subnetOf(subnet))]: {
                  // The network's own address and its broadcast are never handed out.
                  IPsInUse: pool.inUse + 2,
                  DynamicIPsAvailable: pool.free,
                },
              },
      },
    },
  };
}
