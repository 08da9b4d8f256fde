import { type Task } from "../../../sim/task.ts";
import type { Process } from "../../../userland/os/process.ts";
import { formatIpv4, inPrefix, type Ipv4 } from "../../../wire/address.ts";
import { ApiClient, type ApiStore, type Node } from "../../api/index.ts";
import {
  NODE_ANNOTATIONS,
  type Pool,
  pools,
  readNode,
  selects,
  type TunnelKind,
  tunnelHandle,
} from "../api/index.ts";
import { Ipam } from "../ipam/ipam.ts";
import { CalicoLog } from "../log.ts";

const KINDS: readonly {
  readonly kind: TunnelKind;
  readonly annotation: string;
  readonly attribute: string;
  readonly mode: (pool: Pool) => string;
}[] = [
  {
    kind: "ipip",
    annotation: NODE_ANNOTATIONS.ipipTunnelAddr,
    attribute: "ipipTunnelAddress",
    mode: (pool) => pool.ipipMode,
  },
  {
    kind: "vxlan",
    annotation: NODE_ANNOTATIONS.vxlanTunnelAddr,
    attribute: "vxlanTunnelAddress",
    mode: (pool) => pool.vxlanMode,
  },
];

/** Sets an annotation of the Node, or takes it away. */
function annotate(api: ApiClient, name: string, key: string, value: string | undefined): void {
  api.updateStatus("Node", "", name, (current: Node) => {
    const { [key]: _, ...rest } = current.metadata.annotations ?? {};
    const annotations = value === undefined ? rest : { ...rest, [key]: value };
    return { ...current, metadata: { ...current.metadata, annotations } };
  });
}

/**
 * An address for each tunnel device that the pools ask for, from the node's own blocks, filed under a handle of its own.
 * Models: node/pkg/allocateip reconcileTunnelAddrs; WireGuard's is not modelled.
 */
export function* reconcileTunnelAddresses(process: Process, store: ApiStore, name: string): Task<boolean> {
  const log = new CalicoLog(process);
  const api = new ApiClient(store, `calico-node ${name}`);
  const ipam = new Ipam(store, `calico-node ${name}`);
  const found = api.get("Node", "", name);
  if (found === undefined) return false;
  const node = readNode(found);
  for (const { kind, annotation, attribute, mode } of KINDS) {
    const wanted = pools(ipam.client).filter(
      (pool) =>
        !pool.disabled &&
        mode(pool) !== "Never" &&
        pool.allowedUses.includes("Tunnel") &&
        selects(pool.nodeSelector, node.labels),
    );
    const current = kind === "ipip" ? node.ipipTunnelAddr : node.vxlanTunnelAddr;
    const handle = tunnelHandle(kind, name);
    if (wanted.length === 0) {
      if (current === undefined) continue;
      ipam.releaseByHandle(handle);
      annotate(api, name, annotation, undefined);
      continue;
    }
    if (current !== undefined && stillValid(ipam, handle, current, wanted)) continue;
    yield* log.info("tunnel-ip-allocator/allocateip.go 355", "Assign a new tunnel address", {
      type: attribute,
    });
    ipam.releaseByHandle(handle);
    const got = ipam.autoAssign({
      host: name,
      attributes: { handle_id: handle, secondary: { node: name, type: attribute } },
      use: "Tunnel",
      pools: wanted.map((pool) => pool.name),
    });
    if (!got.ok) {
      yield* log.error(
        "tunnel-ip-allocator/allocateip.go 471",
        `Unable to autoassign an address: ${got.error}`,
      );
      return false;
    }
    const address = formatIpv4(got.value.address);
    annotate(api, name, annotation, address);
    yield* log.info("tunnel-ip-allocator/allocateip.go 497", "Assigned tunnel address to node", {
      IP: address,
      type: attribute,
    });
  }
  return true;
}

function stillValid(ipam: Ipam, handle: string, address: Ipv4, wanted: readonly Pool[]): boolean {
  const inPool = wanted.some(({ prefix }) => inPrefix(address, prefix.address, prefix.length));
  return inPool && ipam.ipsByHandle(handle).includes(address);
}
