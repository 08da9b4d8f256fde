import { createKernel, type KernelApi } from "../kernel/uapi/index.ts";
import { EventQueue } from "../sim/queue.ts";
import { Random } from "../sim/random.ts";
import type { Task } from "../sim/task.ts";
import { utf8Decode, utf8Encode } from "../base/utf8.ts";
import { NET_PROGRAMS } from "../userland/net.ts";
import { Host } from "../userland/os/host.ts";
import { NULL_FILE, type OpenFile, sinkFile, sourceFile } from "../userland/os/io.ts";
import { MemFs } from "../userland/os/memfs.ts";
import { Process, type Program } from "../userland/os/process.ts";

/** What a command did. */
export interface Ran {
  readonly status: number;
  /** Standard output and error as they came, in one. */
  readonly text: string;
  readonly stdout: string;
}

/** Recorded sessions have the same letters where a time or the seed of a hash stood. */
function withoutTimes(text: string): string {
  return text
    .replace(/time=[0-9.]+ ms/g, "time=T ms")
    .replace(/time \d+ms/g, "time Tms")
    .replace(/ +\d+\.\d{3}ms/g, "  Tms")
    .replace(/ mdev = .*/g, " mdev = T")
    .replace(/  [0-9.]+ ms/g, "  T ms")
    .replace(/initval 0x[0-9a-f]{8}/g, "initval 0xH");
}

/** The words of a command line: quotes hold a word together; no expansion. */
function split(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2] ?? m[3] ?? "");
}

/** The functions of the labs' prelude.sh, as the commands that they run. */
function prelude(line: string): readonly string[] {
  const [word, ...rest] = line.split(/\s+/);
  const [ns, dev, mac, peerNs, peer, peerMac] = rest;
  switch (word) {
    case "ns":
      return rest.flatMap((name) => [
        `ip netns add ${name}`,
        `ip netns exec ${name} sysctl -qw net.ipv4.icmp_ratelimit=0`,
        `ip -n ${name} link set lo up`,
      ]);
    case "wire":
      return [
        `ip -n ${ns} link add ${dev} address ${mac} type veth peer name ${peer} address ${peerMac} netns ${peerNs}`,
        `ip -n ${ns} link set ${dev} up`,
        `ip -n ${peerNs} link set ${peer} up`,
      ];
    case "br":
      return [
        `ip -n ${ns} link add ${dev} address ${mac} type bridge mcast_snooping 0`,
        `ip -n ${ns} link set ${dev} up`,
      ];
    case "fwd":
      return rest.map((name) => `ip netns exec ${name} sysctl -qw net.ipv4.ip_forward=1`);
    default:
      return [line];
  }
}

function* nothing(): Task<number> {
  return 0;
}

/** A machine with the network commands and without a shell: tests type one command at a time. */
export class Console {
  readonly queue = new EventQueue();
  readonly kernel: KernelApi;
  readonly host: Host;

  constructor(seed = 1) {
    const random = new Random(seed);
    this.kernel = createKernel(this.queue, random.fork(), null, { disableIpv6: true });
    const programs = new Map<string, Program>([...NET_PROGRAMS, ["true", nothing]]);
    const netns = this.kernel.createNetns("");
    const fs = new MemFs();
    this.host = new Host({
      name: "lab",
      kernel: this.kernel,
      queue: this.queue,
      random,
      fs,
      programs,
      netns,
    });
    fs.write("/etc/hosts", utf8Encode("127.0.0.1 localhost\n"), "truncate");
    this.run("ip link set lo up");
  }

  /** Starts a command beside what runs; `end` is called with what it did. */
  start(line: string, input = "", end: (ran: Ran) => void = () => undefined): Process {
    const argv = split(line);
    const program = this.host.programs.get(argv[0] ?? "");
    if (program === undefined) throw new Error(`no program ${argv[0] ?? ""}`);
    let text = "";
    let stdout = "";
    const out = sinkFile((bytes) => {
      text += utf8Decode(bytes);
      stdout += utf8Decode(bytes);
    });
    const error = sinkFile((bytes) => {
      text += utf8Decode(bytes);
    });
    const stdin: OpenFile = input === "" ? NULL_FILE : sourceFile(utf8Encode(input));
    const files = new Map([
      [0, stdin],
      [1, out],
      [2, error],
    ]);
    const env = new Map([["PATH", "/usr/sbin:/usr/bin:/sbin:/bin"]]);
    const main: Program = function* (process) {
      const status = yield* program(process);
      end({ status: status & 255, text, stdout });
      return status;
    };
    return Process.spawn(this.host, main, { argv, env, cwd: "/", netns: this.host.netns, files });
  }

  /** Runs a command to its end. */
  run(line: string, input = ""): Ran {
    let ran: Ran | undefined;
    this.start(line, input, (result) => (ran = result));
    while (ran === undefined && this.queue.step());
    if (ran === undefined) throw new Error(`${line}: waits for ever`);
    return ran;
  }

  /** Runs commands that must succeed, one a line; the words of the labs' prelude are understood. */
  setUp(lines: string): void {
    for (const line of lines.split("\n").map((l) => l.trim())) {
      if (line === "" || line.startsWith("#")) continue;
      for (const command of prelude(line)) {
        const ran = this.run(command);
        if (ran.status !== 0) throw new Error(`${command}: ${ran.status} ${ran.text}`);
      }
    }
  }

  /**
   * Replays a session that was recorded on a real kernel: `@ command` sets up, `$ command` is followed by what it printed
   * and `[exit N]` when that is not 0. Answers the same session with what our commands print.
   */
  replay(recorded: string): string {
    return recorded
      .split(/^(?=[@$#] )/m)
      .map((block) => {
        const line = block.split("\n", 1)[0] ?? "";
        if (line.startsWith("@ ")) this.setUp(line.slice(2));
        return line.startsWith("$ ") ? this.session(line.slice(2)) : block;
      })
      .join("");
  }

  /** What commands print, each behind a prompt. Times of packets are left out. */
  session(lines: string): string {
    let all = "";
    for (const line of lines.split("\n").map((l) => l.trim())) {
      if (line === "") continue;
      const ran = this.run(line);
      all += `$ ${line}\n${withoutTimes(ran.text)}${ran.status === 0 ? "" : `[exit ${ran.status}]\n`}`;
    }
    return all;
  }
}
