import { err, ok, type Result } from "../../base/result.ts";

/** A flag of flanneld: name, default, what `--help` says, and its field in the options struct. */
interface Flag {
  readonly name: string;
  readonly field: string;
  readonly kind: "string" | "bool" | "int" | "list";
  readonly value: string;
  readonly usage: string;
  /** Not modelled: naming it is refused instead of passed over. */
  readonly missing?: true;
}

const flag = (name: string, field: string, kind: Flag["kind"], value: string, usage: string): Flag => ({
  name,
  field,
  kind,
  value,
  usage,
});
const missing = (name: string, field: string, kind: Flag["kind"], value: string, usage: string): Flag => ({
  ...flag(name, field, kind, value, usage),
  missing: true,
});

/** In the order of the fields of flanneld's CmdLineOpts, v0.28.9. */
const FLAGS: readonly Flag[] = [
  flag("etcd-endpoints", "etcdEndpoints", "string", "http://127.0.0.1:4001,http://127.0.0.1:2379", "a comma-delimited list of etcd endpoints"),
  flag("etcd-prefix", "etcdPrefix", "string", "/coreos.com/network", "etcd prefix"),
  missing("etcd-keyfile", "etcdKeyfile", "string", "", "SSL key file used to secure etcd communication"),
  missing("etcd-certfile", "etcdCertfile", "string", "", "SSL certification file used to secure etcd communication"),
  missing("etcd-cafile", "etcdCAFile", "string", "", "SSL Certificate Authority file used to secure etcd communication"),
  missing("etcd-username", "etcdUsername", "string", "", "username for BasicAuth to etcd"),
  missing("etcd-password", "etcdPassword", "string", "", "password for BasicAuth to etcd"),
  flag("version", "version", "bool", "false", "print version and exit"),
  flag("kube-subnet-mgr", "kubeSubnetMgr", "bool", "false", "contact the Kubernetes API for subnet assignment instead of etcd."),
  missing("kube-api-url", "kubeApiUrl", "string", "", "Kubernetes API server URL. Does not need to be specified if flannel is running in a pod."),
  flag("kube-annotation-prefix", "kubeAnnotationPrefix", "string", "flannel.alpha.coreos.com", 'Kubernetes annotation prefix. Can contain single slash "/", otherwise it will be appended at the end.'),
  missing("kubeconfig-file", "kubeConfigFile", "string", "", "kubeconfig file location. Does not need to be specified if flannel is running in a pod."),
  flag("iface", "iface", "list", "[]", "interface to use (IP or name) for inter-host communication. Can be specified multiple times to check each option in order. Returns the first match found."),
  flag("iface-regex", "ifaceRegex", "list", "[]", "regex expression to match the first interface to use (IP or name) for inter-host communication. Can be specified multiple times to check each regex in order. Returns the first match found. Regexes are checked after specific interfaces specified by the iface option have already been checked."),
  flag("ip-masq", "ipMasq", "bool", "false", "setup IP masquerade rule for traffic destined outside of overlay network"),
  flag("ip-masq-fully-random-disable", "ipMasqRandomFullyDisable", "bool", "false", "disable fully-random mode for MASQUERADE"),
  flag("iface-can-reach", "ifaceCanReach", "string", "", "detect interface to use (IP or name) for inter-host communication based on which will be used for provided IP. This is exactly the interface to use of command 'ip route get <ip-address>'"),
  flag("subnet-file", "subnetFile", "string", "/run/flannel/subnet.env", "filename where env variables (subnet, MTU, ... ) will be written to"),
  flag("public-ip", "publicIP", "string", "", "IP accessible by other nodes for inter-host communication"),
  missing("public-ipv6", "publicIPv6", "string", "", "IPv6 accessible by other nodes for inter-host communication"),
  flag("subnet-lease-renew-margin", "subnetLeaseRenewMargin", "int", "60", "subnet lease renewal margin, in minutes, ranging from 1 to 1439"),
  flag("healthz-ip", "healthzIP", "string", "0.0.0.0", "the IP address for healthz server to listen"),
  flag("healthz-port", "healthzPort", "int", "0", "the port for healthz server to listen(0 to disable)"),
  flag("iptables-resync", "iptablesResyncSeconds", "int", "5", "resync period for iptables rules, in seconds"),
  flag("iptables-forward-rules", "iptablesForwardRules", "bool", "true", "add default accept rules to FORWARD chain in iptables"),
  missing("ip-blackhole-route", "blackholeRoute", "bool", "false", "add blackroute route ont the node for the local podCIDR"),
  flag("net-config-path", "netConfPath", "string", "/etc/kube-flannel/net-conf.json", "path to the network configuration file"),
  flag("set-node-network-unavailable", "setNodeNetworkUnavailable", "bool", "true", "set NodeNetworkUnavailable after ready"),
]; // prettier-ignore

/** klog's flags that flanneld keeps; `v` counts. */
const LOG_FLAGS: readonly Flag[] = [
  flag("v", "", "int", "0", "number for the log level verbosity"),
  flag("vmodule", "", "string", "", "comma-separated list of pattern=N settings for file-filtered logging"),
  flag("log_backtrace_at", "", "string", "", "when logging hits line file:N, emit a stack trace"),
];

export interface Options {
  text(name: string): string;
  flag(name: string): boolean;
  number(name: string): number;
  list(name: string): readonly string[];
  /** Go's `%+v` of the options struct. */
  dump(): string;
}

/** `message` goes to standard error; the process ends with `status`. */
export interface FlagFailure {
  readonly message: string;
  readonly status: number;
}

function usageText(program: string): string {
  const lines = [...FLAGS, ...LOG_FLAGS]
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((f) => {
      const type = f.kind === "bool" ? "" : ` ${f.kind === "list" ? "value" : f.kind}`;
      const zero = f.value === "" || f.value === "false" || f.value === "0" || f.value === "[]";
      const shown = f.kind === "string" ? `"${f.value}"` : f.value;
      return `  -${f.name}${type}\n    \t${f.usage}${zero ? "" : ` (default ${shown})`}\n`;
    });
  return `Usage: ${program} [OPTION]...\n${lines.join("")}`;
}

function parseBool(text: string): string | undefined {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return "true";
  return ["0", "f", "F", "false", "FALSE", "False"].includes(text) ? "false" : undefined;
}

class Parsed implements Options {
  readonly values = new Map<string, string>();
  readonly lists = new Map<string, string[]>();

  text(name: string): string {
    return this.values.get(name) ?? "";
  }

  flag(name: string): boolean {
    return this.text(name) === "true";
  }

  number(name: string): number {
    return Number(this.text(name));
  }

  list(name: string): readonly string[] {
    return this.lists.get(name) ?? [];
  }

  dump(): string {
    const shown = (f: Flag): string =>
      f.kind === "list" ? `[${this.list(f.name).join(" ")}]` : this.text(f.name);
    return `{${FLAGS.map((f) => `${f.field}:${shown(f)}`).join(" ")}}`;
  }

  /** False when the text is no value of the flag. */
  set(f: Flag, text: string): boolean {
    if (f.kind === "list") {
      this.lists.set(f.name, [...this.list(f.name), text]);
      return true;
    }
    const value =
      f.kind === "bool" ? parseBool(text) : f.kind === "int" && !/^[+-]?\d+$/.test(text) ? undefined : text;
    if (value === undefined) return false;
    this.values.set(f.name, value);
    return true;
  }
}

/**
 * The command line. What flanneld does not know ends it with its usage (and, as there, status 0); what it knows and we
 * do not model is refused by name.
 *
 * Models: Go's flag package with flanneld's `flannelFlags`.
 */
export function parseFlags(argv: readonly string[]): Result<Options, FlagFailure> {
  const program = argv[0] ?? "flanneld";
  const usage = (message: string): Result<never, FlagFailure> =>
    err({ message: `${message}\n${usageText(program)}`, status: 0 });
  const options = new Parsed();
  for (const f of [...FLAGS, ...LOG_FLAGS]) options.values.set(f.name, f.value);
  const words = argv.slice(1);
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const m = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(word);
    if (word === "--" || !word.startsWith("-") || word === "-") break;
    if (m === null) return usage(`bad flag syntax: ${word}`);
    const name = m[1] ?? "";
    const f = [...FLAGS, ...LOG_FLAGS].find((known) => known.name === name);
    if (f === undefined) {
      if (name === "help" || name === "h") return err({ message: usageText(program), status: 0 });
      return usage(`flag provided but not defined: -${name}`);
    }
    const value = m[2] ?? (f.kind === "bool" ? "true" : words.shift());
    if (value === undefined) return usage(`flag needs an argument: -${name}`);
    if (!options.set(f, value)) {
      const what = f.kind === "bool" ? "boolean value" : "value";
      return usage(`invalid ${what} "${value}" for flag -${name}: parse error`);
    }
    if (f.missing === true && value !== f.value)
      return err({ message: `flannelgraph: flanneld's --${name} is not modelled yet\n`, status: 1 });
  }
  return ok(options);
}
