import { utf8Decode } from "../../base/utf8.ts";
import { covers, DEFAULT_SERVER, type Location, needsRewrite, type Server } from "./model.ts";

/** nginx's choice of server and location, and rewriting. Models: ngx_http_core_module.c with the configuration of nginx.tmpl. */

/** `$host`: without port and final dot, in lower case. */
export function hostOf(header: string): string {
  return header.replace(/:\d+$/, "").replace(/\.$/, "").toLowerCase();
}

/** An exact name comes before a wildcard, which stands for one label. */
export function chooseServer(servers: readonly Server[], host: string): Server | undefined {
  const names = (server: Server): readonly string[] => [server.hostname, ...server.aliases];
  const exact = servers.find((server) => names(server).some((name) => name.toLowerCase() === host));
  const wild = (server: Server): boolean =>
    names(server).some((name) => name.startsWith("*.") && covers(name, host));
  return exact ?? servers.find(wild) ?? servers.find(({ hostname }) => hostname === DEFAULT_SERVER);
}

/** `$uri`: decoded, without `.`, `..` and doubled slashes; undefined when it climbs too high or is not well formed. */
export function normalize(target: string): string | undefined {
  const path = target.replace(/[?#].*$/, "");
  if (!path.startsWith("/")) return undefined;
  const bytes: number[] = [];
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    if (code !== 37) {
      bytes.push(code & 255);
      continue;
    }
    const hex = path.slice(i + 1, i + 3);
    if (!/^[0-9A-Fa-f]{2}$/.test(hex)) return undefined;
    bytes.push(parseInt(hex, 16));
    i += 2;
  }
  const parts: string[] = [];
  const segments = utf8Decode(Uint8Array.from(bytes)).split("/");
  for (const [i, segment] of segments.entries()) {
    const last = i === segments.length - 1;
    if (segment === "..") {
      if (parts.pop() === undefined) return undefined;
      if (last) parts.push("");
    } else if (segment === "." ? last : last || segment !== "") parts.push(segment === "." ? "" : segment);
  }
  return `/${parts.join("/")}`;
}

/** A pattern of the configuration; undefined when it is none. */
export function patternOf(source: string): RegExp | undefined {
  try {
    return new RegExp(source.replace(/^\(\?i\)/, ""), "i");
  } catch {
    return undefined;
  }
}

/** One location with rewriting makes regular expressions of all of its server. Models: enforceRegexModifier. */
export function regexMode({ locations }: Server): boolean {
  return locations.some((location) => needsRewrite(location) || location.annotations.useRegex);
}

export type Chosen =
  | { readonly kind: "location"; readonly location: Location }
  /** To the same with a slash behind it. */
  | { readonly kind: "slash" };

export function chooseLocation(server: Server, uri: string): Chosen | undefined {
  const { locations } = server;
  const found = (location: Location | undefined): Chosen | undefined =>
    location === undefined ? undefined : { kind: "location", location };
  if (regexMode(server))
    return found(locations.find(({ path }) => patternOf(`^${path}`)?.test(uri) ?? false));
  const exact = locations.find(({ path, pathType }) => pathType === "Exact" && path === uri);
  if (exact !== undefined) return found(exact);
  const prefixes = locations.filter(({ pathType }) => pathType === "Prefix");
  if (prefixes.some(({ path }) => path === `${uri}/`)) return { kind: "slash" };
  const matching = prefixes.filter(({ path }) => uri.startsWith(path));
  return found(matching.toSorted((a, b) => b.path.length - a.path.length)[0]);
}

/** The target for the server behind: as it came, or rewritten. `url` is where the client is sent instead. */
export function rewritten(
  location: Location,
  target: string,
  uri: string,
): { readonly target: string } | { readonly url: string } {
  const { rewriteTarget } = location.annotations;
  if (!needsRewrite(location)) return { target };
  const match = patternOf(location.path)?.exec(uri);
  if (match === null || match === undefined) return { target };
  const replaced = rewriteTarget.replace(/\$(\d)/g, (_, digit: string) => match[Number(digit)] ?? "");
  const query = /\?.*$/.exec(target)?.[0].slice(1) ?? "";
  const asked = replaced.endsWith("?") ? "" : query;
  const bare = replaced.replace(/\?$/, "");
  const joined = asked === "" ? bare : `${bare}${bare.includes("?") ? "&" : "?"}${asked}`;
  if (/^(https?:\/\/|\$scheme)/.test(bare)) return { url: joined };
  return { target: escaped(joined) };
}

/** What may not stand in a request line. */
function escaped(target: string): string {
  return target.replace(
    /[ %#\u0000-\u001f\u007f]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}
