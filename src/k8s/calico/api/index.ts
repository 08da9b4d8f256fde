/** Calico's kinds and names: what its components share. */
export {
  CALICO_API_VERSION,
  CALICO_GROUP,
  CalicoClient,
  type CalicoDraft,
  type CalicoObject,
  readObject,
  resourceId,
} from "./client.ts";
export type {
  BgpConfigurationSpec,
  BgpPeerSpec,
  CalicoKind,
  FelixConfigurationSpec,
  IpamBlockSpec,
  IpPoolSpec,
  SpecOf,
} from "./kinds.ts";
export type { EntityRule, PolicyRule, PolicySpec } from "./policy-kinds.ts";
export {
  affinityName,
  cidrToName,
  POD_GATEWAY,
  podHandle,
  type TunnelKind,
  tunnelHandle,
  VETH_MAC,
  vethName,
  vtepMac,
} from "./names.ts";
export { type CalicoNode, NODE_ANNOTATIONS, readNode } from "./node.ts";
export { type CalicoSelector, parseSelector, selects } from "./selector.ts";
export { DEFAULT_BLOCK_SIZE, type EncapMode, type Pool, poolOf, pools, readPool } from "./pools.ts";
