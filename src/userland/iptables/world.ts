import { type Address, formatAddress, isV4 } from "../../formats/iptables/address.ts";
import { type IptablesCommand, parseCommand, type ParseOptions } from "../../formats/iptables/command.ts";
import type { Problem } from "../../formats/iptables/failure.ts";
import type { Result } from "../../base/result.ts";
import type { XtFamily } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import type { Ipv4 } from "../../wire/address.ts";
import type { Process } from "../os/process.ts";
import { resolveAddress, resolveHost } from "../resolver/resolver.ts";

/** What the parser asks about the host it runs on: names and sets. */
export class HostNames {
  private readonly process: Process;
  private readonly known = new Map<string, readonly Address[]>();
  private readonly asked = new Set<string>();

  constructor(process: Process) {
    this.process = process;
  }

  resolve(name: string): readonly Address[] | undefined {
    this.asked.add(name);
    return this.known.get(name);
  }

  setFamily(name: string): XtFamily | "any" | undefined {
    const set = this.process.net.ipset.get(name);
    if (set === undefined) return undefined;
    if (set.type === "list:set" || set.type === "bitmap:port") return "any";
    return set.family === "inet" ? "ip" : "ip6";
  }

  /**
   * Reads a command line. The parser does not wait; names that it did not find are looked up and it reads once more.
   */
  *parse(words: readonly string[], options: ParseOptions): Task<Result<IptablesCommand, Problem>> {
    for (;;) {
      const parsed = parseCommand(words, { ...options, world: this });
      const open = [...this.asked].filter((name) => !this.known.has(name));
      if (parsed.ok || options.family !== "ip" || open.length === 0) return parsed;
      let found = false;
      for (const name of open) {
        const addresses = yield* resolveHost(this.process, name, "inet");
        if (addresses.ok) this.known.set(name, addresses.value.addresses);
        else this.asked.delete(name);
        found ||= addresses.ok;
      }
      if (!found) return parsed;
    }
  }
}

/** networks(5) of Debian: names of networks that no host name hides. */
const NETWORK_NAMES: Readonly<Record<string, string>> = {
  "0.0.0.0": "default",
  "127.0.0.0": "loopback",
  "169.254.0.0": "link-local",
};

/** The names of addresses for a listing that is not numeric. Models: libxtables xtables_ipaddr_to_anyname. */
export function* namesOf(
  process: Process,
  addresses: Iterable<Address>,
): Task<(address: Address) => string | undefined> {
  const names = new Map<string, string>();
  for (const address of addresses) {
    const text = formatAddress(address);
    if (names.has(text) || !isV4(address)) continue;
    const v4: Ipv4 = address;
    const name = (yield* resolveAddress(process, v4)) ?? NETWORK_NAMES[text];
    if (name !== undefined) names.set(text, name);
  }
  return (address) => names.get(formatAddress(address));
}
