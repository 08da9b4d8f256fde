import { err, ok, type Result } from "../../base/result.ts";
import { isRecord, type JsonRecord, jsonText } from "../../formats/json.ts";
import { parseManifest } from "../../formats/manifest.ts";
import { parsePrefix } from "../../wire/address.ts";
import type { LocalDetector } from "./local-detector.ts";
import type { Range } from "./service-port.ts";

/** KubeProxyConfiguration (kubeproxy.config.k8s.io/v1alpha1), as far as the model knows it. */
export interface KubeProxyConfig {
  readonly mode: string;
  readonly clusterCidr: Range | undefined;
  readonly detectLocalMode: string;
  readonly detectBridge: string;
  readonly detectPrefix: string;
  readonly masqueradeAll: boolean;
  readonly localhostNodePorts: boolean;
  readonly nodePortAddresses: readonly Range[];
  /** IPVS. */
  readonly scheduler: string;
  readonly strictArp: boolean;
}

function at(config: JsonRecord, ...path: readonly string[]): unknown {
  let value: unknown = config;
  for (const key of path) value = isRecord(value) ? value[key] : undefined;
  return value;
}

function textAt(config: JsonRecord, ...path: readonly string[]): string {
  const value = at(config, ...path);
  return value === undefined || value === null ? "" : jsonText(value);
}

/** Reads the file that --config names. The error tells what is wrong in it. */
export function readConfig(text: string): Result<KubeProxyConfig, string> {
  const { documents, error } = parseManifest(text);
  if (error !== undefined) return err(error.kubectl);
  const config = documents[0]?.value ?? {};
  if (config["kind"] !== "KubeProxyConfiguration")
    return err(`no kind "KubeProxyConfiguration" is registered`);
  const cidrs = textAt(config, "clusterCIDR").split(",");
  const v4 = cidrs.map((cidr) => parsePrefix(cidr.trim())).find((range) => range !== undefined);
  const addresses = at(config, "nodePortAddresses");
  const ranges = (Array.isArray(addresses) ? addresses : []).map((item) => parsePrefix(jsonText(item)));
  if (ranges.some((range) => range === undefined))
    return err("nodePortAddresses: Invalid value: must be a valid CIDR block");
  return ok({
    mode: textAt(config, "mode") || "iptables",
    clusterCidr: v4,
    detectLocalMode: textAt(config, "detectLocalMode") || "ClusterCIDR",
    detectBridge: textAt(config, "detectLocal", "bridgeInterface"),
    detectPrefix: textAt(config, "detectLocal", "interfaceNamePrefix"),
    masqueradeAll: at(config, "iptables", "masqueradeAll") === true,
    localhostNodePorts: at(config, "iptables", "localhostNodePorts") !== false,
    nodePortAddresses: ranges.filter((range) => range !== undefined),
    scheduler: textAt(config, "ipvs", "scheduler") || "rr",
    strictArp: at(config, "ipvs", "strictARP") === true,
  });
}

/** Models: getLocalDetector. */
export function detectorOf(config: KubeProxyConfig, podCidr: string | undefined): LocalDetector | undefined {
  switch (config.detectLocalMode) {
    case "NodeCIDR": {
      const range = podCidr === undefined ? undefined : parsePrefix(podCidr);
      return range === undefined ? undefined : { kind: "cidr", range };
    }
    case "BridgeInterface":
      return { kind: "bridge", device: config.detectBridge };
    case "InterfaceNamePrefix":
      return { kind: "prefix", device: config.detectPrefix };
    default:
      return config.clusterCidr === undefined ? undefined : { kind: "cidr", range: config.clusterCidr };
  }
}
