import { err, ok, type Result } from "../../base/result.ts";
import { prepareCommand } from "../../userland/os/exec.ts";
import { resolvePath } from "../../userland/os/fs.ts";
import type { Host } from "../../userland/os/host.ts";
import { Process, type Program } from "../../userland/os/process.ts";
import { programIn } from "../files.ts";
import { standIn, standInName } from "../servers/stand-in.ts";
import { program, refuse } from "../../userland/args/exit.ts";
import { type ImageSpec, isBaseImage, networkComponent } from "./images.ts";
import type { ContainerConfig } from "./types.ts";

export interface Command {
  readonly program: Program;
  readonly argv: readonly string[];
}

export type FindFailure = "missing" | "denied" | "directory";

/** What execve would run: a program of the image, else a command of the userland or a script. */
export function findProgram(
  host: Host,
  image: ImageSpec | undefined,
  argv: readonly string[],
  cwd: string,
): Result<Command, FindFailure> {
  const name = argv[0] ?? "";
  const inImage = name.includes("/") ? programIn(host.fs, resolvePath(cwd, name)) : undefined;
  const program = inImage === undefined ? undefined : image?.programs.get(inImage);
  if (program !== undefined) return ok({ program, argv });
  // A process that never runs: finding a command depends on a working directory.
  const finder = Process.detached(host, { argv, env: new Map(), cwd, netns: host.netns, files: new Map() });
  const found = prepareCommand(finder, argv, undefined);
  finder.end();
  host.takeBack(finder.pid);
  return typeof found === "string" ? err(found === "missing" ? "missing" : found) : ok(found);
}

/** runc's words for a command that cannot be run. */
export function startErrorText(name: string, failure: FindFailure): string {
  const why = name.includes("/")
    ? `stat ${name}: no such file or directory`
    : "executable file not found in $PATH";
  return `exec: "${name}": ${failure === "missing" ? why : "permission denied"}`;
}

/** A shell's word for a command that is not there, and a command's for what is not modelled. */
const UNKNOWN_STATUSES: readonly number[] = [127, 95];

/** A script of an image that nobody knows runs until it needs a program of that image; from there on a server stands in. */
function orStandIn({ program, argv }: Command, config: ContainerConfig): Command {
  if ((config.ports.length === 0 && config.runsToEnd !== true) || isBaseImage(config.image))
    return { program, argv };
  return {
    argv,
    *program(process) {
      const status = yield* process.exec(program, { argv });
      return UNKNOWN_STATUSES.includes(status) ? yield* standIn(config)(process) : status;
    },
  };
}

/**
 * The process of a container. An image that the product does not know runs what its command names, when that is a
 * command of the userland; anything else in it is unknown, and a small server stands in for it.
 */
export function containerCommand(
  host: Host,
  image: ImageSpec | undefined,
  config: ContainerConfig,
): Result<Command, string> {
  const component = image === undefined ? networkComponent(config.image) : undefined;
  if (component !== undefined) return ok({ program: program(() => refuse(component)), argv: [component] });
  const rest = config.args.length > 0 ? config.args : (image?.command ?? []);
  const argv =
    config.command.length > 0 ? [...config.command, ...config.args] : [...(image?.entrypoint ?? []), ...rest];
  const first = argv[0];
  const found =
    first === undefined ? err("missing" as const) : findProgram(host, image, argv, config.workingDir);
  if (found.ok) return ok(image === undefined ? orStandIn(found.value, config) : found.value);
  if (image === undefined && found.error === "missing")
    return ok({ program: standIn(config), argv: first === undefined ? [standInName(config.image)] : argv });
  const text = first === undefined ? "no command specified" : startErrorText(first, found.error);
  return err(
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: " +
      `unable to start container process: error during container init: ${text}`,
  );
}
