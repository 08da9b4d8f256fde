import { err, ok, type Result } from "../../base/result.ts";
import type { NetnsId } from "../../kernel/uapi/index.ts";
import { sleep, type Task } from "../../sim/task.ts";
import { millis, type Nanos } from "../../sim/time.ts";
import type { Host } from "../../userland/os/host.ts";
import { programIn } from "../files.ts";
import { type JsonObject, marshal } from "./json.ts";
import { type CniArgs, type CniCommand, type CniPlugin, EMPTY_RESULT, type PluginContext } from "./plugin.ts";
import { PLUGINS } from "./plugins/index.ts";
import { CNI_VERSIONS, type CniResult, printResult } from "./result.ts";

/** One execution of a plugin, as the inspector shows it. */
export interface CniCall {
  readonly node: string;
  readonly plugin: string;
  readonly command: CniCommand;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  /** The result's JSON, or the error's. */
  readonly stdout: string;
  readonly failed: boolean;
  /** How many plugins stand between this one and the runtime: 1 for a delegate. */
  readonly depth: number;
  readonly started: Nanos;
  readonly ended: Nanos;
}

export type CniObserver = (call: CniCall) => void;

export interface Invoker {
  readonly host: Host;
  readonly path: readonly string[];
  readonly observe?: CniObserver | undefined;
  /** Plugins that came with images, besides those that we have. */
  readonly plugins?: readonly CniPlugin[] | undefined;
  /** How deep a plugin stands that itself runs networks (multus). */
  readonly depth?: number;
}

/** What starting a Go binary and its netlink round trips take. */
const EXEC_COST: Nanos = millis(8);
/** Prefix that executables of CNI plugins have in their program's name. */
export const CNI_PROGRAM = "cni/";
const NETNS_DIRS = ["/var/run/netns/", "/run/netns/"];

function environment(command: CniCommand, args: CniArgs): Record<string, string> {
  return {
    CNI_COMMAND: command,
    CNI_CONTAINERID: args.containerId,
    CNI_NETNS: args.netns,
    CNI_ARGS: args.args,
    CNI_IFNAME: args.ifName,
    CNI_PATH: args.path.join(":"),
  };
}

/** The namespace that a path below /var/run/netns of this host leads to. */
export function netnsAt(host: Host, path: string): NetnsId | undefined {
  const dir = NETNS_DIRS.find((d) => path.startsWith(d));
  return dir === undefined ? undefined : host.netnsNames.get(path.slice(dir.length));
}

/** Models: libcni invoke.FindInPath. */
function findInPath(host: Host, type: string, path: readonly string[]): Result<string, string> {
  for (const dir of path) {
    const program = programIn(host.fs, `${dir}/${type}`);
    if (program !== undefined) return ok(program);
  }
  return err(`failed to find plugin "${type}" in path [${path.join(" ")}]`);
}

function lookUp({ host, path, plugins = [] }: Invoker, type: string): Result<CniPlugin, string> {
  const program = findInPath(host, type, path);
  if (!program.ok) return program;
  const plugin = [...PLUGINS, ...plugins].find((p) => CNI_PROGRAM + p.type === program.value);
  return plugin === undefined ? err(`CNI plugin "${type}" is not modelled yet`) : ok(plugin);
}

function contextFor(
  invoker: Invoker,
  plugin: CniPlugin,
  command: CniCommand,
  args: CniArgs,
  depth: number,
): PluginContext {
  const { host } = invoker;
  const actor = {
    name: plugin.type,
    detail: `CNI ${command} ${args.ifName} ${args.containerId.slice(0, 13)}`,
  };
  return {
    host,
    net: host.kernel.open(host.netns, actor),
    openNetns(path) {
      const id = netnsAt(host, path);
      if (id === undefined) return err(`failed to Statfs "${path}": no such file or directory`);
      return ok(host.kernel.open(id, actor));
    },
    runner: { ...invoker, depth: depth + 1 },
    delegate: (verb, type, config) => invoke(invoker, verb, type, { ...args, config }, depth + 1),
  };
}

function* runVerb(
  plugin: CniPlugin,
  command: CniCommand,
  args: CniArgs,
  context: PluginContext,
): Task<Result<CniResult, string>> {
  const versions = plugin.versions ?? CNI_VERSIONS;
  if (!versions.some((version) => version === args.cniVersion))
    return err(
      `incompatible CNI versions; config is "${args.cniVersion}", plugin supports [${versions.map((x) => `"${x}"`).join(" ")}]`,
    );
  if (command === "ADD") return yield* plugin.add(args, context);
  const done = command === "DEL" ? yield* plugin.del(args, context) : yield* plugin.check(args, context);
  return done.ok ? ok(EMPTY_RESULT) : done;
}

/** Executes the plugin `type` found in CNI_PATH; the observer sees environment, input and output. */
export function* invoke(
  invoker: Invoker,
  command: CniCommand,
  type: string,
  args: CniArgs,
  depth = invoker.depth ?? 0,
): Task<Result<CniResult, string>> {
  const { host } = invoker;
  const plugin = lookUp(invoker, type);
  if (!plugin.ok) return plugin;
  const started = host.queue.now;
  yield* sleep(EXEC_COST);
  const answer = yield* runVerb(
    plugin.value,
    command,
    args,
    contextFor(invoker, plugin.value, command, args, depth),
  );
  invoker.observe?.({
    node: host.name,
    plugin: type,
    command,
    env: environment(command, args),
    stdin: marshal(args.config),
    stdout: outputText(command, answer, args.cniVersion),
    failed: !answer.ok,
    depth,
    started,
    ended: host.queue.now,
  });
  return answer;
}

function outputText(command: CniCommand, answer: Result<CniResult, string>, version: string): string {
  if (answer.ok) return command === "ADD" ? printResult(answer.value, version) : "";
  const error: JsonObject = { cniVersion: version, code: 999, msg: answer.error };
  return marshal(error, "    ", false);
}
