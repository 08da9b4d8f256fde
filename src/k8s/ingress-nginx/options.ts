import { err, ok, type Result } from "../../base/result.ts";

/** Flags with their defaults. Models: ingress-nginx pkg/flags. */
const VALUES: Readonly<Record<string, string>> = {
  "annotations-prefix": "nginx.ingress.kubernetes.io",
  configmap: "",
  "controller-class": "k8s.io/ingress-nginx",
  "default-backend-service": "",
  "default-server-port": "8181",
  "default-ssl-certificate": "",
  "election-id": "ingress-controller-leader",
  "health-check-path": "/healthz",
  "healthz-port": "10254",
  "http-port": "80",
  "https-port": "443",
  "ingress-class": "nginx",
  "publish-service": "",
  "publish-status-address": "",
  "status-port": "10246",
  "status-update-interval": "60",
  "validating-webhook": "",
  "validating-webhook-certificate": "",
  "validating-webhook-key": "",
  v: "2",
  "watch-namespace": "",
};

const SWITCHES: Readonly<Record<string, boolean>> = {
  "disable-catch-all": false,
  "ingress-class-by-name": false,
  "report-node-internal-ip-address": false,
  "update-status": true,
  "update-status-on-shutdown": true,
  version: false,
  "watch-ingress-without-class": false,
};

/** What the real one has, and changes nothing here. */
const PASSED_OVER: ReadonlySet<string> = new Set(
  (
    "enable-metrics metrics-per-host profiling enable-annotation-validation election-ttl sync-period disable-full-test " +
    "deep-inspect shutdown-grace-period post-shutdown-grace-period stderrthreshold logtostderr alsologtostderr"
  ).split(" "),
);

/** What the real one has, and is refused by name. */
const REFUSED: ReadonlySet<string> = new Set(
  (
    "apiserver-host certificate-authority kubeconfig tcp-services-configmap udp-services-configmap watch-namespace-selector " +
    "enable-ssl-passthrough ssl-passthrough-proxy-port disable-leader-election disable-svc-external-name sync-rate-limit " +
    "report-status-classes time-buckets length-buckets size-buckets enable-ssl-chain-completion healthz-host stream-port " +
    "profiler-port profiler-address dynamic-configuration-retries disable-sync-events enable-topology-aware-routing " +
    "internal-logger-address health-check-timeout monitor-max-batch-size maxmind-license-key maxmind-edition-ids"
  ).split(" "),
);

export type OptionFailure = { readonly refused: string } | { readonly message: string };

export class Options {
  private readonly values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.values = values;
  }

  text(name: keyof typeof VALUES): string {
    return this.values.get(name) ?? VALUES[name] ?? "";
  }

  number(name: keyof typeof VALUES): number {
    return Number(this.text(name));
  }

  flag(name: keyof typeof SWITCHES): boolean {
    const value = this.values.get(name);
    return value === undefined ? SWITCHES[name] === true : value === "true" || value === "1";
  }
}

export function parseOptions(argv: readonly string[]): Result<Options, OptionFailure> {
  const values = new Map<string, string>();
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i] ?? "";
    const [, name = "", equals, given = ""] = /^--?([^=]+)(=)?(.*)$/s.exec(word) ?? [];
    if (name === "") continue;
    if (REFUSED.has(name)) return err({ refused: `nginx-ingress-controller --${name}` });
    const isSwitch = name in SWITCHES;
    if (!isSwitch && !(name in VALUES) && !PASSED_OVER.has(name))
      return err({ message: `unknown flag: --${name}` });
    if (equals !== undefined) values.set(name, given);
    else if (isSwitch || PASSED_OVER.has(name)) values.set(name, "true");
    else {
      i += 1;
      if (argv[i] === undefined) return err({ message: `flag needs an argument: --${name}` });
      values.set(name, argv[i] ?? "");
    }
  }
  return ok(new Options(values));
}
