import { err, ok, type Result } from "../../../../base/result.ts";
import type { LinkInfo, NetApi } from "../../../../kernel/uapi/index.ts";
import type { Task } from "../../../../sim/task.ts";
import { formatMac } from "../../../../wire/address.ts";
import { goErrno } from "../../../errno.ts";
import type { CniArgs, CniPlugin, PluginContext } from "../../plugin.ts";
import { type CniResult, parseResult } from "../../result.ts";

function findLoopback(args: CniArgs, context: PluginContext): Result<{ net: NetApi; lo: LinkInfo }, string> {
  const net = context.openNetns(args.netns);
  if (!net.ok) return net;
  const lo = net.value.link.byName("lo");
  return lo === undefined ? err("Link not found") : ok({ net: net.value, lo });
}

/**
 * Sets lo up in the pod and reports its addresses.
 *
 * Models: containernetworking/plugins plugins/main/loopback.
 */
export const loopback: CniPlugin = {
  type: "loopback",
  kind: "main",

  *add(args, context): Task<Result<CniResult, string>> {
    const found = findLoopback(args, context);
    if (!found.ok) return found;
    const { net, lo } = found.value;
    const up = net.link.change(lo.index, { up: true });
    if (!up.ok) return err(goErrno(up.error));
    const previous = args.config["prevResult"];
    if (previous !== undefined) return parseResult(previous);
    const first = net.address.list().find((a) => a.dev === lo.index);
    return ok({
      interfaces: [{ name: "lo", mac: formatMac(lo.mac), sandbox: args.netns }],
      ips:
        first === undefined
          ? []
          : [{ address: { address: first.local, length: first.prefixLength }, interface: 0 }],
      routes: [],
      dns: {},
    });
  },

  *del(args, context): Task<Result<void, string>> {
    if (args.netns === "") return ok();
    const found = findLoopback(args, context);
    if (!found.ok) return ok();
    const down = found.value.net.link.change(found.value.lo.index, { up: false });
    return down.ok ? ok() : err(goErrno(down.error));
  },

  *check(args, context): Task<Result<void, string>> {
    const found = findLoopback(args, context);
    if (!found.ok) return found;
    return found.value.lo.up ? ok() : err("loopback interface is down");
  },
};
