import type { StreamSocket } from "../../../kernel/uapi/index.ts";
import { Coroutine, Signal, sleep, type Task } from "../../../sim/task.ts";
import { millis } from "../../../sim/time.ts";
import { fail } from "../../../userland/args/exit.ts";
import { acceptStream } from "../../../userland/stream/stream.ts";
import { formatIpv4, type Ipv4, ipv4, parseIpv4 } from "../../../wire/address.ts";
import type { Pod, PodTarget, Service } from "../../api/index.ts";
import { isActive } from "../../api/pods.ts";
import { equalsSelector } from "../../../formats/selector.ts";
import { timestamp } from "../../api/time.ts";
import { relay } from "../../relay.ts";
import { list, text } from "../flags.ts";
import { hostOf, podNamed } from "../pods.ts";
import { die, usage } from "../problem.ts";
import type { Command, Session } from "../session.ts";

const LOCALHOST = ipv4(0x7f000001);
const BACKLOG = 128;
/** From the API server through the kubelet: a stream for the connection. */
const STREAM_COST = millis(15);

interface Forward {
  readonly local: number;
  readonly remote: number;
}

interface Place {
  readonly pod: Pod;
  /** Named and service ports to numbers of the pod. */
  readonly translate: (port: string) => number;
}

function numberOf(port: string): number {
  if (/^\d+$/.test(port) && Number(port) <= 65_535) return Number(port);
  die(`error parsing remote port ${port}: strconv.ParseUint: parsing "${port}": invalid syntax`);
}

function containerPort(pod: Pod, name: string): number | undefined {
  const ports = pod.spec.containers.flatMap((container) => container.ports ?? []);
  return ports.find((port) => port.name === name)?.containerPort;
}

function podPort(pod: Pod, port: string): number {
  return /^\d+$/.test(port)
    ? numberOf(port)
    : (containerPort(pod, port) ?? die(`Pod '${pod.metadata.name}' does not have a named port '${port}'`));
}

/** Models: kubectl portforward.go translateServicePortToTargetPort. */
function servicePort(service: Service, pod: Pod, port: string): number {
  const found = (service.spec.ports ?? []).find((each) => String(each.port) === port || each.name === port);
  if (found === undefined) {
    const { name } = service.metadata;
    return die(
      /^\d+$/.test(port)
        ? `Service ${name} does not have a service port ${port}`
        : `Service '${name}' does not have a named port '${port}'`,
    );
  }
  if (service.spec.clusterIP === "None") return numberOf(String(found.port));
  const { targetPort = found.port } = found;
  return typeof targetPort === "number" ? targetPort : podPort(pod, targetPort);
}

const SERVICES = ["service", "services", "svc"];

function placeOf(session: Session, word: string): Place {
  const at = word.indexOf("/");
  if (at < 0 || !SERVICES.includes(word.slice(0, at).toLowerCase())) {
    const pod = podNamed(session, word);
    return { pod, translate: (port) => podPort(pod, port) };
  }
  const name = word.slice(at + 1);
  const service = session.client.get("Service", session.namespace, name);
  if (service === undefined) fail(1, `Error from server (NotFound): services "${name}" not found\n`);
  const { selector } = service.spec;
  if (selector === undefined || Object.keys(selector).length === 0)
    die(`invalid service '${name}': Service is defined without a selector`);
  const pods = session.client.list("Pod", { namespace: session.namespace, labels: equalsSelector(selector) });
  const pod = pods.find(isActive) ?? die(`cannot attach to *v1.Service: timed out waiting for the condition`);
  return { pod, translate: (port) => servicePort(service, pod, port) };
}

/** `8080`, `8080:80`, `:80`, `8080:http`. */
function forwardOf(place: Place, word: string): Forward {
  const parts = word.split(":");
  if (parts.length > 2) die(`invalid port format '${word}'`);
  const [first = "", second] = parts;
  const remote = place.translate(second ?? first);
  if (remote === 0) die("remote port must be > 0");
  if (second === undefined) return { local: /^\d+$/.test(first) ? Number(first) : remote, remote };
  if (first !== "" && !/^\d+$/.test(first))
    die(`error parsing local port '${first}': strconv.ParseUint: parsing "${first}": invalid syntax`);
  return { local: first === "" ? 0 : Number(first), remote };
}

function addresses(session: Session): readonly Ipv4[] {
  const given = session.args.list("address");
  return (given.length === 0 ? ["localhost"] : given).map((word) =>
    word === "localhost" ? LOCALHOST : (parseIpv4(word) ?? die(`${word} is not a valid IP`)),
  );
}

interface Listener {
  readonly socket: StreamSocket;
  readonly forward: Forward;
}

function* listen(session: Session, address: Ipv4, forward: Forward): Task<Listener | undefined> {
  const socket = session.process.net.socket.tcp("kubectl");
  socket.setOptions({ reuseAddress: true });
  const bound = socket.bind({ address, port: forward.local });
  const shown = formatIpv4(address);
  if (!bound.ok || !socket.listen(BACKLOG).ok) {
    socket.close();
    const inner = `listen tcp4 ${shown}:${forward.local}: bind: address already in use`;
    const made = `unable to create listener: Error ${inner}`;
    yield* session.note(
      `Unable to listen on port ${forward.local}: Listeners failed to create with the following errors: [${made}]\n`,
    );
    return undefined;
  }
  const { port } = socket.local();
  yield* session.print(`Forwarding from ${shown}:${port} -> ${forward.remote}\n`);
  return { socket, forward: { ...forward, local: port } };
}

function klogError(session: Session, place: string, message: string): string {
  const stamp = timestamp(session.now);
  const day = stamp.slice(5, 7) + stamp.slice(8, 10);
  const fraction = String(Math.floor((session.now % 1e9) / 1e3)).padStart(6, "0");
  const pid = String(session.process.pid).padStart(7);
  return `E${day} ${stamp.slice(11, 19)}.${fraction} ${pid} ${place}] "Unhandled Error" err="${message}"\n`;
}

interface Work {
  readonly session: Session;
  readonly target: PodTarget;
  /** Fires when the connection to the pod is lost: kubectl ends. */
  readonly lost: Signal;
}

function* serveOne({ session, target, lost }: Work, { forward }: Listener, socket: StreamSocket): Task<void> {
  yield* sleep(STREAM_COST);
  const inner = yield* session.runtime.dial(target, forward.remote);
  if (inner.ok) {
    yield* relay(session.process.host.queue, socket, inner.value);
    return;
  }
  socket.close();
  const message = `an error occurred forwarding ${forward.local} -> ${forward.remote}: ${inner.error}`;
  yield* session.note(klogError(session, "portforward.go:424", message.replaceAll('"', '\\"')));
  lost.fire();
}

function* serve(work: Work, listener: Listener): Task<void> {
  const { session } = work;
  const { queue } = session.process.host;
  const busy: Coroutine<void>[] = [];
  try {
    for (;;) {
      const socket = yield* acceptStream(listener.socket, "kubectl");
      if (socket === undefined) return;
      yield* session.print(`Handling connection for ${listener.forward.local}\n`);
      busy.push(new Coroutine(queue, serveOne(work, listener, socket)).start());
    }
  } finally {
    for (const each of busy) each.kill("KILL");
    listener.socket.close();
  }
}

function* run(session: Session): Task<number> {
  const [word, ...ports] = session.args.operands;
  if (word === undefined || ports.length === 0)
    usage("port-forward", "TYPE/NAME and list of ports are required for port-forward");
  yield* session.request();
  const place = placeOf(session, word);
  const forwards = ports.map((port) => forwardOf(place, port));
  const { pod } = place;
  const { namespace = "default", name } = pod.metadata;
  if (pod.status?.phase !== "Running")
    die(`unable to forward port because pod is not running. Current status=${pod.status?.phase ?? ""}`);
  const lost = new Signal();
  const work: Work = { session, target: { namespace, pod: name, node: hostOf(pod) }, lost };
  const listeners: Listener[] = [];
  for (const forward of forwards) {
    for (const address of addresses(session)) {
      const made = yield* listen(session, address, forward);
      if (made !== undefined) listeners.push(made);
    }
  }
  if (listeners.length === 0) die("unable to listen on any of the requested ports: " + portsText(forwards));
  const { queue } = session.process.host;
  const tasks = listeners.map((listener) => new Coroutine(queue, serve(work, listener)).start());
  const stop = session.store.watch("Pod", { namespace, name }, ({ type }) => {
    if (type === "DELETED") lost.fire();
  });
  try {
    yield* lost.wait();
    return die("lost connection to pod");
  } finally {
    stop();
    for (const task of tasks) task.kill("KILL");
  }
}

/** Go's %v of the ports. */
function portsText(forwards: readonly Forward[]): string {
  return `[${forwards.map(({ local, remote }) => `{${local} ${remote}}`).join(" ")}]`;
}

export const portForward: Command = {
  name: "port-forward",
  use: "port-forward TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]",
  short: "Forward one or more local ports to a pod",
  flags: [list("address"), text("pod-running-timeout")],
  run,
};
