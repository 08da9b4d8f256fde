import { fail, refuse } from "../../../userland/args/exit.ts";
import { parseIpv4, parsePrefix } from "../../../wire/address.ts";
import { KNOWN_OPTIONS } from "../../docker/networks.ts";
import type { DockerNetwork } from "../../docker/types.ts";
import { containerOrFail, daemonError, forEach, networkOrFail, type Subcommand } from "./client.ts";
import { type FlagSet, parseFlags } from "./flags.ts";
import { formatList, type ListFormat } from "./format.ts";
import { inspectObjects } from "./inspect.ts";
import { networkView, timeText } from "./views.ts";

const CREATE_FLAGS: FlagSet = {
  usage: "docker network create [OPTIONS] NETWORK",
  switches: ["internal", "attachable"],
  values: ["driver", "subnet", "gateway", "opt", "label", "ipv4"],
  short: { d: "driver", o: "opt" },
  refused: [
    "ip-range",
    "ipv6",
    "ipam-driver",
    "ipam-opt",
    "aux-address",
    "ingress",
    "scope",
    "config-only",
    "config-from",
  ],
  minimum: 1,
  maximum: 1,
};

function pairs(texts: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    texts.map((text) => {
      const at = text.indexOf("=");
      return at < 0 ? ([text, ""] as const) : ([text.slice(0, at), text.slice(at + 1)] as const);
    }),
  );
}

const create: Subcommand = function* (process, engine, argv) {
  const flags = parseFlags(CREATE_FLAGS, argv);
  const driver = flags.value("driver") ?? "bridge";
  if (driver === "macvlan" || driver === "ipvlan" || driver === "overlay")
    refuse(`docker network create --driver ${driver}`);
  const options = pairs(flags.all("opt"));
  for (const key of options.keys())
    if (!KNOWN_OPTIONS.includes(key)) refuse(`docker network create --opt ${key}`);
  if (flags.all("subnet").length > 1) refuse("docker network create with several subnets");
  const subnetText = flags.value("subnet");
  const subnet = subnetText === undefined ? undefined : parsePrefix(subnetText);
  if (subnetText?.includes(":") === true) refuse("docker network create with an IPv6 subnet");
  if (subnetText !== undefined && subnet === undefined)
    fail(1, `invalid subnet ${subnetText}: invalid CIDR block notation\n`);
  const gatewayText = flags.value("gateway");
  const gateway = gatewayText === undefined ? undefined : parseIpv4(gatewayText);
  if (gateway !== undefined && subnet === undefined)
    fail(1, `every gateway must have a corresponding subnet\n`);
  const made = engine.createNetwork({
    name: flags.words[0] ?? "",
    driver,
    subnet,
    gateway,
    internal: flags.has("internal"),
    options,
    labels: pairs(flags.all("label")),
  });
  if (!made.ok) fail(1, `${daemonError(made.error)}\n`);
  yield* process.print(`${made.value.id}\n`);
  return 0;
};

const LIST: ListFormat = {
  columns: ["ID", "Name", "Driver", "Scope"],
  headings: {
    ID: "NETWORK ID",
    Name: "NAME",
    Driver: "DRIVER",
    Scope: "SCOPE",
    IPv4: "IPV4",
    IPv6: "IPV6",
    Internal: "INTERNAL",
    Labels: "LABELS",
    CreatedAt: "CREATED AT",
  },
};

const LIST_FLAGS: FlagSet = {
  usage: "docker network ls [OPTIONS]",
  switches: ["quiet", "no-trunc"],
  values: ["format", "filter"],
  short: { q: "quiet", f: "filter" },
  maximum: 0,
};

function matches(network: DockerNetwork, filter: string): boolean {
  const at = filter.indexOf("=");
  const [key, value] = [filter.slice(0, at), filter.slice(at + 1)];
  switch (key) {
    case "name":
      return network.name.includes(value);
    case "driver":
      return network.driver === value;
    case "id":
      return network.id.startsWith(value);
    case "type":
      return (network.isDefault || network.driver !== "bridge") === (value === "builtin");
    case "label":
      return [...network.labels].some(([k, v]) => k === value || `${k}=${v}` === value);
    default:
      return refuse(`docker network ls --filter ${key}`);
  }
}

const list: Subcommand = function* (process, engine, argv) {
  const flags = parseFlags(LIST_FLAGS, argv);
  const rows = engine.networks
    .list()
    .filter((network) => flags.all("filter").every((filter) => matches(network, filter)))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((network) => ({
      ID: flags.has("no-trunc") ? network.id : network.id.slice(0, 12),
      Name: network.name,
      Driver: network.driver,
      Scope: "local",
      IPv4: "true",
      IPv6: "false",
      Internal: String(network.internal),
      Labels: [...network.labels].map(([key, value]) => `${key}=${value}`).join(","),
      CreatedAt: timeText(network.created),
    }));
  yield* process.print(formatList(LIST, rows, flags.has("quiet") ? "{{.ID}}" : flags.value("format")));
  return 0;
};

const INSPECT_FLAGS: FlagSet = {
  usage: "docker network inspect [OPTIONS] NETWORK [NETWORK...]",
  switches: ["verbose"],
  values: ["format"],
  short: { f: "format", v: "verbose" },
  minimum: 1,
};

const inspect: Subcommand = (process, engine, argv) => {
  const flags = parseFlags(INSPECT_FLAGS, argv);
  return inspectObjects(process, flags.words, flags.value("format"), (name) => {
    const network = engine.networks.find(name);
    return network === undefined ? daemonError(`network ${name} not found`) : networkView(engine, network);
  });
};

const RM_FLAGS: FlagSet = {
  usage: "docker network rm NETWORK [NETWORK...]",
  switches: ["force"],
  short: { f: "force" },
  minimum: 1,
};

const remove: Subcommand = (process, engine, argv) =>
  forEach(process, parseFlags(RM_FLAGS, argv).words, function* (name) {
    const network = engine.networks.find(name);
    if (network === undefined) return `network ${name} not found`;
    const removed = engine.removeNetwork(network);
    return removed.ok ? undefined : removed.error;
  });

const prune: Subcommand = function* (process, engine, argv) {
  parseFlags(
    { usage: "docker network prune [OPTIONS]", switches: ["force"], short: { f: "force" }, maximum: 0 },
    argv,
  );
  const gone = engine.networks.list().filter((network) => engine.removeNetwork(network).ok);
  if (gone.length > 0)
    yield* process.print(`Deleted Networks:\n${gone.map(({ name }) => `${name}\n`).join("")}\n`);
  return 0;
};

const CONNECT_FLAGS: FlagSet = {
  usage: "docker network connect [OPTIONS] NETWORK CONTAINER",
  values: ["ip", "alias"],
  refused: ["ip6", "link", "link-local-ip", "driver-opt", "gw-priority"],
  minimum: 2,
  maximum: 2,
};

const connect: Subcommand = function* (_process, engine, argv) {
  const flags = parseFlags(CONNECT_FLAGS, argv);
  const [networkName = "", containerName = ""] = flags.words;
  const network = networkOrFail(engine, networkName);
  const container = containerOrFail(engine, containerName);
  if (container.adopted) refuse("docker network connect of a cluster's node");
  const ip = flags.value("ip");
  const address = ip === undefined ? undefined : parseIpv4(ip);
  const connected = engine.connect(container, network, {
    network: network.name,
    address,
    aliases: flags.all("alias"),
  });
  if (!connected.ok) fail(1, `${daemonError(connected.error)}\n`);
  return 0;
};

const disconnect: Subcommand = function* (_process, engine, argv) {
  const flags = parseFlags(
    {
      usage: "docker network disconnect [OPTIONS] NETWORK CONTAINER",
      switches: ["force"],
      short: { f: "force" },
      minimum: 2,
      maximum: 2,
    },
    argv,
  );
  const [networkName = "", containerName = ""] = flags.words;
  const network = networkOrFail(engine, networkName);
  const container = containerOrFail(engine, containerName);
  if (container.adopted) refuse("docker network disconnect of a cluster's node");
  const gone = engine.disconnect(container, network);
  if (!gone.ok) fail(1, `${daemonError(gone.error)}\n`);
  return 0;
};

export const NETWORK_COMMANDS: ReadonlyMap<string, Subcommand> = new Map([
  ["create", create],
  ["ls", list],
  ["list", list],
  ["inspect", inspect],
  ["rm", remove],
  ["remove", remove],
  ["prune", prune],
  ["connect", connect],
  ["disconnect", disconnect],
]);
