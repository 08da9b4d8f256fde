import type { Process } from "../os/process.ts";

/** A background pipeline or list. */
export class Job {
  readonly id: number;
  /** The processes of its pipeline; `$!` is the last one's pid. */
  readonly processes: readonly Process[];
  /** What `jobs` prints. */
  readonly text: string;
  /** The line on which it was started. */
  readonly line: number;
  /** Its end was reported to `wait` or printed. */
  noticed = false;
  disowned = false;
  /** Started by an earlier script of a lab: a `wait` that names no job is not for it. */
  earlier = false;

  constructor(id: number, processes: readonly Process[], text: string, line: number) {
    this.id = id;
    this.processes = processes;
    this.text = text;
    this.line = line;
  }

  get last(): Process {
    return this.processes[this.processes.length - 1]!;
  }

  get running(): boolean {
    return this.processes.some((process) => process.status === undefined);
  }
}

/** The background jobs of one shell, and the statuses of those that are over. */
export class Jobs {
  private readonly jobs: Job[] = [];
  /** Exit statuses by pid, for `wait PID` after the job left the table. */
  private readonly past = new Map<number, number>();

  add(processes: readonly Process[], text: string, line: number): Job {
    const id = Math.max(0, ...this.jobs.map((job) => job.id)) + 1;
    const job = new Job(id, processes, text, line);
    this.jobs.push(job);
    return job;
  }

  list(): readonly Job[] {
    return this.jobs;
  }

  /** The jobs that a bare `wait` is for. */
  awaited(): readonly Job[] {
    return this.jobs.filter((job) => !job.earlier);
  }

  /** The next script begins: jobs persist, as the lab contract says, and nobody awaits its servers unasked. */
  beginScript(): void {
    for (const job of this.jobs) job.earlier = true;
  }

  byPid(pid: number): Job | undefined {
    return this.jobs.find((job) => job.processes.some((process) => process.pid === pid));
  }

  pastStatus(pid: number): number | undefined {
    return this.past.get(pid);
  }

  forget(job: Job): void {
    const at = this.jobs.indexOf(job);
    if (at >= 0) this.jobs.splice(at, 1);
    for (const process of job.processes) this.past.set(process.pid, process.status ?? 0);
  }

  /** The current job `%+`, and the one before `%-`. */
  current(): readonly [Job | undefined, Job | undefined] {
    return [this.jobs[this.jobs.length - 1], this.jobs[this.jobs.length - 2]];
  }

  /** `%1`, `%%`, `%+`, `%-`, `%prefix`, `%?part`. */
  find(spec: string): Job | undefined {
    const name = spec.slice(1);
    if (name === "" || name === "%" || name === "+") return this.current()[0];
    if (name === "-") return this.current()[1];
    if (/^\d+$/.test(name)) return this.jobs.find((job) => job.id === Number(name));
    if (name.startsWith("?")) return this.jobs.find((job) => job.text.includes(name.slice(1)));
    return this.jobs.find((job) => job.text.startsWith(name));
  }
}
