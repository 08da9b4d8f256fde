import { err, ok, type Result } from "../base/result.ts";
import { utf8Decode, utf8Encode } from "../base/utf8.ts";
import type { NetnsId } from "../kernel/uapi/index.ts";
import type { Scenario } from "../scenario/schema.ts";
import { addTime, nanos, seconds, type Nanos } from "../sim/time.ts";
import { Coroutine, type Task } from "../sim/task.ts";
import type { TraceChunk } from "../trace/writer.ts";
import { parseIpv4 } from "../wire/address.ts";
import { DEFAULT_PATH } from "../userland/os/exec.ts";
import type { Host } from "../userland/os/host.ts";
import { NULL_FILE, type OpenFile, sinkFile } from "../userland/os/io.ts";
import { Process } from "../userland/os/process.ts";
import type { Shell } from "../userland/shell/shell.ts";
import { codeIsComing } from "./bundled.ts";
import { loadedUserland } from "./programs.ts";
import { type LabTerminalAction, type LabTerminalReport, Terminals } from "./terminals.ts";
import { hostAt, isDark, standUp, type Standing } from "./stand.ts";
import { World } from "./world.ts";

/** What may be asked of a running world; the shapes are those of the worker's protocol. */
export type LabAction =
  | { readonly kind: "ping"; readonly from: string; readonly to: string }
  | {
      readonly kind: "udp";
      readonly from: string;
      readonly to: string;
      readonly port: number;
      readonly text: string;
    }
  | { readonly kind: "shell"; readonly at: string; readonly command: string };

export interface LabRefusal {
  readonly reason: "scenario" | "place";
  readonly message: string;
}

export type LabOutput = (stream: "stdout" | "stderr", text: string) => void;

/** Work in slices: the exit status when all is done, undefined when there is more to do. */
export interface LabRun {
  step(): number | undefined;
}

/** Events that one slice works off: a few milliseconds. */
const SLICE = 4000;
const NODES_READY = ["wait", "--for=condition=Ready", "node", "--all", "--timeout=120s"];
/** Workers of a large cluster whose pods can be asked at once. */
const AWAKE_AT_FIRST = 2;
/** How long a cluster may take to come up. */
const START_LIMIT = seconds(180);
/** After an action the world goes on this long, so that answers and late timers are seen. */
const AFTERWARDS = nanos(500_000_000);

/** A world that the page looks at: it records, acts and lets time pass, slice by slice. */
class Lab {
  private readonly world: World;
  private readonly standing: Standing;
  private readonly terminals: Terminals;

  constructor(world: World, standing: Standing) {
    this.world = world;
    this.standing = standing;
    this.terminals = new Terminals({
      root: world.host,
      node: (name) => standing.cluster?.cluster.nodes.get(name)?.host,
      machine: (name) => standing.machines.get(name),
      isDark: (label) => isDark(standing, label),
      isPlace: (label) => this.netnsAt(label) !== undefined,
      traceLength: () => this.traceLength(),
    });
  }

  now(): number {
    return this.world.queue.now;
  }

  traceLength(): number {
    return this.world.trace?.length ?? 0;
  }

  takeTrace(): TraceChunk {
    if (this.world.trace === null) throw new Error("bug: a lab without a trace");
    return this.world.trace.take();
  }

  act(action: LabAction, output: LabOutput): Result<LabRun, LabRefusal> {
    const at = action.kind === "shell" ? action.at : action.from;
    const place = this.place(at);
    if (place === undefined) return err({ reason: "place", message: `there is no place named "${at}"` });
    if (isDark(this.standing, at)) return err({ reason: "place", message: `${at} has no power` });
    if (action.kind === "shell") return ok(this.run(place, action.command, output));
    const to = this.addressOf(action.to);
    if (to === undefined)
      return err({
        reason: "place",
        message: `"${action.to}" is neither an address nor a place that has one`,
      });
    const command =
      action.kind === "ping"
        ? `ping -c1 -W1 ${to}`
        : `printf %s ${quote(action.text)} | nc -u -w1 ${to} ${action.port}`;
    return ok(this.run(place, command, output));
  }

  /** Opens, feeds or closes a terminal; what comes of it is for `takeTerminals`. */
  terminal(number: number, action: LabTerminalAction): Result<void, LabRefusal> {
    const done = this.terminals.act(number, action);
    return done.ok ? done : err({ reason: "place", message: done.error });
  }

  /** What terminals told since the last call. */
  takeTerminals(): readonly LabTerminalReport[] {
    return this.terminals.take();
  }

  advance(time: number): LabRun {
    const until = addTime(this.world.queue.now, nanos(time));
    return { step: () => (this.slice(until) ? 0 : undefined) };
  }

  /** Works off a slice of what is due up to `until`; true when all of it is done. */
  private slice(until: Nanos): boolean {
    const { queue } = this.world;
    for (let i = 0; i < SLICE; i++) {
      if (codeIsComing()) return false;
      const due = queue.next();
      if (due === undefined || due > until) {
        queue.runUntil(until);
        return true;
      }
      queue.step();
    }
    return false;
  }

  /** Brings the cluster up: manifests are applied, then the world runs until every pod is ready, or long enough. */
  *start(scenario: Scenario): Generator<undefined, number> {
    for (const complaint of this.standing.complaints) this.note("underlay")("stderr", complaint);
    for (const { name, script } of scenario.machines ?? []) {
      const host = this.standing.machines.get(name);
      if (host === undefined || script === undefined) continue;
      yield* slices(this.run({ host, netns: host.netns }, script, this.note(name)));
    }
    if (scenario.script !== undefined)
      yield* slices(this.run(this.root(), scenario.script, this.note("script")));
    for (const { name, yaml, after } of scenario.manifests) {
      if (after === "pods-ready") yield* this.settle();
      if (after === "nodes-ready") yield* slices(this.kubectl(NODES_READY, () => undefined));
      const path = `/root/${name.replaceAll("/", "-")}`;
      this.world.fs.put(path, utf8Encode(yaml));
      const status = yield* slices(this.kubectl(["apply", "-f", path], this.note("kubectl")));
      if (status !== 0) return status;
    }
    yield* this.settle();
    if (scenario.setup !== undefined) {
      yield* slices(this.run(this.root(), scenario.setup, this.note("setup")));
      yield* this.settle();
    }
    this.standing.cluster?.cluster.rouse(AWAKE_AT_FIRST);
    return 0;
  }

  /** Waits for the pods, not for ever. */
  private *settle(): Generator<undefined, void> {
    const limit = addTime(this.world.queue.now, START_LIMIT);
    while (!this.settled() && this.world.queue.now < limit) {
      while (!this.slice(addTime(this.world.queue.now, seconds(1)))) yield undefined;
      yield undefined;
    }
  }

  /** Whether every pod that can run does. */
  private settled(): boolean {
    return this.standing.cluster?.settled() ?? true;
  }

  private note(component: string): LabOutput {
    return (_, text) => this.world.trace?.control(component, "", text.trimEnd());
  }

  private root(): { host: Host; netns: NetnsId } {
    return { host: this.world.host, netns: this.world.netns };
  }

  /** A namespace by its label: a node, a pod, or one made by `ip netns add`. */
  private place(label: string): { host: Host; netns: NetnsId } | undefined {
    if (label === "") return this.root();
    const netns = this.netnsAt(label);
    if (netns === undefined) return undefined;
    return { host: hostAt(this.standing, label) ?? this.world.host, netns };
  }

  /** The namespace of a place; a pod of a node that sleeps has one as soon as the node is woken, which this does. */
  private netnsAt(label: string): NetnsId | undefined {
    const { kernel } = this.world;
    const find = (): NetnsId | undefined => kernel.netnsIds().find((id) => kernel.netnsLabel(id) === label);
    return find() ?? (hostAt(this.standing, label) === undefined ? undefined : find());
  }

  private addressOf(to: string): string | undefined {
    if (parseIpv4(to) !== undefined) return to;
    const place = this.place(to);
    if (place === undefined) return undefined;
    const net = this.world.kernel.open(place.netns, { name: "board" });
    const found = net.address.list().find((a) => a.scope === 0);
    return found === undefined ? undefined : [24, 16, 8, 0].map((s) => (found.local >>> s) & 255).join(".");
  }

  /** kubectl without a shell: a cluster starts before the userland is loaded. */
  private kubectl(words: readonly string[], output: LabOutput): LabRun {
    const { host, netns } = this.root();
    const kubectl = this.world.programs.get("kubectl");
    if (kubectl === undefined) throw new Error("bug: manifests without a cluster");
    const argv = ["kubectl", ...words];
    const process = Process.spawn(host, kubectl, { ...surroundings(output), argv, netns });
    return this.follow(new Coroutine(this.world.queue, process.wait()).start());
  }

  private run(place: { host: Host; netns: NetnsId }, command: string, output: LabOutput): LabRun {
    const { Shell: Bash } = loadedUserland();
    const shell = new Bash(place.host, { ...surroundings(output), netns: place.netns, name: "bash" });
    return this.follow(new Coroutine(this.world.queue, whole(shell, command)).start());
  }

  private follow(coroutine: Coroutine<number>): LabRun {
    let until: Nanos | undefined;
    return {
      step: () => {
        const { queue } = this.world;
        for (let i = 0; i < SLICE && coroutine.alive; i++) {
          if (codeIsComing()) return undefined;
          if (!queue.step()) return 124;
        }
        const { outcome } = coroutine;
        if (outcome === null) return undefined;
        if (outcome.kind === "threw") throw outcome.error;
        until ??= addTime(queue.now, AFTERWARDS);
        if (!this.slice(until)) return undefined;
        return outcome.kind === "returned" ? outcome.value : 143;
      },
    };
  }
}

function surroundings(output: LabOutput): {
  files: Map<number, OpenFile>;
  env: Map<string, string>;
  cwd: string;
} {
  return {
    files: new Map([
      [0, NULL_FILE],
      [1, sinkFile((bytes) => output("stdout", utf8Decode(bytes)))],
      [2, sinkFile((bytes) => output("stderr", utf8Decode(bytes)))],
    ]),
    env: new Map([
      ["PATH", DEFAULT_PATH],
      ["HOME", "/root"],
    ]),
    cwd: "/root",
  };
}

function* whole(shell: Shell, command: string): Task<number> {
  yield* shell.source(command, "board");
  return yield* shell.finish();
}

function* slices(run: LabRun): Generator<undefined, number> {
  for (;;) {
    const status = run.step();
    if (status !== undefined) return status;
    yield undefined;
  }
}

/** A word for the shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export interface OpenedLab {
  readonly lab: Lab;
  /** Brings the world up. */
  readonly start: LabRun;
}

/** A world at time 0 made from a scenario, and the run that brings it up. */
export function openLab(scenario: Scenario): Result<OpenedLab, LabRefusal> {
  return openIn(new World({ seed: scenario.seed, traced: true }), scenario);
}

/** The same in a world that somebody has made already. */
export function openIn(world: World, scenario: Scenario): Result<OpenedLab, LabRefusal> {
  const standing = standUp(world, scenario);
  if (!standing.ok) return err({ reason: "scenario", message: standing.error });
  const lab = new Lab(world, standing.value);
  const steps = lab.start(scenario);
  const start: LabRun = {
    step: () => {
      const { done, value } = steps.next();
      return done === true ? value : undefined;
    },
  };
  return ok({ lab, start });
}
