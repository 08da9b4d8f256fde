import type { HookName } from "../trace/record.ts";
import type { NetDevice } from "./device/device.ts";
import type { Netns } from "./netns.ts";
import type { Skb } from "./skb.ts";

/**
 * The five places of the IPv4 path where netfilter looks at a packet (include/uapi/linux/netfilter.h):
 *
 *   in ─ PREROUTING ─ route ─┬─ FORWARD ─────────── POSTROUTING ─ out
 *                            └─ INPUT ─ socket ─ route ─ OUTPUT ┘
 *
 * No tables are registered yet: a hook is passed and recorded, and always accepts. True: go on.
 */
export function nfHook(
  ns: Netns,
  hook: HookName,
  skb: Skb,
  inDev: NetDevice | null,
  outDev: NetDevice | null,
): boolean {
  const { trace } = ns.kernel;
  if (trace !== null)
    trace.hook(
      ns.id,
      false,
      hook,
      skb.id,
      inDev === null ? 0 : inDev.index,
      outDev === null ? 0 : outDev.index,
    );
  return true;
}
