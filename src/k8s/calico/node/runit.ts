import { background } from "../../../container/background.ts";
import { type Coroutine, sleep, type Task } from "../../../sim/task.ts";
import { NANOS_PER_SECOND, seconds } from "../../../sim/time.ts";
import type { Host } from "../../../userland/os/host.ts";
import { Process, type Program } from "../../../userland/os/process.ts";

/** runit as the image has it: services that are started again when they end. */

/** runsv waits this long before it starts a service again. */
const PAUSE = seconds(1);

export interface Service {
  readonly name: string;
  readonly argv: readonly string[];
  readonly program: Program;
}

/** What runs in a container, by the service's name. */
const RUNNING = new WeakMap<Host, Map<string, Process>>();

function runningIn(host: Host): Map<string, Process> {
  let running = RUNNING.get(host);
  if (running === undefined) {
    running = new Map();
    RUNNING.set(host, running);
  }
  return running;
}

/** Sends a signal to a service of the same container; false when it does not run. */
export function signalService(host: Host, name: string, signal: string): boolean {
  const process = runningIn(host).get(name);
  if (process?.alive !== true) return false;
  process.kill(signal);
  return true;
}

export function isServiceUp(host: Host, name: string): boolean {
  return runningIn(host).get(name)?.alive === true;
}

function* supervise(parent: Process, service: Service): Task<void> {
  const running = runningIn(parent.host);
  for (;;) {
    const process = Process.spawn(parent.host, service.program, {
      argv: service.argv,
      env: parent.env,
      cwd: "/",
      netns: parent.netns,
      files: parent.files,
      parent,
    });
    running.set(service.name, process);
    yield* process.wait();
    yield* sleep(PAUSE);
  }
}

/** runsvdir: runs the services until it is ended, and they with it. */
export function* runServices(parent: Process, services: readonly Service[]): Task<number> {
  const supervisors: Coroutine<void>[] = services.map((service) =>
    background(parent.host.queue, supervise(parent, service)),
  );
  try {
    for (;;) yield* sleep(seconds(86_400));
  } finally {
    for (const supervisor of supervisors) supervisor.kill("KILL");
    for (const process of runningIn(parent.host).values()) process.kill("KILL");
  }
}

/** `sv status|hup|restart SERVICE`. */
export const sv: Program = function* (process): Task<number> {
  const [, verb = "", path = ""] = process.argv;
  const name = path.replace(/^.*\//, "");
  const found = runningIn(process.host).get(name);
  if (found === undefined) {
    yield* process.print(`fail: ${path}: unable to change to service directory: file does not exist\n`);
    return 1;
  }
  switch (verb) {
    case "status": {
      const age = Math.floor((process.host.queue.now - found.started) / NANOS_PER_SECOND);
      yield* process.print(
        found.alive ? `run: ${path}: (pid ${found.pid}) ${age}s\n` : `down: ${path}: ${age}s\n`,
      );
      return found.alive ? 0 : 3;
    }
    case "hup":
      found.kill("HUP");
      return 0;
    case "restart":
    case "term":
      found.kill("TERM");
      yield* process.print(`ok: run: ${path}\n`);
      return 0;
    default:
      yield* process.printError(`flannelgraph: sv ${verb} is not modelled yet\n`);
      return 95;
  }
};
