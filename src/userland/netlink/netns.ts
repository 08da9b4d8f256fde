import type { NetnsId } from "../../kernel/uapi/index.ts";
import { fail } from "../args/exit.ts";
import type { Host } from "../os/host.ts";

/** netns_switch() of iproute2: the namespace of a name under /run/netns. */
export function openNetns(host: Host, name: string): NetnsId {
  return (
    host.netnsNames.get(name) ??
    fail(255, `Cannot open network namespace "${name}": No such file or directory\n`)
  );
}
