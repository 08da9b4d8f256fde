import { fail, refuse } from "../../../userland/args/exit.ts";
import type { Process } from "../../../userland/os/process.ts";
import { resolvePath } from "../../../userland/os/fs.ts";
import { type Ipv4, parseIpv4, parseMac } from "../../../wire/address.ts";
import { BLANK_SPEC, type DockerEngine } from "../../docker/engine.ts";
import { imageFacts } from "../../docker/images.ts";
import type { Attachment, ContainerSpec, NetworkMode, PortProtocol, PortSpec } from "../../docker/types.ts";
import type { Mount } from "../../runtime/types.ts";
import { type Flags, type FlagSet, parseFlags } from "./flags.ts";

/** What `docker run` and `docker create` are asked for. Models: docker/cli cli/command/container/opts.go. */

const SWITCHES = "interactive tty rm init privileged publish-all quiet";
const VALUES =
  "name publish network net ip hostname env entrypoint workdir label network-alias dns add-host volume sysctl " +
  "mac-address expose cap-add platform pull memory memory-swap cpus stop-timeout security-opt shm-size";
const REFUSED =
  "env-file user mount tmpfs restart cap-drop link ip6 dns-search dns-option domainname device pid ipc uts userns " +
  "read-only cidfile volumes-from health-cmd no-healthcheck attach stop-signal link-local-ip log-driver gpus runtime " +
  "cgroupns cgroup-parent ulimit label-file group-add blkio-weight sig-proxy detach-keys disable-content-trust " +
  "health-interval annotation storage-opt oom-score-adj pids-limit";

function flagSet(usage: string, more: string): FlagSet {
  return {
    usage,
    switches: `${SWITCHES} ${more}`.trim().split(" "),
    values: VALUES.split(" "),
    short: {
      d: "detach",
      i: "interactive",
      t: "tty",
      p: "publish",
      P: "publish-all",
      e: "env",
      h: "hostname",
      w: "workdir",
      l: "label",
      v: "volume",
      m: "memory",
      u: "user",
      a: "attach",
      q: "quiet",
    },
    refused: REFUSED.split(" "),
    strict: true,
    minimum: 1,
  };
}

export const RUN_FLAGS = flagSet("docker run [OPTIONS] IMAGE [COMMAND] [ARG...]", "detach");
export const CREATE_FLAGS = flagSet("docker create [OPTIONS] IMAGE [COMMAND] [ARG...]", "");

/** The client's own refusal of an option's value. */
function invalid(verb: string, message: string): never {
  fail(125, `docker: ${message}\n\nRun 'docker ${verb} --help' for more information\n`);
}

function ports(text: string): readonly [number, number] | undefined {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return first <= 65535 && last <= 65535 && first <= last ? [first, last] : undefined;
}

/** `[[IP:]HOST:]CONTAINER[/PROTOCOL]`, each perhaps a range. Models: go-connections nat.ParsePortSpec. */
export function parsePublish(verb: string, text: string): readonly PortSpec[] {
  const [address = "", protocolText = "tcp"] = text.split("/");
  const protocol = protocolText.toLowerCase();
  if (protocol === "sctp") refuse(`docker ${verb} --publish with sctp`);
  if (protocol !== "tcp" && protocol !== "udp") invalid(verb, `invalid proto: ${protocolText}`);
  const parts = address.split(":");
  if (address.startsWith("[") || parts.length > 3) refuse(`docker ${verb} --publish with an IPv6 address`);
  const containerText = parts.at(-1) ?? "";
  const hostText = parts.length > 1 ? (parts.at(-2) ?? "") : "";
  const ipText = parts.length === 3 ? (parts[0] ?? "") : "";
  if (containerText === "") invalid(verb, `no port specified: ${text}<empty>`);
  const inside = ports(containerText);
  if (inside === undefined) invalid(verb, `invalid containerPort: ${containerText}`);
  const outside = hostText === "" ? undefined : ports(hostText);
  if (hostText !== "" && outside === undefined) invalid(verb, `invalid hostPort: ${hostText}`);
  const hostIp = ipText === "" ? undefined : parseIpv4(ipText);
  if (ipText !== "" && hostIp === undefined) invalid(verb, `invalid IP address: ${ipText}`);
  const count = inside[1] - inside[0];
  if (outside !== undefined && outside[1] - outside[0] !== count)
    invalid(verb, `invalid ranges specified for container and host Ports: ${containerText} and ${hostText}`);
  return Array.from({ length: count + 1 }, (_, i) => ({
    hostIp,
    hostPort: outside === undefined ? 0 : outside[0] + i,
    containerPort: inside[0] + i,
    protocol,
  }));
}

function parseExpose(verb: string, text: string): { port: number; protocol: PortProtocol }[] {
  const [range = "", protocol = "tcp"] = text.split("/");
  const found = ports(range);
  if (found === undefined || (protocol !== "tcp" && protocol !== "udp"))
    invalid(verb, `invalid range format for --expose: ${text}`);
  return Array.from({ length: found[1] - found[0] + 1 }, (_, i) => ({ port: found[0] + i, protocol }));
}

function pair(text: string, fallback = ""): readonly [string, string] {
  const at = text.indexOf("=");
  return at < 0 ? [text, fallback] : [text.slice(0, at), text.slice(at + 1)];
}

function parseVolume(verb: string, process: Process, text: string): Mount {
  const [source = "", target = "", mode = ""] = text.split(":");
  if (target === "" || !/^[./]/.test(source)) refuse(`docker ${verb} --volume with a named volume`);
  return {
    hostPath: resolvePath(process.cwd, source),
    containerPath: target,
    readOnly: mode.split(",").includes("ro"),
  };
}

interface NetworkChoice {
  readonly mode: NetworkMode;
  readonly text: string;
  readonly attachments: readonly Attachment[];
}

function parseAddress(verb: string, text: string | undefined): Ipv4 | undefined {
  if (text === undefined) return undefined;
  const address = parseIpv4(text);
  if (address === undefined)
    invalid(verb, `invalid argument "${text}" for "--ip" flag: invalid IPv4 address: ${text}`);
  return address;
}

function chooseNetwork(verb: string, engine: DockerEngine, flags: Flags): NetworkChoice {
  const asked = [...flags.all("network"), ...flags.all("net")];
  const names = asked.length > 0 ? asked : ["bridge"];
  const first = names[0] ?? "bridge";
  if (names.some((name) => name.includes("="))) refuse(`docker ${verb} --network with options`);
  if (first === "host" || first === "none") return { mode: { kind: first }, text: first, attachments: [] };
  if (first.startsWith("container:"))
    return containerNetwork(verb, engine, flags, first.slice("container:".length));
  const address = parseAddress(verb, flags.value("ip"));
  const attachments = names.map((name, i): Attachment => {
    const wanted = name === "default" ? "bridge" : name;
    const known = engine.networks.find(wanted)?.name ?? wanted;
    return {
      network: known,
      address: i === 0 ? address : undefined,
      aliases: i === 0 ? flags.all("network-alias") : [],
    };
  });
  return { mode: { kind: "bridge" }, text: first, attachments };
}

/** What cannot be asked of a container that shares another one's namespace. Models: runconfig hostconfig_unix.go. */
function containerNetwork(
  verb: string,
  engine: DockerEngine,
  flags: Flags,
  reference: string,
): NetworkChoice {
  const conflict = (what: string): never =>
    invalid(verb, `conflicting options: ${what} and the container type network mode`);
  if (flags.value("hostname") !== undefined)
    invalid(verb, "conflicting options: hostname and the network mode");
  if (flags.all("publish").length > 0 || flags.has("publish-all")) conflict("port publishing");
  if (flags.all("expose").length > 0) conflict("port exposing");
  if (flags.all("dns").length > 0) invalid(verb, "conflicting options: dns and the network mode");
  const other = engine.find(reference);
  const id = other?.id ?? reference;
  return { mode: { kind: "container", id }, text: `container:${id}`, attachments: [] };
}

function entrypointOf(flags: Flags): readonly string[] | undefined {
  const text = flags.value("entrypoint");
  return text === undefined ? undefined : text === "" ? [] : [text];
}

const ABBREVIATED = /^[a-f0-9]{64}$/;

export function parseSpec(process: Process, engine: DockerEngine, verb: string, flags: Flags): ContainerSpec {
  const [image = "", ...command] = flags.words;
  if (/[A-Z]/.test(image.split(":")[0] ?? "") && !ABBREVIATED.test(image))
    invalid(verb, `invalid reference format: repository name (${image}) must be lowercase`);
  const name = flags.value("name");
  if (name !== undefined && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name))
    invalid(
      verb,
      `Error response from daemon: Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
    );
  const network = chooseNetwork(verb, engine, flags);
  const exposed = flags.all("expose").flatMap((text) => parseExpose(verb, text));
  const published = flags.all("publish").flatMap((text) => parsePublish(verb, text));
  const all = flags.has("publish-all") ? publishAll(image, exposed, published) : [];
  const macText = flags.value("mac-address");
  const mac = macText === undefined ? undefined : parseMac(macText);
  if (macText !== undefined && mac === undefined) invalid(verb, `${macText} is not a valid mac address`);
  return {
    ...BLANK_SPEC,
    name,
    image,
    command,
    entrypoint: entrypointOf(flags),
    env: flags.all("env").map((text) => pair(text, process.env.get(text) ?? "")),
    workingDir: flags.value("workdir"),
    hostname: flags.value("hostname"),
    labels: flags.all("label").map((text) => pair(text)),
    ports: network.mode.kind === "bridge" ? [...published, ...all] : [],
    publishAll: flags.has("publish-all"),
    exposed,
    mode: network.mode,
    modeText: network.text,
    attachments: network.attachments,
    dns: flags.all("dns"),
    extraHosts: flags.all("add-host").map((text) => {
      const at = text.search(/[:=]/);
      return [text.slice(0, at), text.slice(at + 1)] as const;
    }),
    mounts: flags.all("volume").map((text) => parseVolume(verb, process, text)),
    sysctls: flags.all("sysctl").map((text) => pair(text)),
    mac,
    autoRemove: flags.has("rm"),
    openStdin: flags.has("interactive") || flags.has("tty"),
  };
}

function publishAll(
  image: string,
  exposed: ContainerSpec["exposed"],
  published: readonly PortSpec[],
): readonly PortSpec[] {
  const known = imageFacts(image).exposed.flatMap((text) => parseExpose("run", text));
  return [...known, ...exposed]
    .filter((e) => !published.some((p) => p.containerPort === e.port && p.protocol === e.protocol))
    .map(({ port, protocol }) => ({ hostIp: undefined, hostPort: 0, containerPort: port, protocol }));
}

export function parseRun(argv: readonly string[], set: FlagSet): Flags {
  return parseFlags(set, argv);
}
