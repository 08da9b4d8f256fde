import type { Task } from "../../../sim/task.ts";
import { fail, program, refuse } from "../../../userland/args/exit.ts";
import type { Process, Program } from "../../../userland/os/process.ts";
import { DockerEngine } from "../../docker/engine.ts";
import type { DockerSurroundings } from "../../docker/types.ts";
import { normalizeReference } from "../../runtime/images.ts";
import type { Subcommand } from "./client.ts";
import { kill, logs, port, ps, restart, rm, stop, wait } from "./containers.ts";
import { daemonOptions } from "./daemon.ts";
import { parseFlags } from "./flags.ts";
import { formatList, type ListFormat } from "./format.ts";
import { inspect } from "./inspect.ts";
import { NETWORK_COMMANDS } from "./network.ts";
import { create, exec, run, start } from "./run.ts";

/** The version that the texts are those of. */
const VERSION = "29.0.0";
const CLASSIC_VERSION = "20.10.24";
const API_VERSION = "1.52";
const CLASSIC_API_VERSION = "1.41";

const IMAGES: ListFormat = {
  columns: ["Repository", "Tag", "ID"],
  headings: { Repository: "REPOSITORY", Tag: "TAG", ID: "IMAGE ID" },
};

/** Every image that was named is there. Departure: no date and no size, which nobody here knows. */
const images: Subcommand = function* (process, engine, argv) {
  const flags = parseFlags(
    {
      usage: "docker images [OPTIONS] [REPOSITORY[:TAG]]",
      switches: ["quiet", "all", "no-trunc"],
      values: ["format"],
      short: { q: "quiet", a: "all", f: "filter" },
      refused: ["filter", "digests", "tree"],
      maximum: 1,
    },
    argv,
  );
  const wanted = flags.words[0];
  const rows = [...engine.images]
    .map(([reference, id]) => {
      const short = reference.includes(":") ? reference : `${reference}:latest`;
      const colon = short.lastIndexOf(":");
      return { Repository: short.slice(0, colon), Tag: short.slice(colon + 1), ID: id.slice(0, 12) };
    })
    .filter(
      ({ Repository, Tag }) =>
        wanted === undefined || wanted === Repository || wanted === `${Repository}:${Tag}`,
    );
  yield* process.print(formatList(IMAGES, rows, flags.has("quiet") ? "{{.ID}}" : flags.value("format")));
  return 0;
};

const pull: Subcommand = function* (process, engine, argv) {
  const flags = parseFlags(
    {
      usage: "docker pull [OPTIONS] NAME[:TAG|@DIGEST]",
      switches: ["quiet"],
      values: ["platform"],
      short: { q: "quiet", a: "all-tags" },
      refused: ["all-tags"],
      minimum: 1,
      maximum: 1,
    },
    argv,
  );
  const name = flags.words[0] ?? "";
  engine.imageId(name);
  const full = normalizeReference(name);
  if (!flags.has("quiet")) {
    if (!full.endsWith(name) || !name.includes(":")) yield* process.print("Using default tag: latest\n");
    yield* process.print(
      `Status: Image is up to date for ${full.replace(/^docker\.io\/(library\/)?/, "")}\n`,
    );
  }
  yield* process.print(`${full}\n`);
  return 0;
};

function* version(process: Process, engine: DockerEngine, argv: readonly string[]): Task<number> {
  const flags = parseFlags(
    { usage: "docker version [OPTIONS]", values: ["format"], short: { f: "format" }, maximum: 0 },
    argv,
  );
  const isClassic = engine.options.generation === "classic";
  const number = isClassic ? CLASSIC_VERSION : VERSION;
  const api = isClassic ? CLASSIC_API_VERSION : API_VERSION;
  const format = flags.value("format");
  const side = { Version: number, ApiVersion: api, Os: "linux", Arch: "amd64" };
  if (format !== undefined) {
    const line: ListFormat = { columns: [], headings: {} };
    yield* process.print(formatList(line, [{ Client: side, Server: side }], format));
    return 0;
  }
  yield* process.print(
    `Client: Docker Engine - Community\n Version:           ${number}\n API version:       ${api}\n` +
      ` OS/Arch:           linux/amd64\n Context:           default\n\n` +
      `Server: Docker Engine - Community\n Engine:\n  Version:          ${number}\n` +
      `  API version:      ${api} (minimum version ${isClassic ? "1.12" : "1.44"})\n  OS/Arch:          linux/amd64\n`,
  );
  return 0;
}

const COMMANDS: ReadonlyMap<string, Subcommand> = new Map([
  ["run", run],
  ["create", create],
  ["start", start],
  ["exec", exec],
  ["ps", ps],
  ["stop", stop],
  ["restart", restart],
  ["kill", kill],
  ["rm", rm],
  ["wait", wait],
  ["logs", logs],
  ["port", port],
  ["inspect", inspect],
  ["images", images],
  ["pull", pull],
  ["version", version],
]);

/** `docker container ls` is `docker ps`, and so on. */
const CONTAINER_COMMANDS: ReadonlyMap<string, Subcommand> = new Map([
  ...[
    "run",
    "create",
    "start",
    "exec",
    "stop",
    "restart",
    "kill",
    "rm",
    "wait",
    "logs",
    "port",
    "inspect",
  ].flatMap((name) => {
    const command = COMMANDS.get(name);
    return command === undefined ? [] : [[name, command] as const];
  }),
  ["ls", ps],
  ["list", ps],
  ["ps", ps],
]);

const GROUPS: ReadonlyMap<string, ReadonlyMap<string, Subcommand>> = new Map([
  ["network", NETWORK_COMMANDS],
  ["container", CONTAINER_COMMANDS],
]);

/** Commands of the original that are not here: refused by name. */
const NOT_HERE = new Set(
  (
    "attach build builder buildx checkpoint commit compose config context cp diff events export history image import " +
    "info load login logout manifest node pause plugin push rename rmi save search secret service stack stats swarm " +
    "system tag top trust unpause update volume"
  ).split(" "),
);

function find(argv: readonly string[]): { readonly command: Subcommand; readonly rest: readonly string[] } {
  const [first = "", second = ""] = argv;
  if (first === "--version" || first === "-v") return { command: shortVersion, rest: [] };
  if (first === "" || first.startsWith("-")) refuse(`docker ${first}`.trim());
  const group = GROUPS.get(first);
  if (group !== undefined) {
    const command = group.get(second);
    if (command === undefined) refuse(`docker ${first} ${second}`.trim());
    return { command, rest: argv.slice(2) };
  }
  const command = COMMANDS.get(first);
  if (command !== undefined) return { command, rest: argv.slice(1) };
  if (NOT_HERE.has(first)) refuse(`docker ${first}`);
  return fail(1, `docker: unknown command: docker ${first}\n\nRun 'docker --help' for more information\n`);
}

const shortVersion: Subcommand = function* (process, engine) {
  const number = engine.options.generation === "classic" ? CLASSIC_VERSION : VERSION;
  yield* process.print(`Docker version ${number}\n`);
  return 0;
};

/** `docker` on the machine that has a daemon, which starts when it is first asked; on others nobody answers. */
export function docker(surroundings: DockerSurroundings): Program {
  let engine: DockerEngine | undefined;
  const main = program(function* (process) {
    const { command, rest } = find(process.argv.slice(1));
    if (process.host !== surroundings.host)
      fail(
        1,
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n",
      );
    engine ??= new DockerEngine(surroundings, {
      ...daemonOptions(process, surroundings.version),
      ...surroundings.flags,
    });
    return yield* command(process, engine, rest);
  });
  // Who only presses Tab does not start the daemon: before that only the containers are known that it will adopt.
  const containers = (): readonly string[] =>
    engine === undefined
      ? (surroundings.adopt?.().nodes.map(({ name }) => name) ?? [])
      : [...engine.containers.values()].map(({ name }) => name);
  return Object.assign(main, {
    complete: (_: Process, words: readonly string[]) => completeDocker(words, containers()),
  });
}

/** Commands whose operands are containers. */
const OF_CONTAINERS = new Set("exec inspect kill logs port restart rm start stop wait".split(" "));

/** What Tab offers: commands, and containers where one is wanted. */
function completeDocker(
  words: readonly string[],
  containers: readonly string[],
): readonly string[] | undefined {
  const [, first, ...rest] = words;
  if (words.length === 2) return [...COMMANDS.keys(), ...GROUPS.keys()];
  const group = GROUPS.get(first ?? "");
  if (group !== undefined && rest.length === 1) return [...group.keys()];
  const command = group === undefined ? first : rest[0];
  return OF_CONTAINERS.has(command ?? "") ? containers : undefined;
}
