import { err, ok, type Result } from "../../../base/result.ts";
import { goErrno } from "../../../container/errno.ts";
import type { LinkInfo, NetApi } from "../../../kernel/uapi/index.ts";
import type { Task } from "../../../sim/task.ts";
import { formatPrefix, type Ipv4, type Ipv4Prefix, inPrefix } from "../../../wire/address.ts";
import type { Klog } from "../klog.ts";

/**
 * The tunnel's one address inside the flannel network, a /32 so that no broadcast routes come with it. It is the source
 * of what the node itself sends to pods elsewhere. Models: flannel pkg/ip EnsureV4AddressOnLink.
 */
export function* ensureLinkAddress(
  net: NetApi,
  log: Klog,
  { name, index }: LinkInfo,
  address: Ipv4,
  network: Ipv4Prefix | undefined,
): Task<Result<void, string>> {
  let has = false;
  for (const a of net.address.list().filter((x) => x.dev === index)) {
    if (a.local === address && a.prefixLength === 32) {
      has = true;
    } else if (network !== undefined && inPrefix(a.local, network.address, network.length)) {
      const shown = formatPrefix({ address: a.local, length: a.prefixLength });
      const gone = net.address.delete(index, a.local, a.prefixLength);
      if (!gone.ok) return err(`failed to remove IP address ${shown} from ${name}: ${goErrno(gone.error)}`);
      yield* log.info("iface.go:263", `removed IP address ${shown} from ${name}`);
    }
  }
  const added = has ? ok() : net.address.add({ dev: index, local: address, prefixLength: 32 });
  if (added.ok) return ok();
  const text = formatPrefix({ address, length: 32 });
  return err(`failed to add IP address ${text} to ${name}: ${goErrno(added.error)}`);
}
