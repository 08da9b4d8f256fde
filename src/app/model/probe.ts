import type { Action } from "../../protocol/messages.ts";
import { parseIpv4 } from "../../wire/address.ts";
import { parseIpv6 } from "../../wire/address6.ts";
import type { Cast, Place } from "./cast.ts";
import { endpointsOf, type Service, serviceName, servicesOf } from "./services.ts";
import type { Pod } from "./topology.ts";
import type { WorldState } from "./world.ts";

/** What can be sent; each is a real command in the world. */
export const PROBES = ["ping", "http", "tcp", "udp", "dns", "traceroute"] as const;
export type Probe = (typeof PROBES)[number];

/** How often it is sent: the last by many clients at the same time. */
export const REPEATS = ["once", "steady", "load"] as const;
export type Repeat = (typeof REPEATS)[number];

/** Clients of a load, over all places that send. */
const CLIENTS = 240;

/** Port of the UDP probe: the one that traceroute made customary. Nobody listens there. */
const UDP_PORT = 33434;
const HTTP_PORT = 80;

/** Nothing that a shell would read as more than a word. */
const TARGET = /^[A-Za-z0-9_][A-Za-z0-9._-]*(?::\d{1,5})?(?:\/[A-Za-z0-9._/-]*)?$/;

/** An IPv6 address, in brackets where a port or a path follows: RFC 3986's form. */
const TARGET6 = /^(?:([0-9A-Fa-f:.]+)|\[([0-9A-Fa-f:.]+)\](?::(\d{1,5}))?((?:\/[A-Za-z0-9._/-]*)?))$/;

interface Target {
  readonly host: string;
  /** As it stands in an address of the web: IPv6 in brackets. */
  readonly inUrl: string;
  readonly port: number | undefined;
  readonly path: string;
}

function readTarget(text: string): Target | undefined {
  const plain = text.trim().replace(/^https?:\/\//, "");
  const [, bare, inner = bare, port6, path6 = ""] = TARGET6.exec(plain) ?? [];
  if (inner !== undefined && parseIpv6(inner) !== undefined) {
    const port = port6 === undefined ? undefined : Number(port6);
    return { host: inner, inUrl: `[${inner}]`, port, path: path6 === "" ? "/" : path6 };
  }
  if (!TARGET.test(plain)) return undefined;
  const [, host = "", port, path = ""] = /^([^:/]+)(?::(\d+))?(\/.*)?$/.exec(plain) ?? [];
  const number = port === undefined ? undefined : Number(port);
  return { host, inUrl: host, port: number, path: path === "" ? "/" : path };
}

/** The port that a Service with this name or address offers first. */
function portOf(services: readonly Service[], host: string): number | undefined {
  const service = services.find((one) => {
    const full = `${one.name}.${one.namespace}`;
    return (
      host === serviceName(one) || host === one.address || host === full || host.startsWith(`${full}.svc`)
    );
  });
  return service?.ports[0]?.port;
}

/** The command line of a probe and the program that sends; undefined when the target is no name and no address. */
export function probeCommand(
  probe: Probe,
  target: string,
  services: readonly Service[],
): { readonly command: string; readonly program: string } | undefined {
  const read = readTarget(target);
  if (read === undefined) return undefined;
  const { host, path } = read;
  switch (probe) {
    case "ping":
      return { command: `ping -c1 -W1 ${host}`, program: "ping" };
    case "http": {
      const port = read.port ?? portOf(services, host) ?? HTTP_PORT;
      const where = port === HTTP_PORT ? read.inUrl : `${read.inUrl}:${port}`;
      return { command: `curl -sS -m 5 http://${where}${path}`, program: "curl" };
    }
    case "udp": {
      const port = read.port ?? portOf(services, host) ?? UDP_PORT;
      return { command: `printf hello | nc -u -w1 ${host} ${port}`, program: "nc" };
    }
    case "tcp": {
      const port = read.port ?? portOf(services, host) ?? HTTP_PORT;
      return { command: `nc -z -w2 ${host} ${port}`, program: "nc" };
    }
    case "traceroute":
      return { command: `traceroute -n -q1 -w1 ${host}`, program: "traceroute" };
    case "dns": {
      const question =
        parseIpv4(host) === undefined && !host.includes(":") ? `+search ${host}` : `-x ${host}`;
      return { command: `dig +tries=1 +time=2 ${question}`, program: "dig" };
    }
  }
}

/** A command line as it is typed on the admin's machine to run in a pod; undefined for other places. */
function inPod(label: string, command: string): string | undefined {
  const [, namespace, pod] = label.split(".");
  if (namespace === undefined || pod === undefined) return undefined;
  return `kubectl exec -n ${namespace} ${pod} -- sh -c '${command}'`;
}

/** The same again and again: a steady flow. */
function steady(command: string): string {
  return `for i in 1 2 3 4 5; do ${command}; sleep 0.2; done`;
}

/** Many at once, from every place of the sender's kind, each by several clients. */
function load(cast: Cast, from: Place, command: string): string {
  const [, namespace] = from.label.split(".");
  const pods = cast.pods.filter(({ label, ip }) => ip !== undefined && label.split(".")[1] === namespace);
  const isPod = inPod(from.label, "") !== undefined;
  const every = Math.max(1, Math.ceil(pods.length / CLIENTS));
  const places = isPod ? pods.filter((_, i) => i % every === 0).map(({ label }) => label) : [from.label];
  const many = `for i in $(seq ${Math.max(1, Math.floor(CLIENTS / places.length))}); do ${command} >/dev/null & done; wait`;
  if (!isPod) return many;
  return `${places.map((label) => `${inPod(label, many) ?? ""} &`).join("\n")}\nwait`;
}

/** What has to be done in the world for an errand: in a pod by `kubectl exec`, so that its own resolv.conf counts. */
export function errandAction(
  cast: Cast,
  world: WorldState,
  errand: {
    readonly from: number;
    readonly probe: Probe;
    readonly target: string;
    readonly repeat?: Repeat | undefined;
  },
): { readonly action: Action; readonly program: string } | undefined {
  const place = cast.place(errand.from);
  const asked = probeCommand(errand.probe, errand.target, servicesOf(world));
  if (place === undefined || asked === undefined) return undefined;
  const { program } = asked;
  const isPod = inPod(place.label, "") !== undefined && place.kind === "pod";
  if (errand.repeat === "load")
    return {
      action: { kind: "shell", at: isPod ? "" : place.label, command: load(cast, place, asked.command) },
      program,
    };
  const command = errand.repeat === "steady" ? steady(asked.command) : asked.command;
  const exec = isPod ? inPod(place.label, command) : undefined;
  return {
    action: { kind: "shell", at: exec === undefined ? place.label : "", command: exec ?? command },
    program,
  };
}

/** The address by which others reach a pod or a node. */
export function addressOf(cast: Cast, netns: number): string | undefined {
  const place = cast.place(netns);
  if (place?.kind === "pod") return place.pod.ip;
  if (place?.kind !== "room") return undefined;
  return place.room.nics.flatMap(({ addresses }) => addresses)[0]?.split("/")[0];
}

/** Pods that people put there, not the cluster's own machinery; all of them when there are no others. */
function ownPods(cast: Cast): readonly Pod[] {
  const all = cast.pods.filter((pod) => pod.ip !== undefined);
  const own = all.filter(({ label }) => /^[^.]+\.default\./.test(label));
  return new Set(own.map(({ host }) => host.netns)).size > 1 ? own : all;
}

/** Two pods on different nodes: the first example. */
export function firstPair(cast: Cast): readonly [Pod, Pod] | undefined {
  const pods = ownPods(cast);
  const [from] = pods;
  const to = pods.find((pod) => pod.host.netns !== from?.host.netns) ?? pods[1];
  return from === undefined || to === undefined ? undefined : [from, to];
}

/**
 * A pod that asks a Service which it does not belong to: the second example. A Service that speaks HTTP is preferred, and
 * a node with few of its pods, so that the way probably leads to another one.
 */
export function firstVisit(
  cast: Cast,
  world: WorldState,
): { readonly from: Pod; readonly service: Service } | undefined {
  const open = servicesOf(world).filter(
    ({ namespace, name }) => namespace === "default" && name !== "kubernetes",
  );
  const service = open.find(({ ports }) => ports.some(({ port }) => port === HTTP_PORT)) ?? open[0];
  if (service === undefined) return undefined;
  const behind = new Set(endpointsOf(world, service));
  const pods = ownPods(cast);
  const near = (pod: Pod): number =>
    pods.filter(({ ip, host }) => host.netns === pod.host.netns && behind.has(ip ?? "")).length;
  const strangers = pods.filter(({ ip }) => !behind.has(ip ?? ""));
  const [from] = strangers.toSorted((a, b) => near(a) - near(b));
  return from === undefined ? undefined : { from, service };
}
