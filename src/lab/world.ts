import { createKernel, type KernelApi, type NetnsId } from "../kernel/uapi/index.ts";
import { EventQueue } from "../sim/queue.ts";
import { Random } from "../sim/random.ts";
import { Coroutine, type Outcome, type Task } from "../sim/task.ts";
import { addTime, type Nanos } from "../sim/time.ts";
import { TraceWriter } from "../trace/writer.ts";
import { Host } from "../userland/os/host.ts";
import { type LowerFiles, MemFs } from "../userland/os/memfs.ts";
import type { Program } from "../userland/os/process.ts";
import type { DockerSurroundings } from "../container/docker/types.ts";
import { DockerJournal } from "./docker.ts";
import { dockerProgram, PROGRAMS } from "./programs.ts";

export interface WorldOptions {
  readonly seed: number;
  /** Whether anybody looks at the trace: without it nothing is recorded. */
  readonly traced: boolean;
  /**
   * Devices have IPv6, as a fresh kernel gives it to them; else it was started with ipv6.disable_ipv6=1, which spares a
   * board or a cluster of IPv4 the chatter of every link.
   */
  readonly ipv6?: boolean;
  /** Real files that programs may read, never write. */
  readonly lower?: LowerFiles;
  /** Programs besides the userland's, for the first machine and all others. */
  readonly programs?: readonly (readonly [string, Program])[];
}

const FILES = {
  "/etc/hostname": "flannelgraph\n",
  "/etc/iproute2/rt_tables":
    "#\n# reserved values\n#\n255\tlocal\n254\tmain\n253\tdefault\n0\tunspec\n#\n# local\n#\n#1\tinr.ruhep\n",
  "/etc/hosts": "127.0.0.1\tlocalhost\n127.0.1.1\tflannelgraph\n",
  "/etc/resolv.conf": "",
  "/etc/os-release":
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n',
};

/** What every world begins with: time, chance, a kernel, and one machine with nothing but lo, up. */
export class World {
  readonly queue = new EventQueue();
  readonly random: Random;
  readonly trace: TraceWriter | null;
  readonly kernel: KernelApi;
  readonly netns: NetnsId;
  readonly programs: Map<string, Program>;
  /** The first machine: where scripts run. */
  readonly host: Host;
  readonly fs: MemFs;
  /** The first machine's Docker, which begins when somebody asks it. */
  readonly docker: DockerSurroundings;

  constructor(options: WorldOptions) {
    this.random = new Random(options.seed);
    this.trace = options.traced ? new TraceWriter(this.queue.wall) : null;
    this.kernel = createKernel(this.queue, this.random.fork(), this.trace, {
      disableIpv6: options.ipv6 !== true,
    });
    this.netns = this.kernel.createNetns("");
    const net = this.kernel.open(this.netns, { name: "init", detail: "the machine starts" });
    const lo = net.link.byName("lo");
    if (lo !== undefined) net.link.change(lo.index, { up: true });
    this.programs = new Map([...PROGRAMS, ...(options.programs ?? [])]);
    this.fs = new MemFs({ files: FILES, ...(options.lower === undefined ? {} : { lower: options.lower }) });
    this.host = new Host({
      name: "flannelgraph",
      kernel: this.kernel,
      queue: this.queue,
      random: this.random.fork(),
      fs: this.fs,
      programs: this.programs,
      netns: this.netns,
    });
    const observe = this.trace === null ? undefined : new DockerJournal(this.trace).observe;
    this.docker = { host: this.host, observe };
    this.programs.set("docker", dockerProgram(this.docker));
  }

  /** Runs a task to its end on virtual time. Undefined: it waits for something that will never happen. */
  finish<T>(task: Task<T>): Outcome<T> | undefined {
    const coroutine = new Coroutine(this.queue, task).start();
    this.queue.runWhile(() => coroutine.alive);
    return coroutine.outcome ?? undefined;
  }

  /** Lets time pass. */
  pass(time: Nanos): void {
    this.queue.runUntil(addTime(this.queue.now, time));
  }
}
