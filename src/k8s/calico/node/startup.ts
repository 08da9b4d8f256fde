import { err, ok, type Result } from "../../../base/result.ts";
import { writeText } from "../../../container/files.ts";
import { isRecord } from "../../../formats/json.ts";
import { parseManifest } from "../../../formats/manifest.ts";
import { sleep, type Task } from "../../../sim/task.ts";
import { seconds } from "../../../sim/time.ts";
import type { Process } from "../../../userland/os/process.ts";
import { formatIpv4, formatPrefix, parsePrefix } from "../../../wire/address.ts";
import { ApiClient, type ApiStore, type Node } from "../../api/index.ts";
import {
  CalicoClient,
  DEFAULT_BLOCK_SIZE,
  type EncapMode,
  NODE_ANNOTATIONS,
  readNode,
} from "../api/index.ts";
import { NODENAME_FILE } from "../cni/config.ts";
import { CalicoLog } from "../log.ts";
import { CALICO_VERSION } from "../version.ts";
import { detectAddress } from "./detect.ts";

const POOL_NAME = "default-ipv4-ippool";
const DEFAULT_POOL = "192.168.0.0/16";
const GUID_ALPHABET = "0123456789abcdef";

const environment = (process: Process, key: string): string => process.env.get(key) ?? "";

function switched(process: Process, key: string, otherwise: boolean): boolean {
  const text = environment(process, key).toLowerCase();
  return text === "" ? otherwise : text === "true" || text === "1";
}

function encapMode(process: Process, key: string): Result<EncapMode, string> {
  const text = environment(process, key);
  switch (text.toLowerCase()) {
    case "":
    case "off":
    case "never":
      return ok("Never");
    case "crosssubnet":
    case "cross-subnet":
      return ok("CrossSubnet");
    case "always":
      return ok("Always");
    default:
      return err(`Unrecognized mode specified in ${key} '${text}'`);
  }
}

/** networking.podSubnet of the ConfigMap that kubeadm keeps. Models: extractKubeadmCIDRs. */
function kubeadmCidr(client: ApiClient): string | undefined {
  const text = client.get("ConfigMap", "kube-system", "kubeadm-config")?.data?.["ClusterConfiguration"];
  const tree = text === undefined ? undefined : parseManifest(text).documents[0]?.value;
  const networking = tree?.["networking"];
  const subnet = isRecord(networking) ? networking["podSubnet"] : undefined;
  return typeof subnet === "string" ? subnet.split(",")[0] : undefined;
}

/** What one start of calico-node works with. */
interface Startup {
  readonly process: Process;
  readonly log: CalicoLog;
  readonly api: ApiClient;
  readonly calico: CalicoClient;
  readonly node: string;
}

/** The default pool, when there is none. Models: configureIPPools. */
function* ensurePool({ process, log, api, calico }: Startup): Task<Result<void, string>> {
  if (switched(process, "NO_DEFAULT_POOLS", false)) {
    yield* log.info("startup/startup.go 1021", "Skipping IP pool configuration");
    return ok();
  }
  const given = environment(process, "CALICO_IPV4POOL_CIDR");
  if (given === "none") return ok();
  const found = given === "" ? kubeadmCidr(api) : undefined;
  if (found !== undefined)
    yield* log.info("startup/startup.go 1046", `found v4=${found} in the kubeadm config map`);
  const cidr = given !== "" ? given : (found ?? DEFAULT_POOL);
  const prefix = parsePrefix(cidr);
  if (prefix === undefined) return err(`Invalid CIDR specified in CALICO_IPV4POOL_CIDR '${cidr}'`);
  const size = Number(environment(process, "CALICO_IPV4POOL_BLOCK_SIZE") || DEFAULT_BLOCK_SIZE);
  if (!(size >= 20 && size <= 32) || size < prefix.length)
    return err(`Invalid blocksize ${size} for version 4: the size must be between 20 and 32`);
  const ipipMode = encapMode(process, "CALICO_IPV4POOL_IPIP");
  if (!ipipMode.ok) return ipipMode;
  const vxlanMode = encapMode(process, "CALICO_IPV4POOL_VXLAN");
  if (!vxlanMode.ok) return vxlanMode;
  if (calico.list("IPPool").length > 0) return ok();
  const natOutgoing = switched(process, "CALICO_IPV4POOL_NAT_OUTGOING", true);
  const disableBGPExport = switched(process, "CALICO_IPV4POOL_DISABLE_BGP_EXPORT", false);
  const modes = `IPIP mode: ${ipipMode.value}, VXLAN mode: ${vxlanMode.value}, DisableBGPExport: ${disableBGPExport}`;
  yield* log.info("startup/startup.go 1205", `Ensure default IPv4 pool is created. ${modes}`);
  const selector = environment(process, "CALICO_IPV4POOL_NODE_SELECTOR");
  const made = calico.create("IPPool", {
    metadata: { name: POOL_NAME },
    spec: {
      allowedUses: ["Workload", "Tunnel"],
      assignmentMode: "Automatic",
      blockSize: size,
      cidr: formatPrefix(prefix),
      ...(disableBGPExport && { disableBGPExport }),
      ipipMode: ipipMode.value,
      ...(natOutgoing && { natOutgoing }),
      nodeSelector: selector === "" ? "all()" : selector,
      vxlanMode: vxlanMode.value,
    },
  });
  if (made.ok)
    yield* log.info(
      "startup/startup.go 1222",
      `Created default IPv4 pool (${cidr}) with NAT outgoing ${natOutgoing}. ${modes}`,
    );
  return ok();
}

/** The objects that there is one of in a cluster. Models: EnsureInitialized and ensureDefaultConfig. */
function ensureDefaults({ process, calico }: Startup): void {
  const known = calico.get("ClusterInformation", "default");
  const clusterType = [...new Set(`${environment(process, "CLUSTER_TYPE")},kubeadm,kdd`.split(","))]
    .filter((word) => word !== "")
    .join(",");
  if (known === undefined) {
    const clusterGUID = process.host.random.text(32, GUID_ALPHABET);
    calico.create("ClusterInformation", {
      metadata: { name: "default" },
      spec: { calicoVersion: CALICO_VERSION, clusterGUID, clusterType, datastoreReady: true },
    });
  }
  if (calico.get("FelixConfiguration", "default") === undefined)
    calico.create("FelixConfiguration", {
      metadata: { name: "default" },
      spec: { logSeverityScreen: "Info" },
    });
  if (calico.get("Tier", "default") === undefined)
    calico.create("Tier", { metadata: { name: "default" }, spec: { order: 1_000_000 } });
}

/** Another node that says the same address. Models: checkConflictingNodes. */
function conflicting(api: ApiClient, own: string, address: string): string | undefined {
  return api
    .list("Node")
    .map(readNode)
    .find(({ name, ipv4 }) => name !== own && ipv4 !== undefined && formatIpv4(ipv4.address) === address)
    ?.name;
}

function annotateNode(api: ApiClient, node: string, annotations: Readonly<Record<string, string>>): void {
  api.updateStatus("Node", "", node, (current: Node) => ({
    ...current,
    metadata: { ...current.metadata, annotations: { ...current.metadata.annotations, ...annotations } },
  }));
}

/** The node's address, found or given, in the annotations of its Node. Models: configureAndCheckIPAddressSubnets. */
export function* configureAddress({ process, log, api, node }: Startup): Task<Result<void, string>> {
  if (environment(process, "CALICO_NETWORKING_BACKEND") === "none") return ok();
  const ip = environment(process, "IP");
  const method = environment(process, "IP_AUTODETECTION_METHOD");
  const found = api.get("Node", "", node);
  if (found === undefined) return err(`Unable to access node configuration: nodes "${node}" not found`);
  const internal = found.status?.addresses?.find(({ type }) => type === "InternalIP")?.address ?? "";
  const known = readNode(found).ipv4;
  let text = "";
  if (ip === "autodetect" || (ip === "" && known === undefined)) {
    const detected = detectAddress(process.net, method, internal);
    if (!detected.ok) {
      yield* log.warning(
        "startup/startup.go 746",
        `Unable to auto-detect an IPv4 address: ${detected.error}`,
      );
      return err(
        "Couldn't autodetect an IPv4 address. If auto-detecting, choose a different autodetection method. Otherwise provide an explicit address.",
      );
    }
    text = formatPrefix(detected.value.prefix);
    yield* log.info(
      "startup/startup.go 764",
      `Using autodetected IPv4 address on interface ${detected.value.device}: ${text}`,
    );
  } else {
    const given = ip === "" && known !== undefined ? formatPrefix(known) : ip;
    const prefix = parsePrefix(given.includes("/") ? given : `${given}/32`);
    if (prefix === undefined)
      return err(`Environment variable IP does not contain a valid IP address: ${ip}`);
    text = formatPrefix(prefix);
    yield* log.info("startup/startup.go 701", `Using IPv4 address from environment: IP=${ip}`);
  }
  const other = conflicting(api, node, text.split("/")[0] ?? "");
  if (other !== undefined && environment(process, "DISABLE_NODE_IP_CHECK") !== "true") {
    yield* log.warning(
      "startup/startup.go 1290",
      `Calico node '${other}' is already using the IPv4 address ${text.split("/")[0]}.`,
    );
    return err("Terminating");
  }
  if (readNode(found).ipv4 !== undefined && known !== undefined && formatPrefix(known) === text) {
    yield* log.info("startup/startup.go 773", "Node IPv4 unchanged, no need to check for conflicts");
    return ok();
  }
  yield* log.info("startup/startup.go 776", "Node IPv4 changed, will check for conflicts");
  const as = environment(process, "AS");
  annotateNode(api, node, {
    [NODE_ANNOTATIONS.ipv4Address]: text,
    ...(as !== "" && { [NODE_ANNOTATIONS.asNumber]: as }),
  });
  return ok();
}

export function startupOf(process: Process, store: ApiStore): Startup {
  const node = environment(process, "NODENAME") || environment(process, "HOSTNAME") || process.host.name;
  return {
    process,
    log: new CalicoLog(process),
    api: new ApiClient(store, `calico-node ${node}`),
    calico: new CalicoClient(store, `calico-node ${node}`),
    node,
  };
}

/** The node says who it is, and what the cluster needs is there. Models: node/pkg/lifecycle/startup Run. */
export function* startup(process: Process, store: ApiStore): Task<number> {
  const run = startupOf(process, store);
  const { log, calico, node } = run;
  yield* log.info("startup/startup.go 440", "Early log level set to info");
  yield* log.info("startup/utils.go 124", `Using NODENAME environment variable for node name ${node}`);
  yield* log.info("startup/utils.go 136", `Determined node name: ${node}`);
  yield* log.info("startup/startup.go 94", `Starting node ${node} with version ${CALICO_VERSION}`);
  yield* log.info("startup/startup.go 448", "Checking datastore connection");
  while (!calico.served("IPPool")) {
    yield* log.info("startup/startup.go 463", "Hit error connecting to datastore - retry");
    yield* sleep(seconds(1));
  }
  yield* log.info("startup/startup.go 472", "Datastore connection verified");
  yield* log.info("startup/startup.go 104", "Datastore is ready");
  const addressed = yield* configureAddress(run);
  if (!addressed.ok) return yield* terminate(run, addressed.error);
  const pooled = yield* ensurePool(run);
  if (!pooled.ok) return yield* terminate(run, pooled.error);
  ensureDefaults(run);
  writeText(process.host.fs, NODENAME_FILE, node, 0o644);
  yield* log.info("startup/startup.go 213", `Using node name: ${node}`);
  return 0;
}

function* terminate({ log }: Startup, why: string): Task<number> {
  yield* log.error("startup/startup.go 168", why);
  yield* log.warning("startup/utils.go 49", "Terminating");
  return 1;
}
