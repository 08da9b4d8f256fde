import { sleep, type Task } from "../../sim/task.ts";
import { millis, seconds, toSeconds } from "../../sim/time.ts";
import { parseIpv4 } from "../../wire/address.ts";
import { formatAddress } from "../../wire/ip-address.ts";
import { fail, program } from "../args/exit.ts";
import type { Process } from "../os/process.ts";
import { resolveAddress } from "../resolver/resolver.ts";
import { waitAny } from "../select/select.ts";
import { type Fault, headerOf, IcmpMethod, type Method, UdpMethod } from "./methods.ts";
import { readTracerouteOptions, type TracerouteOptions } from "./options.ts";
import { checkExpired, newProbe, type Probe, timeoutOf } from "./probe.ts";

/** traceroute(8) 2.1.2 of Dmitry Butskoy. */

const VERSION = `Modern traceroute for Linux, version 2.1.2
Copyright (c) 2016  Dmitry Butskoy,   License: GPL v2 or any later
`;

/** What the calls of a round of probes take: near answers are there before the program looks for them. */
const SYSTEM_CALLS = millis(1);

/** Seconds: what a wait comes to at least. */
const SHORTEST_WAIT = 1e-6;

/** DEF_DATA_LEN, behind the IP header. */
const DEFAULT_LENGTH = 40;

/** error(): what perror(3) says, on a line of its own. */
function abort({ call, text }: Fault): never {
  fail(1, `\n${call}: ${text}\n`);
}

class Trace {
  private readonly process: Process;
  private readonly options: TracerouteOptions;
  private readonly method: Method;
  private readonly probes: Probe[];
  private lastSent = 0;

  constructor(process: Process, options: TracerouteOptions, method: Method) {
    this.process = process;
    this.options = options;
    this.method = method;
    this.probes = Array.from({ length: options.maxHops * options.perHop }, newProbe);
  }

  private get now(): number {
    return toSeconds(this.process.host.queue.now);
  }

  /** Models: traceroute.c do_it: probes in flight from the first that is not printed yet, answers printed in order. */
  *run(): Task<void> {
    const { firstHop, perHop, simultaneous } = this.options;
    let start = (firstHop - 1) * perHop;
    let end = this.probes.length;
    while (start < end) {
      let inFlight = 0;
      let wakeAt = Infinity;
      for (let n = start; n < end && inFlight < simultaneous; n++) {
        if (n === start) this.expire(n);
        const probe = this.probes[n]!;
        if (probe.done) {
          if (n === start) {
            yield* this.printProbe(n);
            start++;
          }
          if (probe.final) end = (Math.floor(n / perHop) + 1) * perHop;
          continue;
        }
        if (probe.sent === 0) {
          const due = this.lastSent + this.options.sendSeconds;
          if (this.options.sendSeconds > 0 && this.lastSent > 0 && due > this.now) {
            wakeAt = Math.min(wakeAt, due);
            break;
          }
          const accepted = this.send(probe, Math.floor(n / perHop) + 1);
          // What a probe sets off nearby is over before the next one leaves.
          yield* sleep(SYSTEM_CALLS);
          if (!accepted) {
            wakeAt = Math.min(wakeAt, this.now + 0.01);
            break;
          }
        }
        inFlight++;
      }
      if (start < end && this.probes[start]!.sent > 0 && !this.probes[start]!.done)
        yield* this.wait(
          Math.min(wakeAt, this.probes[start]!.sent + timeoutOf(this.probes, start, this.options)),
        );
      else if (wakeAt < Infinity) yield* this.wait(wakeAt);
    }
  }

  /** False when the device's queue was full. */
  private send(probe: Probe, ttl: number): boolean {
    const fault = this.method.send(probe, ttl);
    if (fault !== undefined) abort(fault);
    this.lastSent = probe.sent;
    return probe.sent > 0;
  }

  private expire(n: number): void {
    const probe = this.probes[n]!;
    if (probe.done || probe.sent === 0) return;
    if (this.now < probe.sent + timeoutOf(this.probes, n, this.options)) return;
    probe.close();
    probe.done = true;
    checkExpired(this.probes, n, this.options.perHop);
  }

  private *wait(until: number): Task<void> {
    if (this.method.collect(this.probes)) return;
    const delay = until - this.now;
    // A moment that rounding has left over must still pass.
    if (delay > 0) yield* waitAny(this.method.signals, seconds(Math.max(delay, SHORTEST_WAIT)));
    this.method.collect(this.probes);
  }

  private *printProbe(n: number): Task<void> {
    const { perHop } = this.options;
    const probe = this.probes[n]!;
    const place = n % perHop;
    let text = place === 0 ? `\n${String(Math.floor(n / perHop) + 1).padStart(2)} ` : "";
    if (probe.from === undefined) text += " *";
    else {
      let before = n - 1;
      while (before >= n - place && this.probes[before]!.from === undefined) before--;
      const known = before >= n - place && this.probes[before]!.from === probe.from;
      if (!known) text += ` ${yield* this.nameOf(probe)}`;
    }
    if (probe.received > 0) text += `  ${((probe.received - probe.sent) * 1000).toFixed(3)} ms`;
    if (probe.mark !== "") text += ` ${probe.mark}`;
    yield* this.process.print(text);
  }

  private *nameOf(probe: Probe): Task<string> {
    const text = probe.from;
    if (text === undefined) return "*";
    if (this.options.numeric) return text;
    const address = parseIpv4(text);
    const name = address === undefined ? undefined : yield* resolveAddress(this.process, address);
    return `${name ?? text} (${text})`;
  }
}

function* main(process: Process): Task<number> {
  const options = yield* readTracerouteOptions(process);
  if (options.version) {
    yield* process.print(VERSION);
    return 0;
  }
  const device = options.device === undefined ? undefined : process.net.link.byName(options.device);
  const header = headerOf(options);
  const length = Math.max(header + 8, options.packetLength ?? header + DEFAULT_LENGTH);
  const banner = `traceroute to ${options.name} (${formatAddress(options.target)}), ${options.maxHops} hops max, ${length} byte packets`;
  // -I opens its one socket before it says so; UDP probes have a socket each.
  const opensFirst = options.method === "icmp";
  if (!opensFirst) yield* process.print(banner);
  if (options.device !== undefined && device === undefined)
    abort({ call: "setsockopt SO_BINDTODEVICE", text: "No such device" });
  const Chosen = options.method === "icmp" ? IcmpMethod : UdpMethod;
  const method: Method = new Chosen(process, options, device?.index, length);
  try {
    const fault = method.open();
    if (fault !== undefined) abort(fault);
    if (opensFirst) yield* process.print(banner);
    yield* new Trace(process, options, method).run();
  } finally {
    method.close();
  }
  yield* process.print("\n");
  return 0;
}

export const traceroute = program(main);
