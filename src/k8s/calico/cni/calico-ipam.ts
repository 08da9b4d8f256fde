import { err, ok, type Result } from "../../../base/result.ts";
import type { CniArgs, CniPlugin } from "../../../container/cni/plugin.ts";
import type { CniResult } from "../../../container/cni/result.ts";
import type { Task } from "../../../sim/task.ts";
import type { Host } from "../../../userland/os/host.ts";
import { parseIpv4 } from "../../../wire/address.ts";
import { ApiClient, type ApiStore } from "../../api/index.ts";
import { podHandle } from "../api/index.ts";
import { Ipam } from "../ipam/ipam.ts";
import { argument, loadConf, type NetConf, nodeName } from "./config.ts";

/** Go's time.Time.String of a moment in UTC. */
function goTime(stamp: string): string {
  return `${stamp.replace("T", " ").replace(/Z$/, "")} +0000 UTC`;
}

function assign(args: CniArgs, conf: NetConf, host: Host, store: ApiStore): Result<CniResult, string> {
  const node = nodeName(conf, host);
  const ipam = new Ipam(store, `calico-ipam ${node}`);
  const pod = argument(args, "K8S_POD_NAME");
  const namespace = argument(args, "K8S_POD_NAMESPACE");
  if (conf.ipam.assign_ipv6 === true || conf.ipam.assign_ipv6 === "true")
    return err("flannelgraph: calico-ipam's assign_ipv6 is not modelled yet");
  const attributes = {
    handle_id: podHandle(conf.name, args.containerId),
    secondary: {
      node,
      timestamp: goTime(store.timestamp()),
      ...(pod !== "" && { pod, namespace }),
    },
  };
  const asked = argument(args, "IP");
  const wanted = parseIpv4(asked);
  if (asked !== "" && wanted === undefined) return err(`invalid IP address: ${asked}`);
  const space = new ApiClient(store, "calico-ipam").get("Namespace", "", namespace);
  if (namespace !== "" && space === undefined)
    return err(`failed to get namespace ${namespace}: namespaces "${namespace}" not found`);
  const got =
    wanted !== undefined
      ? ipam.assignIp(node, wanted, attributes)
      : ipam.autoAssign({
          host: node,
          attributes,
          use: "Workload",
          pools: conf.ipam.ipv4_pools,
          namespaceLabels: space?.metadata.labels ?? {},
        });
  if (!got.ok) return got;
  return ok({ interfaces: [], ips: [{ address: got.value }], routes: [], dns: {} });
}

/**
 * Addresses from the blocks that the node holds in the cluster's pools.
 *
 * Models: cni-plugin/pkg/ipamplugin v3.31.0; IPv4.
 */
export function calicoIpam(store: ApiStore): CniPlugin {
  return {
    type: "calico-ipam",
    kind: "ipam",

    *add(args, context): Task<Result<CniResult, string>> {
      const conf = loadConf(args);
      return conf.ok ? assign(args, conf.value, context.host, store) : conf;
    },

    *del(args, context): Task<Result<void, string>> {
      const conf = loadConf(args);
      if (!conf.ok) return conf;
      const ipam = new Ipam(store, `calico-ipam ${nodeName(conf.value, context.host)}`);
      ipam.releaseByHandle(podHandle(conf.value.name, args.containerId));
      return ok();
    },

    *check(): Task<Result<void, string>> {
      return ok();
    },
  };
}
