import { NANOS_PER_SECOND } from "../../sim/time.ts";
import { formatAddress } from "../../wire/ip-address.ts";
import { httpField } from "../../wire/http.ts";
import type { Outcome } from "./transfer.ts";

function seconds(nanos: number): string {
  return (nanos / NANOS_PER_SECOND).toFixed(6);
}

type Variable = (o: Outcome) => string;

const VARIABLES: ReadonlyMap<string, Variable> = new Map<string, Variable>([
  ["http_code", (o) => String(o.response?.status ?? 0).padStart(3, "0")],
  ["response_code", (o) => String(o.response?.status ?? 0).padStart(3, "0")],
  ["size_download", (o) => String(o.received)],
  ["size_header", (o) => String(o.headBytes)],
  ["size_request", (o) => String(o.requestBytes)],
  ["size_upload", (o) => String(o.uploaded)],
  ["remote_ip", (o) => (o.remote === undefined ? "" : formatAddress(o.remote.address))],
  ["remote_port", (o) => String(o.remote?.port ?? 0)],
  ["local_ip", (o) => (o.local === undefined ? "" : formatAddress(o.local.address))],
  ["local_port", (o) => String(o.local?.port ?? 0)],
  ["num_connects", (o) => (o.remote === undefined ? "0" : "1")],
  ["num_redirects", (o) => String(o.redirects)],
  ["num_headers", (o) => String(o.response?.fields.length ?? 0)],
  ["url_effective", (o) => o.url],
  ["url", (o) => o.url],
  ["method", (o) => o.method],
  ["scheme", () => "HTTP"],
  ["http_version", (o) => (o.response === undefined ? "0" : o.response.version === "HTTP/1.0" ? "1" : "1.1")],
  ["content_type", (o) => (o.response === undefined ? "" : (httpField(o.response, "Content-Type") ?? ""))],
  ["redirect_url", (o) => o.location ?? ""],
  ["exitcode", (o) => String(o.code)],
  ["errormsg", (o) => (o.code === 0 ? "" : o.message)],
  ["time_total", (o) => seconds(o.totalTime)],
  ["time_connect", (o) => seconds(o.connectTime)],
  ["time_starttransfer", (o) => seconds(o.firstByteTime)],
  ["time_namelookup", (o) => seconds(o.nameTime)],
  ["time_pretransfer", (o) => seconds(o.connectTime)],
  ["time_appconnect", () => seconds(0)],
  ["time_redirect", () => seconds(0)],
  [
    "speed_download",
    (o) => String(o.totalTime > 0 ? Math.floor((o.received * NANOS_PER_SECOND) / o.totalTime) : 0),
  ],
]);

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/** -w: `%{name}` and backslash letters. An unknown name is said, and nothing stands for it. */
export function writeOut(format: string, outcome: Outcome): string {
  return format.replace(
    /%%|%\{([^}]*)\}|\\(.)/g,
    (all, name: string | undefined, letter: string | undefined) => {
      if (letter !== undefined) return ESCAPES[letter] ?? all;
      if (name === undefined) return "%";
      if (name === "stdout" || name === "stderr") return "";
      return VARIABLES.get(name)?.(outcome) ?? `curl: unknown --write-out variable: '${name}'\n`;
    },
  );
}
