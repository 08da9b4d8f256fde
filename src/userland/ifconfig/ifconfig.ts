import type { AddressInfo, KernelResult, LinkChange, LinkInfo } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { broadcast, type Ipv4, parseMac } from "../../wire/address.ts";
import { parsePrefix6 } from "../../wire/address6.ts";
import { fail, program, refuse } from "../args/exit.ts";
import { Words } from "../args/words.ts";
import { strerror } from "../os/errno.ts";
import type { Process } from "../os/process.ts";
import { inetAton } from "../resolver/addresses.ts";
import { lookupHosts } from "../resolver/files.ts";
import { interfaces, longForm, shortForm } from "./interfaces.ts";

/** ifconfig(8) of net-tools 2.10. Models: ifconfig.c; the kernel's side is devinet_ioctl. */

const SHORT_TITLES = "Iface      MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n";
const HELP = "ifconfig: `--help' gives usage information.\n";

function check(call: string, result: KernelResult<void>): void {
  if (!result.ok) fail(1, `${call}: ${strerror(result.error.errno)}\n`);
}

/** inet_abc_len(): the netmask of the old address classes. */
function classLength(address: Ipv4): number {
  if (address === 0) return 0;
  const first = address >>> 24;
  if (first < 128) return 8;
  return first < 192 ? 16 : 24;
}

/** One interface that is being set up. */
class Setup {
  private readonly process: Process;
  private readonly name: string;
  private readonly isAlias: boolean;
  private status = 0;

  constructor(process: Process, name: string) {
    this.process = process;
    this.name = name;
    this.isAlias = name.includes(":");
  }

  private get link(): LinkInfo {
    const device = this.name.replace(/:.*/, "");
    return this.process.net.link.byName(device) ?? fail(1, `SIOCSIFFLAGS: No such device\n`);
  }

  private get address(): AddressInfo | undefined {
    const { index } = this.link;
    return this.process.net.address.list().find((a) => a.dev === index && a.label === this.name);
  }

  private change(call: string, change: LinkChange): void {
    check(call, this.process.net.link.change(this.link.index, change));
  }

  private lookup(word: string): Ipv4 {
    const known = inetAton(word) ?? lookupHosts(this.process.host, word)?.addresses[0];
    return known ?? fail(1, `${word}: Host name lookup failure\n${HELP}`);
  }

  /** Replaces the interface's address; 0.0.0.0 takes it away. */
  private setAddress(local: Ipv4, length: number, brd: Ipv4 | undefined): void {
    const { index } = this.link;
    const old = this.address;
    if (old !== undefined) this.process.net.address.delete(index, old.local, old.prefixLength);
    if (local === 0) return;
    const spec = { dev: index, local, prefixLength: length, label: this.name };
    const full = brd === undefined ? spec : { ...spec, broadcast: brd };
    check("SIOCSIFADDR", this.process.net.address.add(full));
  }

  private readAddress(word: string): void {
    const slash = word.indexOf("/");
    const local = this.lookup(slash < 0 ? word : word.slice(0, slash));
    const length = slash < 0 ? classLength(local) : Number(word.slice(slash + 1));
    const brd = length < 31 && this.link.kind !== "loopback" ? broadcast(local, length) : undefined;
    this.setAddress(local, length, brd);
    if (local !== 0) this.change("SIOCSIFFLAGS", { up: true });
  }

  private readNetmask(word: string): void {
    const old = this.address ?? fail(1, "SIOCSIFNETMASK: Cannot assign requested address\n");
    const length = Math.clz32(~this.lookup(word) >>> 0);
    const standard = old.broadcast === broadcast(old.local, old.prefixLength);
    this.setAddress(old.local, length, standard ? broadcast(old.local, length) : old.broadcast);
  }

  private readBroadcast(word: string): void {
    const old = this.address ?? fail(1, "SIOCSIFBRDADDR: Cannot assign requested address\n");
    this.setAddress(old.local, old.prefixLength, this.lookup(word));
  }

  private setUp(up: boolean): void {
    if (this.isAlias && !up) {
      const old = this.address ?? fail(1, "SIOCSIFFLAGS: Cannot assign requested address\n");
      this.process.net.address.delete(this.link.index, old.local, old.prefixLength);
    } else this.change("SIOCSIFFLAGS", { up });
  }

  private readHardware(words: Words): void {
    const kind = words.next() ?? fail(3, HELP);
    if (kind !== "ether") refuse(`ifconfig hw ${kind}`);
    const word = words.next() ?? fail(3, HELP);
    const mac = parseMac(word) ?? fail(3, `ifconfig: invalid hardware address\n${HELP}`);
    this.change("SIOCSIFHWADDR", { mac });
  }

  /** `add` and `del` are about IPv6. */
  private changeAddress6(verb: "add" | "del", word: string): void {
    const prefix = parsePrefix6(word);
    if (prefix === undefined) refuse(`ifconfig ${verb} of what is no IPv6 address`);
    const { address: local, length } = prefix;
    const { ipv6 } = this.process.net;
    const { index } = this.link;
    if (verb === "del") check("SIOCDIFADDR", ipv6.address.delete(index, local, length));
    else check("SIOCSIFADDR", ipv6.address.add({ dev: index, local, prefixLength: length }));
  }

  private readNumber(words: Words): number {
    return Number.parseInt(words.next() ?? fail(3, HELP), 10) || 0;
  }

  run(words: Words): number {
    for (let word = words.next(); word !== undefined; word = words.next()) this.readWord(word, words);
    return this.status;
  }

  private readWord(word: string, words: Words): void {
    if (word === "up" || word === "down") this.setUp(word === "up");
    else if (word === "arp" || word === "-arp") this.change("SIOCSIFFLAGS", { arp: word === "arp" });
    else if (word === "promisc" || word === "-promisc")
      this.change("SIOCSIFFLAGS", { promisc: word === "promisc" });
    else if (word === "multicast" || word === "-multicast")
      this.change("SIOCSIFFLAGS", { multicast: word === "multicast" });
    else if (word === "mtu") this.change("SIOCSIFMTU", { mtu: this.readNumber(words) });
    else if (word === "txqueuelen") this.change("SIOCSIFTXQLEN", { txQueueLength: this.readNumber(words) });
    else if (word === "netmask") this.readNetmask(words.next() ?? fail(3, HELP));
    else if (word === "broadcast") this.readBroadcast(words.next() ?? fail(3, HELP));
    else if (word === "hw") this.readHardware(words);
    else if (["pointopoint", "-broadcast", "tunnel", "metric", "allmulti", "-allmulti"].includes(word))
      refuse(`ifconfig ${word}`);
    else if (word === "add" || word === "del") this.changeAddress6(word, words.next() ?? fail(3, HELP));
    else if (word === "inet" || word === "inet6") return;
    else this.readAddress(word);
  }
}

function* list(process: Process, all: boolean, short: boolean, name: string | undefined): Task<number> {
  const every = interfaces(process);
  if (name !== undefined && !every.some((i) => i.name === name))
    fail(1, `${name}: error fetching interface information: Device not found\n`);
  const shown = every.filter((i) => (name === undefined ? all || i.link.up : i.name === name));
  yield* process.print(
    (short ? SHORT_TITLES : "") + shown.map((i) => (short ? shortForm(i) : longForm(i))).join(""),
  );
  return 0;
}

function* main(process: Process): Task<number> {
  const words = new Words(process.argv, 1);
  const given = new Set<string>();
  for (let word = words.peek(); word?.startsWith("-") === true; word = words.peek()) {
    words.next();
    if (word === "-V" || word === "--version") {
      yield* process.print("net-tools 2.10\n");
      return 0;
    }
    if (!["-a", "-s", "-v"].includes(word)) fail(1, `ifconfig: option \`${word}' not recognised.\n${HELP}`);
    given.add(word);
  }
  const name = words.next();
  if (name === undefined || words.left === 0)
    return yield* list(process, given.has("-a"), given.has("-s"), name);
  return new Setup(process, name).run(words);
}

export const ifconfig = program(main);
