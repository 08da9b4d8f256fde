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
  /** "primary": the address that the node is known by. */
  readonly nodePortAddresses: readonly Range[] | "primary";
  readonly ipvs: {
    readonly scheduler: string;
    readonly strictArp: boolean;
    /** Seconds; 0 leaves the kernel's. */
    readonly tcpTimeout: number;
    readonly tcpFinTimeout: number;
    readonly udpTimeout: number;
  };
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
  const mode = textAt(config, "mode") || "iptables";
  const nodePortAddresses = readNodePortAddresses(at(config, "nodePortAddresses"), mode);
  if (nodePortAddresses === undefined)
    return err("nodePortAddresses: Invalid value: must be a valid CIDR block");
  return ok({
    mode,
    clusterCidr: v4,
    detectLocalMode: textAt(config, "detectLocalMode") || "ClusterCIDR",
    detectBridge: textAt(config, "detectLocal", "bridgeInterface"),
    detectPrefix: textAt(config, "detectLocal", "interfaceNamePrefix"),
    masqueradeAll: ["iptables", "ipvs", "nftables", "linux"].some(
      (of) => at(config, of, "masqueradeAll") === true,
    ),
    localhostNodePorts: at(config, "iptables", "localhostNodePorts") !== false,
    nodePortAddresses,
    ipvs: {
      scheduler: textAt(config, "ipvs", "scheduler"),
      strictArp: at(config, "ipvs", "strictARP") === true,
      tcpTimeout: durationAt(config, "ipvs", "tcpTimeout"),
      tcpFinTimeout: durationAt(config, "ipvs", "tcpFinTimeout"),
      udpTimeout: durationAt(config, "ipvs", "udpTimeout"),
    },
  });
}

/** Whole seconds of a Go duration such as `15m0s`. */
function durationAt(config: JsonRecord, ...path: readonly string[]): number {
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };
  const parts = textAt(config, ...path).matchAll(/([\d.]+)(ms|[hms])/g);
  return Math.round([...parts].reduce((sum, [, n, unit]) => sum + Number(n) * (units[unit ?? ""] ?? 0), 0));
}

/** Absent: all addresses; in nftables mode the node's primary one. */
function readNodePortAddresses(value: unknown, mode: string): readonly Range[] | "primary" | undefined {
  const texts = (Array.isArray(value) ? value : []).map((item) => jsonText(item));
  if (texts.length === 0) return mode === "nftables" ? "primary" : [];
  if (texts.length === 1 && texts[0] === "primary") return "primary";
  const ranges = texts.map((text) => parsePrefix(text));
  if (ranges.some((range) => range === undefined)) return undefined;
  return ranges.filter((range) => range !== undefined);
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
