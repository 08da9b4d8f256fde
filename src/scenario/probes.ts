import type { PreparedProbe, ProbeOutcome } from "./story.ts";

/** Where a probe's command is typed: a place of the world, and the whole line. */
export interface ProbeAction {
  readonly at: string;
  readonly command: string;
}

/** A word for the shell. */
function quote(text: string): string {
  return /^[A-Za-z0-9_.:/=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** What is known of the world when a probe is sent. */
export interface ProbeSurroundings {
  /** Labels of all namespaces, the newest first. */
  readonly places: readonly string[];
  /** The first address of a place that is not only its own. */
  readonly addressOf: (place: string) => string | undefined;
}

/** A text of a probe with the addresses of the places that it names in braces; a place that is not there stays as it is written. */
export function withAddresses(text: string, { places, addressOf }: ProbeSurroundings): string {
  return text.replace(/\{([a-z0-9.*-]+)\}/g, (written: string, pattern: string) => {
    const place = matchPlace(pattern, places);
    return (place === undefined ? undefined : addressOf(place)) ?? written;
  });
}

/** The command that asks what a probe asks. */
export function probeCommand({
  kind,
  target,
  port = 0,
}: Pick<PreparedProbe, "kind" | "target" | "port">): string {
  switch (kind) {
    case "ping":
      return `ping -c1 -W2 ${quote(target)}`;
    case "udp":
      return `printf hello | nc -u -w1 ${quote(target)} ${port}`;
    case "tcp":
      return `nc -zv -w3 ${quote(target)} ${port}`;
    case "http":
      return `curl -sS -m 5 ${quote(target)}`;
    case "dns":
      return `nslookup ${quote(target)}`;
    case "traceroute":
      return `traceroute -n -q1 -w1 -m8 ${quote(target)}`;
    case "shell":
      return target;
  }
}

/** The place that a pattern names among those that are there: a star stands for what is drawn by chance, within one part of the name. */
export function matchPlace(pattern: string, places: readonly string[]): string | undefined {
  if (!pattern.includes("*")) return places.includes(pattern) ? pattern : undefined;
  const source = pattern.split("*").map((text) => text.replace(/[^a-z0-9-]/gi, "\\$&"));
  const whole = new RegExp(`^${source.join("[^.]*")}$`);
  return places.find((place) => whole.test(place));
}

/**
 * What to do in the world for a probe. In a pod its own /etc/resolv.conf counts, so the command goes in by `kubectl exec`
 * (a pod's place has three parts) or `docker exec` (a container's on a machine has two). Undefined when nobody is there.
 */
export function probeAction(probe: PreparedProbe, world: ProbeSurroundings): ProbeAction | undefined {
  const at = probe.from === "" ? "" : matchPlace(probe.from, world.places);
  if (at === undefined) return undefined;
  const { kind, port } = probe;
  const command = probeCommand({ kind, port, target: withAddresses(probe.target, world) });
  if (at === "") return { at, command };
  const [first = "", second, ...rest] = at.split(".");
  if (second === undefined) return { at, command };
  const inside = `bash -c ${quote(command)}`;
  if (rest.length === 0) return { at: first, command: `docker exec ${second} ${inside}` };
  return { at: "", command: `kubectl exec -n ${second} ${rest.join(".")} -- ${inside}` };
}

/** curl says the same of both: a refusal comes at once, while the kernel asks by ARP for three seconds before it gives up. Milliseconds. */
const ARP_GIVES_UP = 1000;
const UNREACHABLE = /unreachable|No route to host|Packet filtered|Frag needed|message too long/i;

/** How a probe ended, from what its command printed and its status. */
export function probeOutcome(kind: PreparedProbe["kind"], status: number, printed: string): ProbeOutcome {
  if (kind === "shell") return status === 0 ? "answered" : "failed";
  if (kind === "ping" && / [1-9]\d* received/.test(printed)) return "answered";
  if (kind === "udp" && printed.trim() !== "" && status === 0) return "answered";
  if ((kind === "tcp" || kind === "http" || kind === "dns") && status === 0) return "answered";
  if (/refused/i.test(printed)) return "refused";
  const gaveUp = /after (\d+) ms: Couldn't connect/.exec(printed);
  if (gaveUp !== null) return Number(gaveUp[1]) < ARP_GIVES_UP ? "refused" : "unreachable";
  if (UNREACHABLE.test(printed)) return "unreachable";
  if (/could not resolve|Name or service not known|NXDOMAIN|SERVFAIL|getaddrinfo/i.test(printed))
    return "failed";
  if (kind === "traceroute") return lastHopAnswered(printed) ? "answered" : "timed-out";
  return "timed-out";
}

/** traceroute ends with status 0 either way: a last line that is no star came from the target. */
function lastHopAnswered(printed: string): boolean {
  const last = printed.trim().split("\n").at(-1) ?? "";
  return /^\s*\d+\s+\d/.test(last) && !/![HNXP]/.test(last);
}
