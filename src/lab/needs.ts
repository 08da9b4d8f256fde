import { LATE_TYPES } from "../container/cni/plugins/late.ts";
import { EXTRA_REPOSITORIES } from "../k8s/extras.ts";
import type { Scenario } from "../scenario/schema.ts";

/** A cluster of more nodes than this sleeps where nothing happens. */
export const WAKEFUL = 50;

/** As a manifest may write them: `docker.io/library/nginx` is often plain `nginx`. */
const IMAGES = EXTRA_REPOSITORIES.map((repository) => repository.replace(/^docker\.io\/(library\/)?/, ""));
const PLUGIN = new RegExp(`"type"\\s*:\\s*"(${LATE_TYPES.join("|")})"`);
const OTHER_BACKEND = /"Type"\s*:\s*"(?!vxlan")/;
/** Probes that speak more than HTTP, and hooks. */
const PROBED = /\b(grpc|lifecycle):|\bscheme: *["']?HTTPS/;
const BY_NFTABLES = /"EnableNFTables"\s*:\s*true/;
const OTHER_PROXY = /\b(kubeProxyMode|mode)\s*:\s*["']?(?!iptables)\w/;

/**
 * Whether the world needs code before anybody types a command: a script, containers with commands of their own, or what
 * only some clusters run. What the containers of flannel's vxlan run comes with their images. When in doubt, yes.
 */
export function needsUserland(scenario: Scenario): boolean {
  const { script, setup, cluster, manifests, underlay, machines } = scenario;
  if ([script, setup, underlay, machines].some((part) => part !== undefined)) return true;
  if (cluster?.includes("extraPortMappings") === true) return true;
  // Large ones sleep, and that is code of its own.
  if ((cluster?.match(/\brole\b|\*\w/g)?.length ?? 0) > WAKEFUL) return true;
  if (cluster !== undefined && (OTHER_PROXY.test(cluster) || !/disableDefaultCNI: *true/.test(cluster)))
    return true;
  return manifests.some(({ yaml }) => needed(yaml));
}

function needed(yaml: string): boolean {
  if (/\b(command|exec):/.test(yaml) && !yaml.includes("kube-flannel-ds")) return true;
  if ([PLUGIN, OTHER_BACKEND, BY_NFTABLES, PROBED].some((sign) => sign.test(yaml))) return true;
  return IMAGES.some((image) => yaml.includes(image));
}
