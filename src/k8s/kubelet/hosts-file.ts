import type { PodSpec } from "../api/index.ts";

const HEADER = "# Kubernetes-managed hosts file.\n";
const HOST_NETWORK_HEADER = "# Kubernetes-managed hosts file (host network).\n";

const LOOPBACK =
  "127.0.0.1\tlocalhost\n" +
  "::1\tlocalhost ip6-localhost ip6-loopback\n" +
  "fe00::0\tip6-localnet\n" +
  "fe00::0\tip6-mcastprefix\n" +
  "fe00::1\tip6-allnodes\n" +
  "fe00::2\tip6-allrouters\n";

function aliases(spec: PodSpec): string {
  const lines = (spec.hostAliases ?? []).map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join("\t")}\n`);
  return lines.length === 0 ? "" : `\n# Entries added by HostAliases.\n${lines.join("")}`;
}

/** /etc/hosts of a pod. Models: kubelet managedHostsFileContent. */
export function podHostsFile(
  spec: PodSpec,
  podIp: string,
  hostName: string,
  namespace: string,
  domain: string,
): string {
  const { subdomain = "" } = spec;
  const names =
    subdomain === "" ? hostName : `${hostName}.${subdomain}.${namespace}.svc.${domain}\t${hostName}`;
  return `${HEADER}${LOOPBACK}${podIp}\t${names}\n${aliases(spec)}`;
}

/** /etc/hosts of a pod in the node's network: the node's own. Models: nodeHostsFileContent. */
export function nodeHostsFile(spec: PodSpec, nodeFile: string): string {
  return `${HOST_NETWORK_HEADER}${nodeFile}${aliases(spec)}`;
}
