/** Fields that an author of manifests meets, as a tree: `name(children)`; a star at the end is a list. */
const POD_SPEC =
  "containers*(name image command* args* env*(name value) ports*(name containerPort hostPort protocol) readinessProbe(httpGet(path port) tcpSocket(port) exec(command*) initialDelaySeconds periodSeconds) livenessProbe(httpGet(path port) tcpSocket(port) initialDelaySeconds periodSeconds) securityContext(privileged capabilities(add* drop*)) volumeMounts*(name mountPath readOnly)) initContainers*(name image command* args*) nodeName nodeSelector hostNetwork hostname subdomain dnsPolicy dnsConfig(nameservers* searches* options*(name value)) restartPolicy serviceAccountName terminationGracePeriodSeconds tolerations*(key operator value effect) volumes*(name emptyDir configMap(name) hostPath(path type)) shareProcessNamespace";
const META = "metadata(name namespace labels annotations)";
const SELECTOR = "selector(matchLabels matchExpressions*(key operator values*))";
const TEMPLATE = `template(metadata(labels annotations) spec(${POD_SPEC}))`;
const PEER =
  "podSelector(matchLabels matchExpressions*(key operator values*)) namespaceSelector(matchLabels matchExpressions*(key operator values*)) ipBlock(cidr except*)";
const POLICY_PORTS = "ports*(protocol port endPort)";

const TREES: Readonly<Record<string, string>> = {
  Pod: `spec(${POD_SPEC})`,
  Deployment: `spec(replicas ${SELECTOR} strategy(type rollingUpdate(maxSurge maxUnavailable)) ${TEMPLATE})`,
  StatefulSet: `spec(replicas serviceName ${SELECTOR} ${TEMPLATE})`,
  DaemonSet: `spec(${SELECTOR} ${TEMPLATE})`,
  ReplicationController: `spec(replicas selector ${TEMPLATE})`,
  Service:
    "spec(type clusterIP selector ports*(name protocol port targetPort nodePort) externalName externalIPs* externalTrafficPolicy internalTrafficPolicy sessionAffinity publishNotReadyAddresses healthCheckNodePort)",
  Ingress:
    "spec(ingressClassName defaultBackend(service(name port(number name))) tls*(hosts* secretName) rules*(host http(paths*(path pathType backend(service(name port(number name)))))))",
  NetworkPolicy: `spec(podSelector(matchLabels matchExpressions*(key operator values*)) policyTypes* ingress*(from*(${PEER}) ${POLICY_PORTS}) egress*(to*(${PEER}) ${POLICY_PORTS}))`,
  EndpointSlice: "addressType endpoints*(addresses* conditions(ready)) ports*(name port protocol)",
  ConfigMap: "data",
  Machine:
    "spec(name role interfaces*(name on addresses* latencyMs lossPercent mtu) routes*(to via) forwards masquerade* nameserver docker(version bip ipMasq mtu starts) servers*(protocol port says) balances*(port to*(address port)) names script)",
  Underlay:
    "spec(switches*(name) cables*(name latencyMs lossPercent mtu) nodes*(name on address gateway routes*(to via) nameserver latencyMs lossPercent mtu) cloudRouter)",
  Cluster:
    "name networking(podSubnet serviceSubnet disableDefaultCNI kubeProxyMode ipFamily) nodes*(role labels extraPortMappings*(containerPort hostPort listenAddress protocol) kubeadmConfigPatches*) kubeadmConfigPatches*",
};

/** Values that are chosen from a few. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  type: ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"],
  protocol: ["TCP", "UDP", "SCTP"],
  role: ["control-plane", "worker"],
  kubeProxyMode: ["iptables", "nftables", "ipvs", "none"],
  externalTrafficPolicy: ["Cluster", "Local"],
  internalTrafficPolicy: ["Cluster", "Local"],
  sessionAffinity: ["None", "ClientIP"],
  pathType: ["Prefix", "Exact", "ImplementationSpecific"],
  restartPolicy: ["Always", "OnFailure", "Never"],
  dnsPolicy: ["ClusterFirst", "Default", "ClusterFirstWithHostNet", "None"],
  hostNetwork: ["true", "false"],
  disableDefaultCNI: ["true", "false"],
  policyTypes: ["Ingress", "Egress"],
  operator: ["In", "NotIn", "Exists", "DoesNotExist"],
  addressType: ["IPv4", "IPv6", "FQDN"],
};

/** Where the same key has other values. */
const OWN_VALUES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  Machine: {
    kind: ["Machine"],
    role: ["linux", "client", "router", "docker", "balancer", "internet"],
    protocol: ["http", "tcp", "udp"],
    forwards: ["true", "false"],
    version: ["29", "20.10"],
  },
  Underlay: { kind: ["Underlay"] },
};

/** Kinds of this page's own texts and kind's, which have no metadata. */
const BARE: readonly string[] = ["Cluster", ...Object.keys(OWN_VALUES)];
/** Kinds of objects that people apply. */
const MANIFESTS = Object.keys(TREES).filter((kind) => !Object.hasOwn(OWN_VALUES, kind));

interface Tree {
  readonly [key: string]: Tree;
}

function readTree(text: string): Tree {
  const tokens = text.match(/[\w.-]+|[()*]/g) ?? [];
  let at = 0;
  const level = (): Tree => {
    const tree: Record<string, Tree> = {};
    let last = "";
    while (at < tokens.length) {
      const token = tokens[at++] ?? "";
      if (token === ")") return tree;
      if (token === "(") tree[last] = level();
      else if (token !== "*") tree[(last = token)] = {};
    }
    return tree;
  };
  return level();
}

interface Line {
  readonly indent: number;
  readonly key: string | undefined;
}

/** A line's key and how far it stands in; the dash of a list counts as room. */
function readLine(text: string): Line | undefined {
  const found = /^(\s*(?:- )*)\s*([\w./-]+)?(:)?/.exec(text);
  if (found === null || text.trim() === "" || text.trim().startsWith("#")) return undefined;
  return { indent: (found[1] ?? "").length, key: found[3] === undefined ? undefined : found[2] };
}

/** The keys above a line, the outermost first. */
export function pathAt(lines: readonly string[], line: number): readonly string[] {
  const own = /^(\s*(?:- )*)/.exec(lines[line] ?? "")?.[1] ?? "";
  const path: string[] = [];
  let indent = own.length;
  // The dash of a list may stand under its key, no further in.
  let isItem = own.includes("-");
  let dash = own.indexOf("-");
  for (let i = line - 1; i >= 0 && (indent > 0 || isItem); i--) {
    const above = readLine(lines[i] ?? "");
    if (above?.key === undefined) continue;
    const raw = lines[i] ?? "";
    const parent = isItem ? above.indent <= dash && !raw.trimStart().startsWith("-") : above.indent < indent;
    if (!parent) {
      const startsItem = raw.trimStart().startsWith("-") && above.indent === indent;
      if (startsItem && !isItem) {
        isItem = true;
        dash = raw.indexOf("-");
      }
      continue;
    }
    path.unshift(above.key);
    indent = above.indent;
    isItem = raw.trimStart().startsWith("-");
    dash = raw.indexOf("-");
  }
  return path;
}

/** What can be written at the end of a line that has been begun: keys of its place, or values of its key. */
export function suggestions(text: string, line: number): readonly string[] {
  const lines = text.split("\n");
  const now = lines[line] ?? "";
  let kind = "";
  for (let i = line; i >= 0 && !/^---/.test(lines[i] ?? ""); i--) kind = kindOf(lines[i]) ?? kind;
  for (let i = line; kind === "" && i < lines.length && !/^---/.test(lines[i] ?? ""); i++)
    kind = kindOf(lines[i]) ?? "";
  const value = /^\s*(?:- )*([\w]+):\s+\S*$/.exec(now)?.[1];
  if (value !== undefined)
    return OWN_VALUES[kind]?.[value] ?? VALUES[value] ?? (value === "kind" ? MANIFESTS : []);
  let tree = readTree(`apiVersion kind ${BARE.includes(kind) ? "" : META} ${TREES[kind] ?? "spec"}`);
  for (const key of pathAt(lines, line)) tree = tree[key] ?? {};
  return Object.keys(tree);
}

function kindOf(line: string | undefined): string | undefined {
  return /^kind:\s*"?(\w+)/.exec(line ?? "")?.[1];
}
