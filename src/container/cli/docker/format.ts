import { tabWrite } from "../../../formats/tabwriter.ts";
import { type Nanos, NANOS_PER_SECOND } from "../../../sim/time.ts";
import { fail } from "../../../userland/args/exit.ts";
import { formatAddress, isIpv4 } from "../../../wire/ip-address.ts";
import type { DockerContainer } from "../../docker/types.ts";
import { imageFacts } from "../../docker/images.ts";
import { shownAddress } from "../../docker/ports.ts";
import { renderTemplate, type Value } from "./template.ts";

/** Lists as docker prints them. Models: docker/cli cli/command/formatter, docker/go-units. */

/** A row: what templates read, by field. */
export type Row = Readonly<Record<string, Value>>;

export interface ListFormat {
  /** Fields of the plain table in order. */
  readonly columns: readonly string[];
  /** Headings of all fields. */
  readonly headings: Readonly<Record<string, string>>;
}

const MIN_WIDTH = 10;
const PADDING = 3;

export function templateError(message: string): never {
  fail(1, `template parsing error: ${message}\n`);
}

/** A list by `--format`: a table, lines of a template, or JSON. */
export function formatList(list: ListFormat, rows: readonly Row[], format: string | undefined): string {
  if (format === "json") return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const isTable = format === undefined || format === "table" || format.startsWith("table ");
  const own = format?.startsWith("table ") === true ? format.slice(6).trim() : undefined;
  const columns = list.columns.map((field) => `{{.${field}}}`).join("\t");
  const template = (isTable ? (own ?? columns) : format).replaceAll("\\t", "\t").replaceAll("\\n", "\n");
  const line = (row: Row): string => {
    const text = renderTemplate(template, row);
    return text.ok ? `${text.value}\n` : templateError(text.error);
  };
  const body = rows.map(line).join("");
  if (!isTable) return body;
  return tabWrite(line(list.headings) + body, { minWidth: MIN_WIDTH, padding: PADDING });
}

/** Models: units.HumanDuration. */
export function humanDuration(time: number): string {
  const seconds = Math.floor(time / NANOS_PER_SECOND);
  if (seconds < 1) return "Less than a second";
  if (seconds === 1) return "1 second";
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.floor(seconds / 60);
  if (minutes === 1) return "About a minute";
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.floor(seconds / 3600 + 0.5);
  if (hours === 1) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`;
  return `${Math.floor(hours / 24 / 7)} weeks`;
}

export function statusText(container: DockerContainer, now: Nanos): string {
  switch (container.state) {
    case "created":
      return "Created";
    case "running":
      return `Up ${humanDuration(now - container.startedAt)}`;
    case "exited":
      return `Exited (${container.exitCode}) ${humanDuration(now - container.finishedAt)} ago`;
  }
}

interface ShownPort {
  readonly host: string | undefined;
  readonly rank: string;
  readonly hostPort: number;
  readonly port: number;
  readonly protocol: string;
}

/** Published ports, and those that the image only exposes: neighbours of the same kind become a range. */
export function portsText(container: DockerContainer): string {
  if (container.state !== "running") return "";
  const ports: ShownPort[] = container.bindings.map((b) => ({
    host: shownAddress(b.hostIp),
    rank: `${isIpv4(b.hostIp) ? 1 : 2}${formatAddress(b.hostIp)}`,
    hostPort: b.hostPort,
    port: b.containerPort,
    protocol: b.protocol,
  }));
  const exposed =
    container.endpoints.size === 0
      ? []
      : [
          ...imageFacts(container.spec.image).exposed,
          ...container.spec.exposed.map((e) => `${e.port}/${e.protocol}`),
        ];
  for (const text of new Set(exposed)) {
    const [port, protocol = "tcp"] = text.split("/");
    if (!ports.some((p) => p.port === Number(port) && p.protocol === protocol))
      ports.push({ host: undefined, rank: "", hostPort: 0, port: Number(port), protocol });
  }
  ports.sort(
    (a, b) =>
      a.port - b.port ||
      compare(a.rank, b.rank) ||
      a.hostPort - b.hostPort ||
      compare(a.protocol, b.protocol),
  );
  return displayPorts(ports);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function displayPorts(ports: readonly ShownPort[]): string {
  const groups = new Map<
    string,
    { first: number; last: number; host: string | undefined; protocol: string }
  >();
  const done: string[] = [];
  const mapped: string[] = [];
  const group = (g: { first: number; last: number; host: string | undefined; protocol: string }): string => {
    const range = g.first === g.last ? `${g.first}` : `${g.first}-${g.last}`;
    return g.host === undefined ? `${range}/${g.protocol}` : `${g.host}:${range}->${range}/${g.protocol}`;
  };
  for (const { host, hostPort, port, protocol } of ports) {
    if (host !== undefined && hostPort !== port) {
      mapped.push(`${host}:${hostPort}->${port}/${protocol}`);
      continue;
    }
    const key = `${host ?? ""}/${protocol}`;
    const known = groups.get(key);
    if (known?.last === port - 1) known.last = port;
    else {
      if (known !== undefined) done.push(group(known));
      groups.set(key, { first: port, last: port, host, protocol });
    }
  }
  return [...done, ...[...groups.values()].map(group), ...mapped].join(", ");
}

/** At most `width` characters, the last one dots. Models: formatter.Ellipsis. */
export function ellipsis(text: string, width: number): string {
  const letters = Array.from(text);
  return letters.length <= width ? text : `${letters.slice(0, width - 1).join("")}…`;
}
