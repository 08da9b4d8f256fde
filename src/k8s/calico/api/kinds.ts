import * as v from "valibot";
import { type Described, flag, int, list, map, may, text } from "../../api/schema.ts";
import { globalNetworkPolicySpec, networkPolicySpec, networkSetSpec, tierSpec } from "./policy-kinds.ts";

/** A structure of Calico's: what is read here; other fields are kept as they are. */
const spec = <const E extends v.ObjectEntries>(entries: E) => v.looseObject(entries);

/** A number that manifests may also give as text: AS numbers, ports. */
export const numberOrText = v.union([v.number(), text]);

const encapMode = v.picklist(["Always", "CrossSubnet", "Never"]);

const ipPoolSpec = spec({
  cidr: text,
  ipipMode: may(encapMode),
  vxlanMode: may(encapMode),
  natOutgoing: may(flag),
  disabled: may(flag),
  disableBGPExport: may(flag),
  blockSize: may(int),
  nodeSelector: may(text),
  namespaceSelector: may(text),
  allowedUses: may(list(text)),
  assignmentMode: may(v.picklist(["Automatic", "Manual"])),
});

/** A block that a node has claimed, or wants to. `deleted` is text in the stored form. */
const blockAffinitySpec = spec({ cidr: text, node: text, state: text, type: may(text), deleted: text });

/** One block: `allocations[i]` is the index of the i-th address's entry in `attributes`, null when it is free. */
const ipamBlockSpec = spec({
  cidr: text,
  affinity: may(v.nullable(text)),
  allocations: list(v.nullable(int)),
  attributes: list(
    v.looseObject({
      handle_id: may(v.nullable(text)),
      secondary: may(v.nullable(map(text))),
    }),
  ),
  unallocated: list(int),
  strictAffinity: flag,
  sequenceNumber: may(int),
  sequenceNumberForAllocation: may(map(int)),
  deleted: may(flag),
});

/** How many addresses of which block a handle holds. */
const ipamHandleSpec = spec({ handleID: text, block: map(int), deleted: may(flag) });

const ipamConfigSpec = spec({
  strictAffinity: flag,
  autoAllocateBlocks: flag,
  maxBlocksPerHost: may(int),
});

const cidrs = may(list(v.looseObject({ cidr: may(text) })));

const bgpConfigurationSpec = spec({
  logSeverityScreen: may(text),
  nodeToNodeMeshEnabled: may(flag),
  asNumber: may(numberOrText),
  serviceClusterIPs: cidrs,
  serviceExternalIPs: cidrs,
  serviceLoadBalancerIPs: cidrs,
  listenPort: may(int),
  bindMode: may(text),
  ignoredInterfaces: may(list(text)),
});

const bgpPeerSpec = spec({
  node: may(text),
  nodeSelector: may(text),
  peerIP: may(text),
  asNumber: may(numberOrText),
  peerSelector: may(text),
  keepOriginalNextHop: may(flag),
  nextHopMode: may(v.picklist(["Auto", "Self", "Keep"])),
  sourceAddress: may(v.picklist(["UseNodeIP", "None"])),
});

const felixConfigurationSpec = spec({
  ipipEnabled: may(flag),
  ipipMTU: may(int),
  vxlanEnabled: may(flag),
  vxlanMTU: may(int),
  vxlanPort: may(int),
  vxlanVNI: may(int),
  interfacePrefix: may(text),
  interfaceExclude: may(text),
  chainInsertMode: may(text),
  defaultEndpointToHostAction: may(text),
  iptablesFilterAllowAction: may(text),
  iptablesFilterDenyAction: may(text),
  iptablesMangleAllowAction: may(text),
  iptablesMarkMask: may(int),
  iptablesRefreshInterval: may(text),
  iptablesNATOutgoingInterfaceFilter: may(text),
  natOutgoingAddress: may(text),
  natOutgoingExclusions: may(text),
  natPortRange: may(numberOrText),
  allowVXLANPacketsFromWorkloads: may(flag),
  allowIPIPPacketsFromWorkloads: may(flag),
  disableConntrackInvalidCheck: may(flag),
  deviceRouteProtocol: may(int),
  deviceRouteSourceAddress: may(text),
  removeExternalRoutes: may(flag),
  routeRefreshInterval: may(text),
  ipForwarding: may(text),
  floatingIPs: may(text),
  serviceLoopPrevention: may(text),
  bpfEnabled: may(flag),
  nftablesMode: may(text),
  wireguardEnabled: may(flag),
  logSeverityScreen: may(text),
  healthEnabled: may(flag),
  healthPort: may(int),
  externalNodesList: may(list(text)),
});

const clusterInformationSpec = spec({
  clusterGUID: may(text),
  clusterType: may(text),
  calicoVersion: may(text),
  datastoreReady: may(flag),
});

const hostEndpointSpec = spec({
  node: may(text),
  interfaceName: may(text),
  expectedIPs: may(list(text)),
  profiles: may(list(text)),
  ports: may(list(v.looseObject({ name: text, protocol: numberOrText, port: int }))),
});

const ipReservationSpec = spec({ reservedCIDRs: may(list(text)) });
const kubeControllersConfigurationSpec = spec({ etcdV3CompactionPeriod: may(text) });

/** The kinds of group crd.projectcalico.org/v1 that the components read, by the form that the API server stores. */
export const CALICO_SPECS = {
  IPPool: ipPoolSpec,
  BlockAffinity: blockAffinitySpec,
  IPAMBlock: ipamBlockSpec,
  IPAMHandle: ipamHandleSpec,
  IPAMConfig: ipamConfigSpec,
  IPReservation: ipReservationSpec,
  BGPConfiguration: bgpConfigurationSpec,
  BGPPeer: bgpPeerSpec,
  FelixConfiguration: felixConfigurationSpec,
  ClusterInformation: clusterInformationSpec,
  KubeControllersConfiguration: kubeControllersConfigurationSpec,
  HostEndpoint: hostEndpointSpec,
  NetworkPolicy: networkPolicySpec,
  GlobalNetworkPolicy: globalNetworkPolicySpec,
  NetworkSet: networkSetSpec,
  GlobalNetworkSet: networkSetSpec,
  Tier: tierSpec,
} satisfies Readonly<Record<string, v.GenericSchema>>;

export type CalicoKind = keyof typeof CALICO_SPECS;
export type SpecOf<K extends CalicoKind> = Described<(typeof CALICO_SPECS)[K]>;

export type IpPoolSpec = SpecOf<"IPPool">;
export type IpamBlockSpec = SpecOf<"IPAMBlock">;
export type BgpPeerSpec = SpecOf<"BGPPeer">;
export type BgpConfigurationSpec = SpecOf<"BGPConfiguration">;
export type FelixConfigurationSpec = SpecOf<"FelixConfiguration">;
