import { type Nanos, seconds } from "../../sim/time.ts";
import { type Ipv4Prefix, parsePrefix } from "../../wire/address.ts";
import type { Ingress } from "../api/index.ts";

/** How traffic is split between a backend and its canary. */
export interface Shaping {
  readonly weight: number;
  readonly weightTotal: number;
  readonly header: string;
  readonly headerValue: string;
  readonly headerPattern: string;
  readonly cookie: string;
}

/** What the annotations of an Ingress say. Models: internal/ingress/annotations. */
export interface Annotations {
  readonly rewriteTarget: string;
  readonly useRegex: boolean;
  readonly appRoot: string;
  readonly sslRedirect: boolean;
  readonly forceSslRedirect: boolean;
  readonly preserveTrailingSlash: boolean;
  readonly serviceUpstream: boolean;
  readonly aliases: readonly string[];
  readonly defaultBackend: string;
  readonly redirect: { readonly code: number; readonly url: string } | undefined;
  readonly upstreamVhost: string;
  readonly forwardedPrefix: string;
  readonly allow: readonly Ipv4Prefix[];
  readonly deny: readonly Ipv4Prefix[];
  readonly connectTimeout: Nanos;
  readonly readTimeout: Nanos;
  readonly nextUpstream: ReadonlySet<string>;
  readonly tries: number;
  readonly accessLog: boolean;
  readonly canary: Shaping | undefined;
  /** session-cookie-name, with `affinity: cookie`. */
  readonly cookie: { readonly name: string; readonly path: string; readonly maxAge: string } | undefined;
  /** Annotations that are not modelled: the Ingress's locations answer 503. */
  readonly refused: readonly string[];
}

export interface Defaults {
  readonly sslRedirect: boolean;
  readonly forceSslRedirect: boolean;
  readonly connectTimeout: Nanos;
  readonly readTimeout: Nanos;
}

const MODELLED: ReadonlySet<string> = new Set(
  (
    "rewrite-target use-regex app-root ssl-redirect force-ssl-redirect preserve-trailing-slash service-upstream server-alias " +
    "default-backend permanent-redirect permanent-redirect-code temporal-redirect temporal-redirect-code upstream-vhost " +
    "x-forwarded-prefix whitelist-source-range allowlist-source-range denylist-source-range proxy-connect-timeout " +
    "proxy-read-timeout proxy-next-upstream proxy-next-upstream-tries enable-access-log canary canary-weight " +
    "canary-weight-total canary-by-header canary-by-header-value canary-by-header-pattern canary-by-cookie affinity " +
    "affinity-mode session-cookie-name session-cookie-path session-cookie-max-age"
  ).split(" "),
);

/** They size buffers, choose ciphers, write other logs: nothing that is seen here. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set(
  (
    "proxy-body-size proxy-buffering proxy-buffer-size proxy-buffers-number proxy-busy-buffers-size proxy-max-temp-file-size " +
    "client-body-buffer-size proxy-request-buffering proxy-send-timeout http2-push-preload enable-rewrite-log ssl-ciphers " +
    "ssl-prefer-server-ciphers enable-opentelemetry opentelemetry-trust-incoming-span session-cookie-expires"
  ).split(" "),
);

/** Values that mean what is done here anyway. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  "backend-protocol": ["HTTP"],
  "load-balance": ["round_robin"],
  "proxy-http-version": ["1.1"],
  "ssl-passthrough": ["false"],
  "affinity-mode": ["balanced"],
  affinity: ["cookie"],
};

function ranges(text: string | undefined): readonly Ipv4Prefix[] {
  return (text ?? "").split(",").flatMap((part) => {
    const word = part.trim();
    const range = parsePrefix(word.includes("/") ? word : `${word}/32`);
    return range === undefined ? [] : [range];
  });
}

class Values {
  private readonly values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.values = values;
  }

  text(name: string): string {
    return this.values.get(name)?.trim() ?? "";
  }

  flag(name: string, otherwise = false): boolean {
    const value = this.values.get(name);
    if (value === undefined) return otherwise;
    return /^(1|t|T|TRUE|true|True)$/.test(value)
      ? true
      : /^(0|f|F|FALSE|false|False)$/.test(value)
        ? false
        : otherwise;
  }

  number(name: string, otherwise: number): number {
    const value = this.text(name);
    return /^-?\d+$/.test(value) ? Number(value) : otherwise;
  }

  refused(): readonly string[] {
    return [...this.values].flatMap(([name, value]) => {
      const same = SAME[name];
      if (same !== undefined) return same.includes(value) ? [] : [`${name}: ${value}`];
      return MODELLED.has(name) || WITHOUT_EFFECT.has(name) ? [] : [name];
    });
  }
}

function redirectOf(values: Values): Annotations["redirect"] {
  const temporal = values.text("temporal-redirect");
  if (temporal !== "") return { code: values.number("temporal-redirect-code", 302), url: temporal };
  const permanent = values.text("permanent-redirect");
  return permanent === ""
    ? undefined
    : { code: values.number("permanent-redirect-code", 301), url: permanent };
}

function canaryOf(values: Values): Shaping | undefined {
  if (!values.flag("canary")) return undefined;
  return {
    weight: values.number("canary-weight", 0),
    weightTotal: values.number("canary-weight-total", 100),
    header: values.text("canary-by-header"),
    headerValue: values.text("canary-by-header-value"),
    headerPattern: values.text("canary-by-header-pattern"),
    cookie: values.text("canary-by-cookie"),
  };
}

export function annotationsOf({ metadata }: Ingress, prefix: string, defaults: Defaults): Annotations {
  const own = Object.entries(metadata.annotations ?? {}).filter(([key]) => key.startsWith(`${prefix}/`));
  const values = new Values(new Map(own.map(([key, value]) => [key.slice(prefix.length + 1), value])));
  const rewriteTarget = values.text("rewrite-target");
  const next = values.text("proxy-next-upstream");
  const timeout = (name: string, otherwise: Nanos): Nanos => {
    const given = values.number(name, 0);
    return given > 0 ? seconds(given) : otherwise;
  };
  const allow = values.text("allowlist-source-range") || values.text("whitelist-source-range");
  const affine = values.text("affinity") === "cookie";
  return {
    rewriteTarget,
    useRegex: values.flag("use-regex"),
    appRoot: values.text("app-root"),
    sslRedirect: values.flag("ssl-redirect", defaults.sslRedirect),
    forceSslRedirect: values.flag("force-ssl-redirect", defaults.forceSslRedirect),
    preserveTrailingSlash: values.flag("preserve-trailing-slash"),
    serviceUpstream: values.flag("service-upstream"),
    aliases: values
      .text("server-alias")
      .split(",")
      .map((alias) => alias.trim())
      .filter((alias) => alias !== ""),
    defaultBackend: values.text("default-backend"),
    redirect: redirectOf(values),
    upstreamVhost: values.text("upstream-vhost"),
    forwardedPrefix: values.text("x-forwarded-prefix"),
    allow: ranges(allow === "" ? undefined : allow),
    deny: ranges(values.text("denylist-source-range") || undefined),
    connectTimeout: timeout("proxy-connect-timeout", defaults.connectTimeout),
    readTimeout: timeout("proxy-read-timeout", defaults.readTimeout),
    nextUpstream: new Set((next === "" ? "error timeout" : next).split(/\s+/)),
    tries: values.number("proxy-next-upstream-tries", 3),
    accessLog: values.flag("enable-access-log", true),
    canary: canaryOf(values),
    cookie: affine
      ? {
          name: values.text("session-cookie-name") || "INGRESSCOOKIE",
          path: values.text("session-cookie-path"),
          maxAge: values.text("session-cookie-max-age"),
        }
      : undefined,
    refused: values.refused(),
  };
}
