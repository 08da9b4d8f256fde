import { millis, seconds } from "../../../sim/time.ts";
import { sleep, type Task } from "../../../sim/task.ts";
import { fail, refuse } from "../../../userland/args/exit.ts";
import type { Process } from "../../../userland/os/process.ts";
import { signalName } from "./signals.ts";
import type { DockerEngine } from "../../docker/engine.ts";
import { killContainer, startContainer, stopContainer } from "../../docker/lifecycle.ts";
import { shownAddress } from "../../docker/ports.ts";
import type { DockerContainer } from "../../docker/types.ts";
import { containerOrFail, forEach, type Subcommand } from "./client.ts";
import { type FlagSet, parseFlags } from "./flags.ts";
import {
  ellipsis,
  formatList,
  humanDuration,
  type ListFormat,
  portsText,
  type Row,
  statusText,
} from "./format.ts";
import { timeText } from "./views.ts";

const DEFAULT_GRACE_SECONDS = 10;

const LIST: ListFormat = {
  columns: ["ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names"],
  headings: {
    ID: "CONTAINER ID",
    Image: "IMAGE",
    Command: "COMMAND",
    CreatedAt: "CREATED AT",
    RunningFor: "CREATED",
    Status: "STATUS",
    State: "STATE",
    Ports: "PORTS",
    Names: "NAMES",
    Networks: "NETWORKS",
    Labels: "LABELS",
    Mounts: "MOUNTS",
  },
};

const PS_FLAGS: FlagSet = {
  usage: "docker ps [OPTIONS]",
  switches: ["all", "quiet", "no-trunc", "latest"],
  values: ["format", "filter"],
  short: { a: "all", q: "quiet", f: "filter", l: "latest", n: "last", s: "size" },
  refused: ["last", "size"],
  maximum: 0,
};

function rowOf(engine: DockerEngine, container: DockerContainer, isWhole: boolean): Row {
  const { now } = engine.host.queue;
  const command = [container.path, ...container.args].join(" ");
  return {
    ID: isWhole ? container.id : container.id.slice(0, 12),
    Image: container.spec.image,
    Command: JSON.stringify(isWhole ? command : ellipsis(command, 20)),
    CreatedAt: timeText(container.created),
    RunningFor: `${humanDuration(now - container.created)} ago`,
    Status: statusText(container, now),
    State: container.state,
    Ports: portsText(container),
    Names: container.name,
    Networks: networkNames(container).join(","),
    Labels: container.spec.labels.map(([key, value]) => `${key}=${value}`).join(","),
    Mounts: container.spec.mounts.map(({ hostPath }) => hostPath).join(","),
  };
}

function networkNames(container: DockerContainer): readonly string[] {
  const { mode } = container.spec;
  if (mode.kind === "host" || mode.kind === "none") return [mode.kind];
  return container.attachments.map(({ network }) => network).toSorted();
}

function matches(container: DockerContainer, filter: string): boolean {
  const at = filter.indexOf("=");
  const [key, value] = [filter.slice(0, at), filter.slice(at + 1)];
  switch (key) {
    case "name":
      return new RegExp(value).test(`/${container.name}`);
    case "id":
      return container.id.startsWith(value);
    case "status":
      return container.state === value;
    case "network":
      return [...container.endpoints.values()].some(
        ({ network }) => network.name === value || network.id === value,
      );
    case "ancestor":
      return container.spec.image.replace(/:latest$/, "") === value.replace(/:latest$/, "");
    case "label":
      return container.spec.labels.some(([k, v]) => k === value || `${k}=${v}` === value);
    default:
      return refuse(`docker ps --filter ${key}`);
  }
}

export const ps: Subcommand = function* (process, engine, argv) {
  const flags = parseFlags(PS_FLAGS, argv);
  const filters = flags.all("filter");
  const all = flags.has("all") || flags.has("latest") || filters.some((f) => f.startsWith("status="));
  let shown = engine
    .newestFirst()
    .filter((c) => (all || c.state === "running") && filters.every((filter) => matches(c, filter)));
  if (flags.has("latest")) shown = shown.slice(0, 1);
  const rows = shown.map((container) => rowOf(engine, container, flags.has("no-trunc")));
  const format = flags.has("quiet") ? "{{.ID}}" : flags.value("format");
  yield* process.print(formatList(LIST, rows, format));
  return 0;
};

/** What becomes of the containers that are named, one after the other. */
function eachContainer(
  set: FlagSet,
  verb: string,
  act: (
    engine: DockerEngine,
    container: DockerContainer,
    flags: ReturnType<typeof parseFlags>,
    name: string,
  ) => Task<string | undefined>,
): Subcommand {
  return (process: Process, engine, argv) => {
    const flags = parseFlags(set, argv);
    return forEach(process, flags.words, function* (name) {
      const container = engine.find(name);
      if (container === undefined) return `No such container: ${name}`;
      if (container.adopted) refuse(`docker ${verb} of a cluster's node`);
      return yield* act(engine, container, flags, name);
    });
  };
}

const STOP_FLAGS: FlagSet = {
  usage: "docker stop [OPTIONS] CONTAINER [CONTAINER...]",
  values: ["time", "timeout"],
  short: { t: "timeout", s: "signal" },
  refused: ["signal"],
  minimum: 1,
};

function graceOf(flags: ReturnType<typeof parseFlags>): ReturnType<typeof seconds> {
  const text = flags.value("timeout") ?? flags.value("time");
  return seconds(text === undefined ? DEFAULT_GRACE_SECONDS : Number(text));
}

export const stop = eachContainer(STOP_FLAGS, "stop", function* (engine, container, flags) {
  yield* stopContainer(engine, container, graceOf(flags));
  return undefined;
});

export const restart = eachContainer(
  { ...STOP_FLAGS, usage: "docker restart [OPTIONS] CONTAINER [CONTAINER...]" },
  "restart",
  function* (engine, container, flags) {
    yield* stopContainer(engine, container, graceOf(flags));
    const started = yield* startContainer(engine, container);
    return started.ok ? undefined : started.error;
  },
);

const KILL_FLAGS: FlagSet = {
  usage: "docker kill [OPTIONS] CONTAINER [CONTAINER...]",
  values: ["signal"],
  short: { s: "signal" },
  minimum: 1,
};

export const kill = eachContainer(KILL_FLAGS, "kill", function* (engine, container, flags, name) {
  const given = flags.value("signal") ?? "KILL";
  const signal = signalName(given);
  if (signal === undefined) return `invalid signal: ${given}`;
  if (container.state !== "running")
    return `cannot kill container: ${name}: container ${container.id} is not running`;
  yield* killContainer(engine, container, signal);
  return undefined;
});

const RM_FLAGS: FlagSet = {
  usage: "docker rm [OPTIONS] CONTAINER [CONTAINER...]",
  switches: ["force", "volumes"],
  short: { f: "force", v: "volumes", l: "link" },
  refused: ["link"],
  minimum: 1,
};

export const rm = eachContainer(RM_FLAGS, "rm", function* (engine, container, flags, name) {
  if (container.state === "running") {
    if (!flags.has("force"))
      return `cannot remove container "${name}": container is running: stop the container before removing or force remove`;
    yield* killContainer(engine, container, "KILL");
  }
  if (engine.containers.has(container.id)) engine.forget(container);
  return undefined;
});

export const wait: Subcommand = function* (process, engine, argv) {
  const flags = parseFlags({ usage: "docker wait CONTAINER [CONTAINER...]", minimum: 1 }, argv);
  for (const name of flags.words) {
    const code = yield* engine.waitFor(containerOrFail(engine, name));
    yield* process.print(`${code}\n`);
  }
  return 0;
};

const LOGS_FLAGS: FlagSet = {
  usage: "docker logs [OPTIONS] CONTAINER",
  switches: ["follow", "timestamps"],
  values: ["tail"],
  short: { f: "follow", t: "timestamps", n: "tail" },
  refused: ["since", "until", "details"],
  minimum: 1,
  maximum: 1,
};

export const logs: Subcommand = function* (process, engine, argv) {
  const flags = parseFlags(LOGS_FLAGS, argv);
  const container = containerOrFail(engine, flags.words[0] ?? "");
  const tail = flags.value("tail") ?? "all";
  const { lines } = container.log;
  let at = tail === "all" ? 0 : Math.max(0, lines.length - Number(tail));
  for (;;) {
    for (; at < lines.length; at++) {
      const line = lines[at];
      if (line === undefined) break;
      const text = `${flags.has("timestamps") ? `${timeText(line.time)} ` : ""}${line.text}\n`;
      if (line.stream === "stdout") yield* process.print(text);
      else yield* process.printError(text);
    }
    if (!flags.has("follow") || container.state !== "running") return 0;
    yield* sleep(millis(100));
  }
};

export const port: Subcommand = function* (process, engine, argv) {
  const usage = "docker port CONTAINER [PRIVATE_PORT[/PROTO]]";
  const [name = "", wanted] = parseFlags({ usage, minimum: 1, maximum: 2 }, argv).words;
  const container = containerOrFail(engine, name);
  const [number = "", protocol = "tcp"] = wanted?.split("/") ?? [];
  const found = container.bindings.filter(
    (b) => wanted === undefined || (String(b.containerPort) === number && b.protocol === protocol),
  );
  if (wanted !== undefined && found.length === 0)
    fail(1, `Error: No public port '${wanted}' published for ${name}\n`);
  const lines = found.map((b) => {
    const host = `${shownAddress(b.hostIp)}:${b.hostPort}`;
    return wanted === undefined ? `${b.containerPort}/${b.protocol} -> ${host}` : host;
  });
  yield* process.print(
    lines
      .sort(natural)
      .map((line) => `${line}\n`)
      .join(""),
  );
  return 0;
};

/** Numbers within texts count as numbers. Models: fvbommel/sortorder NaturalLess. */
function natural(a: string, b: string): number {
  const parts = (text: string): readonly string[] => text.match(/\d+|\D/g) ?? [];
  const [x, y] = [parts(a), parts(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const [p = "", q = ""] = [x[i], y[i]];
    if (p === q) continue;
    const both = /^\d/.test(p) && /^\d/.test(q);
    return both ? Number(p) - Number(q) : p < q ? -1 : 1;
  }
  return x.length - y.length;
}
