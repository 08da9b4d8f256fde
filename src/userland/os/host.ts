import type { EventQueue } from "../../sim/queue.ts";
import type { Random } from "../../sim/random.ts";
import type { KernelApi, NetnsId } from "../../kernel/uapi/index.ts";
import type { FileSystem } from "./fs.ts";
import type { Process, Program } from "./process.ts";

/**
 * What a machine or a container is to the programs in it: a name, files, programs to run, processes.
 * Several hosts share one kernel (containers), each with its own namespaces.
 */
export class Host {
  /** hostname(1). */
  name: string;
  readonly kernel: KernelApi;
  readonly queue: EventQueue;
  readonly random: Random;
  readonly fs: FileSystem;
  /** What PATH finds: program name to program. Shared by all hosts of a world unless a host says otherwise. */
  readonly programs: ReadonlyMap<string, Program>;
  /** The network namespace that new programs start in. */
  readonly netns: NetnsId;
  /** `ip netns`: /run/netns of this host's mount namespace. Each name holds one reference. */
  readonly netnsNames = new Map<string, NetnsId>();
  /** Other files of this host on which a namespace is mounted: a container engine's. Who puts one there holds the reference. */
  readonly netnsFiles = new Map<string, NetnsId>();
  readonly processes = new Map<number, Process>();
  private lastPid = 0;

  constructor(options: {
    name: string;
    kernel: KernelApi;
    queue: EventQueue;
    random: Random;
    fs: FileSystem;
    programs: ReadonlyMap<string, Program>;
    netns: NetnsId;
  }) {
    this.name = options.name;
    this.kernel = options.kernel;
    this.queue = options.queue;
    this.random = options.random;
    this.fs = options.fs;
    this.programs = options.programs;
    this.netns = options.netns;
  }

  /** The pid of a process that never ran is given to the next one. */
  takeBack(pid: number): void {
    if (pid === this.lastPid) this.lastPid--;
  }

  nextPid(): number {
    return ++this.lastPid;
  }
}
