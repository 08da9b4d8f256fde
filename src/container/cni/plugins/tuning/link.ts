import { err, ok, type Result } from "../../../../base/result.ts";
import type { LinkChange, LinkInfo, NetApi } from "../../../../kernel/uapi/index.ts";
import { parseMac } from "../../../../wire/address.ts";
import { goErrno } from "../../../errno.ts";

/** What tuning can set on a device; what is empty, 0 or absent is left alone. */
export interface Tuning {
  readonly mac: string;
  readonly promisc?: boolean;
  readonly mtu: number;
  readonly allmulti?: boolean;
  readonly txQLen?: number;
}

/** One after the other, in the plugin's order; the first error ends it. */
export function applyTuning(pod: NetApi, { index }: LinkInfo, n: Tuning): Result<void, string> {
  const mac = n.mac === "" ? undefined : parseMac(n.mac);
  if (n.mac !== "" && mac === undefined)
    return err(`invalid args ${n.mac} for MAC addr: address ${n.mac}: invalid MAC address`);
  const changes: LinkChange[] = [
    ...(mac === undefined ? [] : [{ mac }]),
    ...(n.promisc === undefined ? [] : [{ promisc: n.promisc }]),
    ...(n.mtu === 0 ? [] : [{ mtu: n.mtu }]),
    ...(n.allmulti === undefined ? [] : [{ allMulticast: n.allmulti }]),
    ...(n.txQLen === undefined ? [] : [{ txQueueLength: n.txQLen }]),
  ];
  for (const change of changes) {
    const done = pod.link.change(index, change);
    if (!done.ok) return err(goErrno(done.error));
  }
  return ok();
}
