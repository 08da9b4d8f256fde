import type { Task } from "../../sim/task.ts";
import { formatIpv4, IPV4_LOOPBACK } from "../../wire/address.ts";
import { fail } from "../args/exit.ts";
import type { Process } from "../os/process.ts";
import { resolverConfig } from "../resolver/files.ts";
import { resolveHost } from "../resolver/resolver.ts";
import type { NameServer } from "./names.ts";

/** The servers to ask: the one that was named, or those of /etc/resolv.conf, or the one of this host. */
export function* serversOf(
  process: Process,
  program: string,
  named: string | undefined,
): Task<readonly NameServer[]> {
  if (named === undefined) {
    const { servers } = resolverConfig(process.host);
    const known = servers.length === 0 ? [IPV4_LOOPBACK] : servers;
    return known.map((address) => ({ address, name: formatIpv4(address) }));
  }
  const found = yield* resolveHost(process, named);
  if (!found.ok) fail(1, `${program}: couldn't get address for '${named}': failure\n`);
  return found.value.addresses.slice(0, 1).map((address) => ({ address, name: named }));
}
