import { type Nanos, seconds } from "../../sim/time.ts";

/** What the controller's ConfigMap sets. Models: internal/ingress/controller/config. */
export interface Settings {
  readonly useForwardedHeaders: boolean;
  readonly computeFullForwardedFor: boolean;
  readonly sslRedirect: boolean;
  readonly forceSslRedirect: boolean;
  readonly redirectCode: number;
  /** The header Strict-Transport-Security over TLS; "" for none. */
  readonly hsts: string;
  readonly keepAlive: Nanos;
  readonly keepAliveRequests: number;
  readonly upstreamKeepalive: {
    readonly connections: number;
    readonly timeout: Nanos;
    readonly requests: number;
  };
  readonly connectTimeout: Nanos;
  readonly readTimeout: Nanos;
  readonly defaultBackendLog: boolean;
  /** Keys that are not modelled. */
  readonly refused: readonly string[];
}

const KEYS: ReadonlySet<string> = new Set(
  (
    "use-forwarded-headers compute-full-forwarded-for ssl-redirect force-ssl-redirect http-redirect-code hsts hsts-max-age " +
    "hsts-include-subdomains hsts-preload keep-alive keep-alive-requests upstream-keepalive-connections " +
    "upstream-keepalive-timeout upstream-keepalive-requests proxy-connect-timeout proxy-read-timeout " +
    "enable-access-log-for-default-backend"
  ).split(" "),
);

export function settingsOf(data: Readonly<Record<string, string>>): Settings {
  const flag = (name: string, otherwise: boolean): boolean => {
    const value = data[name];
    return value === "true" ? true : value === "false" ? false : otherwise;
  };
  const number = (name: string, otherwise: number): number => {
    const value = data[name] ?? "";
    return /^\d+$/.test(value) ? Number(value) : otherwise;
  };
  const hsts = [
    `max-age=${data["hsts-max-age"] ?? "31536000"}`,
    ...(flag("hsts-include-subdomains", true) ? ["includeSubDomains"] : []),
    ...(flag("hsts-preload", false) ? ["preload"] : []),
  ].join("; ");
  return {
    useForwardedHeaders: flag("use-forwarded-headers", false),
    computeFullForwardedFor: flag("compute-full-forwarded-for", false),
    sslRedirect: flag("ssl-redirect", true),
    forceSslRedirect: flag("force-ssl-redirect", false),
    redirectCode: number("http-redirect-code", 308),
    hsts: flag("hsts", true) ? hsts : "",
    keepAlive: seconds(number("keep-alive", 75)),
    keepAliveRequests: number("keep-alive-requests", 1000),
    upstreamKeepalive: {
      connections: number("upstream-keepalive-connections", 320),
      timeout: seconds(number("upstream-keepalive-timeout", 60)),
      requests: number("upstream-keepalive-requests", 10_000),
    },
    connectTimeout: seconds(number("proxy-connect-timeout", 5)),
    readTimeout: seconds(number("proxy-read-timeout", 60)),
    defaultBackendLog: flag("enable-access-log-for-default-backend", false),
    refused: Object.keys(data).filter((key) => !KEYS.has(key)),
  };
}
