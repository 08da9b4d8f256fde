import { err, ok, type Result } from "../base/result.ts";
import { Coroutine } from "../sim/task.ts";
import { DEFAULT_PATH, prepareCommand } from "../userland/os/exec.ts";
import type { Host } from "../userland/os/host.ts";
import { Process } from "../userland/os/process.ts";
import { Tty, type TtyListener } from "../userland/os/tty.ts";

/** What may be done with a terminal; the shapes are those of the worker's protocol. */
export type LabTerminalAction =
  | { readonly kind: "open"; readonly at: string; readonly columns: number; readonly rows: number }
  | { readonly kind: "input"; readonly text: string }
  | { readonly kind: "resize"; readonly columns: number; readonly rows: number }
  | { readonly kind: "close" };

/** What a terminal tells. Commands are numbered within their terminal; records by their place in the trace. */
export type LabTerminalEvent =
  | { readonly kind: "output"; readonly text: string }
  | { readonly kind: "command"; readonly number: number; readonly text: string; readonly from: number }
  /** The command runs this program in this namespace: whose packets are its packets. */
  | { readonly kind: "program"; readonly number: number; readonly netns: number; readonly program: string }
  | { readonly kind: "result"; readonly number: number; readonly status: number; readonly to: number }
  /** Whether something runs that virtual time must pass for. */
  | { readonly kind: "busy"; readonly busy: boolean }
  | { readonly kind: "ended"; readonly status: number };

export interface LabTerminalReport {
  readonly terminal: number;
  readonly event: LabTerminalEvent;
}

/** What terminals are opened on. */
export interface Ground {
  /** The first machine, by which the others are reached. */
  readonly root: Host;
  readonly node: (name: string) => Host | undefined;
  /** A machine that is no node of the cluster. */
  readonly machine: (name: string) => Host | undefined;
  /** Whether a namespace has this label. */
  readonly isPlace: (label: string) => boolean;
  /** Whether a place is on a machine that is off. */
  readonly isDark: (label: string) => boolean;
  readonly traceLength: () => number;
}

/** How a shell comes to a place: what is run, and where. */
export interface Way {
  readonly host: Host;
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The command by which a person would come there. */
  readonly shown?: string;
}

/** Where a shell is started so that it is at a place, and with which command: as a person would come there. */
export function wayTo(ground: Ground, label: string): Way | undefined {
  const { root } = ground;
  const by = (host: Host, argv: readonly string[]): Way => ({
    host,
    argv,
    cwd: "/root",
    shown: argv.join(" "),
  });
  const machine = label === "" ? root : ground.machine(label);
  if (machine !== undefined) return { host: machine, argv: ["bash"], cwd: "/root" };
  const node = ground.node(label);
  // Not through the daemon, which would begin to work (and bring its docker0) only because somebody looked.
  if (node !== undefined)
    return { host: node, argv: ["bash"], cwd: "/", shown: `docker exec -it ${label} bash` };
  if (!ground.isPlace(label)) return undefined;
  const [first = "", second, ...rest] = label.split(".");
  if (second !== undefined && ground.node(first) !== undefined && rest.length > 0)
    return by(root, ["kubectl", "exec", "-it", "-n", second, rest.join("."), "--", "bash"]);
  if (root.netnsNames.has(label)) return by(root, ["ip", "netns", "exec", label, "bash"]);
  const docker = ground.machine(first);
  const container = docker === undefined ? label : label.slice(first.length + 1);
  return by(docker ?? root, ["docker", "exec", "-it", container, "bash"]);
}

/** The terminals of a world: each a line to a shell, with what came over it since somebody last looked. */
export class Terminals {
  private readonly ground: Ground;
  private readonly open = new Map<number, Terminal>();
  private reports: LabTerminalReport[] = [];

  constructor(ground: Ground) {
    this.ground = ground;
  }

  /** The message says why it cannot be done. */
  act(number: number, action: LabTerminalAction): Result<void, string> {
    const terminal = this.open.get(number);
    if (action.kind === "open")
      return terminal === undefined ? this.start(number, action) : err(`terminal ${number} is open`);
    if (terminal === undefined) return err(`there is no terminal ${number}`);
    terminal.act(action);
    return ok();
  }

  /** What terminals told since the last call, in order. */
  take(): readonly LabTerminalReport[] {
    for (const [number, terminal] of this.open) {
      terminal.look();
      if (terminal.ended) this.open.delete(number);
    }
    return this.reports.splice(0);
  }

  private start(
    number: number,
    { at, columns, rows }: Extract<LabTerminalAction, { kind: "open" }>,
  ): Result<void, string> {
    if (this.ground.isDark(at)) return err(`${at} has no power`);
    const way = wayTo(this.ground, at);
    if (way === undefined) return err(`there is no place named "${at}"`);
    const tell = (event: LabTerminalEvent): void => {
      const last = this.reports.at(-1);
      if (event.kind === "output" && last?.terminal === number && last.event.kind === "output") {
        const text = last.event.text + event.text;
        this.reports[this.reports.length - 1] = { terminal: number, event: { kind: "output", text } };
      } else this.reports.push({ terminal: number, event });
    };
    const listener = new Listener(this.ground.traceLength, tell);
    this.open.set(number, new Terminal(way, new Tty(listener, columns, rows), tell));
    return ok();
  }
}

/** Notes which commands are run on a terminal, and whose packets are theirs. */
class Listener implements TtyListener {
  private readonly traceLength: () => number;
  private readonly tell: (event: LabTerminalEvent) => void;
  private commands = 0;
  /** Commands under way, a shell in a shell innermost, each with the programs that were told of it. */
  private readonly running: { readonly number: number; readonly programs: Set<string> }[] = [];

  constructor(traceLength: () => number, tell: (event: LabTerminalEvent) => void) {
    this.traceLength = traceLength;
    this.tell = tell;
  }

  output(text: string): void {
    this.tell({ kind: "output", text });
  }

  commandStarted(text: string): void {
    const number = ++this.commands;
    this.running.push({ number, programs: new Set() });
    this.tell({ kind: "command", number, text, from: this.traceLength() });
  }

  commandEnded(status: number): void {
    const command = this.running.pop();
    if (command !== undefined)
      this.tell({ kind: "result", number: command.number, status, to: this.traceLength() });
  }

  process({ netns, argv }: Process): void {
    const command = this.running.at(-1);
    const program = (argv[0] ?? "").replace(/^.*\//, "");
    const key = `${netns} ${program}`;
    if (command === undefined || command.programs.has(key)) return;
    command.programs.add(key);
    this.tell({ kind: "program", number: command.number, netns, program });
  }
}

class Terminal {
  private readonly tty: Tty;
  private readonly tell: (event: LabTerminalEvent) => void;
  private readonly waiting: Coroutine<number>;
  private readonly host: Host;
  private busy: boolean | undefined;
  ended = false;

  constructor({ host, argv, cwd, shown }: Way, tty: Tty, tell: (event: LabTerminalEvent) => void) {
    this.host = host;
    this.tty = tty;
    this.tell = tell;
    if (shown !== undefined) tell({ kind: "output", text: `$ ${shown}\r\n` });
    const process = this.start(argv, cwd);
    this.waiting = new Coroutine(host.queue, process.wait()).start();
  }

  act(action: Exclude<LabTerminalAction, { kind: "open" }>): void {
    const { queue } = this.host;
    if (action.kind === "input") this.tty.input(action.text);
    else if (action.kind === "resize") this.tty.resize(action.columns, action.rows);
    else this.tty.hangUp();
    // What follows at once happens at once: echo, a new prompt.
    queue.runUntil(queue.now);
  }

  /** Tells what changed of its own. A program's own fault is the world's. */
  look(): void {
    const { outcome } = this.waiting;
    if (outcome?.kind === "threw") throw outcome.error;
    const { prompting } = this.tty;
    const busy = outcome === null && (prompting === undefined || prompting.jobs());
    if (busy !== this.busy) this.tell({ kind: "busy", busy });
    this.busy = busy;
    if (outcome === null || this.ended) return;
    this.ended = true;
    this.tell({ kind: "ended", status: outcome.kind === "returned" ? outcome.value : 129 });
  }

  private start(argv: readonly string[], cwd: string): Process {
    const { host, tty } = this;
    const env = new Map([
      ["PATH", DEFAULT_PATH],
      ["HOME", "/root"],
      ["USER", "root"],
      ["LOGNAME", "root"],
      ["SHELL", "/bin/bash"],
      ["LANG", "C.UTF-8"],
      ["TERM", "xterm-256color"],
    ]);
    const options = {
      env,
      cwd,
      netns: host.netns,
      files: new Map([0, 1, 2].map((fd) => [fd, tty.file] as const)),
    };
    const launcher = Process.detached(host, { ...options, argv });
    const command = prepareCommand(launcher, argv, DEFAULT_PATH);
    launcher.end();
    if (typeof command === "string") throw new Error(`bug: no program ${argv[0] ?? ""}`);
    return Process.spawn(host, command.program, { ...options, argv: command.argv });
  }
}
