import { err, ok, type Result } from "../../base/result.ts";

/** RFC 3986 as far as curl and wget need it. */
export interface Url {
  readonly scheme: string;
  readonly user: string | undefined;
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number | undefined;
  /** Path and query, at least "/". */
  readonly target: string;
}

const SHAPE = /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?([^/?#]*)([^#]*)/;

export function parseUrl(text: string): Result<Url, "malformed"> {
  const [, scheme = "http", authority = "", rest = ""] = SHAPE.exec(text.trim()) ?? [];
  const at = authority.lastIndexOf("@");
  const place = authority.slice(at + 1);
  const parts = /^(\[[0-9A-Fa-f:.%]+\]|[^:[\]]*)(?::(\d*))?$/.exec(place);
  const host = parts?.[1]?.replace(/^\[|\]$/g, "") ?? "";
  const port = parts?.[2] === undefined || parts[2] === "" ? undefined : Number(parts[2]);
  if (parts === null || host === "" || /\s/.test(text.trim()) || (port !== undefined && port > 65535))
    return err("malformed");
  const target = rest.startsWith("/") ? rest : `/${rest}`;
  return ok({
    scheme: scheme.toLowerCase(),
    user: at < 0 ? undefined : authority.slice(0, at),
    host,
    port,
    target,
  });
}

/** Where a `Location` leads, seen from `base`. */
export function resolveUrl(base: Url, location: string): string {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(location)) return location;
  const port = base.port === undefined ? "" : `:${base.port}`;
  const root = `${base.scheme}://${base.host.includes(":") ? `[${base.host}]` : base.host}${port}`;
  if (location.startsWith("//")) return `${base.scheme}:${location}`;
  if (location.startsWith("/")) return root + location;
  const path = base.target.replace(/\?.*$/, "");
  return `${root}${path.slice(0, path.lastIndexOf("/") + 1)}${location}`;
}
