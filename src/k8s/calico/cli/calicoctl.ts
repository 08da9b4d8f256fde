import { utf8Decode } from "../../../base/utf8.ts";
import { isList, isRecord, type JsonRecord, jsonText, sortedJson } from "../../../formats/json.ts";
import { parseManifest } from "../../../formats/manifest.ts";
import { tabWrite } from "../../../formats/tabwriter.ts";
import { printYaml } from "../../../formats/yaml-print.ts";
import type { Task } from "../../../sim/task.ts";
import { program, refuse } from "../../../userland/args/exit.ts";
import { resolvePath } from "../../../userland/os/fs.ts";
import { readAllText } from "../../../userland/os/io.ts";
import type { Process, Program } from "../../../userland/os/process.ts";
import { parseIpv4 } from "../../../wire/address.ts";
import type { ApiStore } from "../../api/index.ts";
import { mergePatch } from "../../cli/patches.ts";
import { CalicoClient } from "../api/index.ts";
import { askControl } from "../bird/control.ts";
import { Ipam } from "../ipam/ipam.ts";
import { BIRD_SOCKET, peersIn } from "../node/health.ts";
import { CALICO_VERSION } from "../version.ts";
import { boxTable } from "./box-table.ts";
import { showBorrowed, showConfiguration, showIp, showUtilization } from "./ipam.ts";
import { asTree, kindNamed, listResources, type Resource, type ResourceKind } from "./resources.ts";
import { deleteGiven, type Given, readGiven, writeGiven } from "./write.ts";

/** A command line that says what is wrong; status 1. */
class Fault extends Error {}

const VALUE_FLAGS: Readonly<Record<string, string>> = {
  "-o": "output",
  "--output": "output",
  "-f": "filename",
  "--filename": "filename",
  "-n": "namespace",
  "--namespace": "namespace",
  "-p": "patch",
  "--patch": "patch",
  "-c": "config",
  "--config": "config",
  "--ip": "ip",
  "--strictaffinity": "strictaffinity",
  "-t": "type",
  "--type": "type",
};
const FLAGS: Readonly<Record<string, string>> = {
  "-a": "all-namespaces",
  "-A": "all-namespaces",
  "--all-namespaces": "all-namespaces",
  "--allow-version-mismatch": "allow-version-mismatch",
  "--show-blocks": "show-blocks",
  "--show-borrowed": "show-borrowed",
  "--show-configuration": "show-configuration",
  "--skip-not-exists": "skip-not-exists",
  "--skip-exists": "skip-exists",
  "--skip-empty": "skip-empty",
  "--overwrite": "overwrite",
  "--remove": "remove",
};

interface Line {
  readonly words: readonly string[];
  readonly values: ReadonlyMap<string, string>;
  readonly flags: ReadonlySet<string>;
}

function parse(argv: readonly string[]): Line {
  const words: string[] = [];
  const values = new Map<string, string>();
  const flags = new Set<string>();
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? "";
    const [name = "", given] = word.split(/=(.*)/s);
    const known = VALUE_FLAGS[name] ?? VALUE_FLAGS[word.slice(0, 2)];
    if (!word.startsWith("-") || word === "-") words.push(word);
    else if (FLAGS[word] !== undefined) flags.add(FLAGS[word]);
    else if (VALUE_FLAGS[name] !== undefined) values.set(VALUE_FLAGS[name], given ?? argv[++i] ?? "");
    else if (known !== undefined && !word.startsWith("--")) values.set(known, word.slice(2));
    else
      throw new Fault(
        `invalid option: 'calicoctl ${argv.join(" ")}'. Use flag '--help' to read about a specific subcommand.`,
      );
  }
  return { words, values, flags };
}

/** What one run works with. */
interface Run extends Line {
  readonly process: Process;
  readonly store: ApiStore;
}

const namespaceOf = ({ values }: Line): string => values.get("namespace") ?? "default";

function kindOrDie(name: string | undefined): ResourceKind {
  const kind = kindNamed(name ?? "");
  if (kind === undefined)
    throw new Fault(`failed to execute command: resource type '${name ?? ""}' is not supported`);
  return kind;
}

/** Rows with a tab at each end, as the templates write them. */
function table(
  kind: ResourceKind,
  resources: readonly Resource[],
  wide: boolean,
  withNamespace: boolean,
): string {
  const heads = [
    ...(withNamespace && kind.namespaced ? ["NAMESPACE"] : []),
    ...(wide ? kind.wide : kind.short),
  ];
  const rows = resources.map((resource) => heads.map((head) => kind.columns[head]?.(resource) ?? ""));
  const text = [heads, ...rows].map((cells) => `${cells.join("\t")}\t\n`).join("");
  return `${tabWrite(text, { minWidth: 5, padding: 3 })}\n`;
}

function found(run: Run, kind: ResourceKind, names: readonly string[]): readonly Resource[] {
  const namespace = namespaceOf(run);
  const all = listResources(run.store, kind).filter(
    ({ metadata }) =>
      !kind.namespaced || run.flags.has("all-namespaces") || metadata["namespace"] === namespace,
  );
  return names.length === 0
    ? all
    : names.map((name) => {
        const one = all.find(
          ({ metadata }) => metadata["name"] === name || metadata["name"] === `default.${name}`,
        );
        if (one !== undefined) return one;
        const id = kind.namespaced ? `${namespace}/${name}` : name;
        throw new Fault(
          `failed to get resources: resource does not exist: ${kind.kind}(${id}) with error: ${kind.names[1] ?? ""}.crd.projectcalico.org "${name}" not found`,
        );
      });
}

function* get(run: Run): Task<void> {
  const kind = kindOrDie(run.words[0]);
  const names = run.words.slice(1);
  const resources = found(run, kind, names);
  const output = run.values.get("output") ?? "ps";
  const tree: unknown =
    names.length === 1 && resources[0] !== undefined
      ? asTree(resources[0])
      : {
          apiVersion: "projectcalico.org/v3",
          items: resources.map(asTree),
          kind: `${kind.kind}List`,
          metadata: {},
        };
  if (output === "yaml") yield* run.process.print(printYaml(sortedJson(tree)));
  else if (output === "json") yield* run.process.print(`${JSON.stringify(sortedJson(tree), null, 2)}\n`);
  else if (output === "ps" || output === "wide")
    yield* run.process.print(table(kind, resources, output === "wide", run.flags.has("all-namespaces")));
  else if (output.startsWith("custom-columns=")) {
    const heads = output.slice("custom-columns=".length).toUpperCase().split(",");
    yield* run.process.print(table({ ...kind, short: heads }, resources, false, false));
  } else throw new Fault(`unrecognized output format '${output}'`);
}

function* givenObjects(run: Run): Task<readonly Given[]> {
  const { process, values, words } = run;
  const file = values.get("filename");
  if (file === undefined) {
    const kind = kindOrDie(words[0]);
    return words.slice(1).map((name) => ({
      kind,
      name,
      namespace: kind.namespaced ? namespaceOf(run) : "",
      metadata: {},
      spec: {},
    }));
  }
  const text = file === "-" ? yield* readAllText(process.stdin) : readFileOrDie(process, file);
  const manifest = parseManifest(text);
  if (manifest.error !== undefined) throw new Fault(`failed to execute command: ${manifest.error.kubectl}`);
  return manifest.documents.flatMap(({ value }) => {
    const items = isList(value["items"]) ? value["items"].filter(isRecord) : [value];
    return items.map((tree) => {
      const given = readGiven(tree, namespaceOf(run));
      if (!given.ok) throw new Fault(`failed to execute command: ${given.error}`);
      return given.value;
    });
  });
}

function readFileOrDie(process: Process, file: string): string {
  const bytes = process.host.fs.read(resolvePath(process.cwd, file));
  if (!bytes.ok) throw new Fault(`failed to execute command: open ${file}: no such file or directory`);
  return utf8Decode(bytes.value);
}

const PAST = { apply: "applied", create: "created", replace: "replaced", delete: "deleted" } as const;

function* write(run: Run, verb: keyof typeof PAST): Task<void> {
  const given = yield* givenObjects(run);
  const single =
    new Set(given.map(({ kind }) => kind.kind)).size === 1 ? `'${given[0]?.kind.kind ?? ""}' ` : "";
  let done = 0;
  for (const each of given) {
    const made = verb === "delete" ? deleteGiven(run.store, each) : writeGiven(run.store, each, verb);
    const skipped = run.flags.has(verb === "delete" ? "skip-not-exists" : "skip-exists");
    if (made.ok || skipped) {
      done++;
      continue;
    }
    if (verb === "delete") throw new Fault(`Failed to delete ${single}resource: ${made.error}`);
    if (done === 0 && given.length === 1)
      throw new Fault(`failed to ${verb} ${single}resource: [${made.error}]`);
    throw new Fault(`hit error(s): [${made.error}]`);
  }
  if (given.length === 0) yield* run.process.print("No resources specified\n");
  else yield* run.process.print(`Successfully ${PAST[verb]} ${done} ${single}resource(s)\n`);
}

/** `patch KIND NAME -p JSON`. */
function* patch(run: Run): Task<void> {
  const kind = kindOrDie(run.words[0]);
  const [, name = ""] = run.words;
  const [current] = found(run, kind, [name]);
  const text = run.values.get("patch") ?? "";
  const change = parseManifest(text).documents[0]?.value;
  if (change === undefined || current === undefined)
    throw new Fault(`Failed to patch '${kind.kind}' resource: invalid patch`);
  const type = run.values.get("type") ?? "strategic";
  if (type === "json") refuse("calicoctl patch --type json");
  const merged = mergePatch(asTree(current), change);
  const given = readGiven(isRecord(merged) ? merged : {}, namespaceOf(run));
  const written = given.ok ? writeGiven(run.store, given.value, "replace") : given;
  if (!written.ok) throw new Fault(`Failed to patch '${kind.kind}' resource: ${written.error}`);
  yield* run.process.print(`Successfully patched 1 '${kind.kind}' resource\n`);
}

/** `label KIND NAME key=value`. */
function* label(run: Run): Task<void> {
  const kind = kindOrDie(run.words[0]);
  const [, name = "", pair = ""] = run.words;
  const [current] = found(run, kind, [name]);
  const [key = "", value = ""] = pair.split(/=(.*)/s);
  const known: JsonRecord = isRecord(current?.metadata["labels"]) ? current.metadata["labels"] : {};
  const remove = run.flags.has("remove");
  if (!remove && known[key] !== undefined && !run.flags.has("overwrite"))
    throw new Fault(
      `failed to update label ${key}: key ${key} is already present, use '--overwrite' to overwrite it`,
    );
  const { [key]: _, ...rest } = known;
  const labels = remove ? rest : { ...known, [key]: value };
  const tree = current === undefined ? {} : asTree(current);
  const metadata: JsonRecord = isRecord(tree["metadata"]) ? tree["metadata"] : {};
  const given = readGiven({ ...tree, metadata: { ...metadata, labels } }, namespaceOf(run));
  const written = given.ok ? writeGiven(run.store, given.value, "replace") : given;
  if (!written.ok) throw new Fault(`failed to update ${kind.kind} resource: ${written.error}`);
  yield* run.process.print(
    remove
      ? `Successfully removed label ${key} from ${kind.kind} ${name}\n`
      : `Successfully ${known[key] === undefined ? "set" : "updated"} label ${key} on ${kind.kind} ${name}\n`,
  );
}

const PEER_TYPES: Readonly<Record<string, string>> = {
  Global: "global",
  Mesh: "node-to-node mesh",
  Node: "node specific",
};

/** `node status`: the neighbours that this machine's BIRD has. */
function* nodeStatus({ process }: Run): Task<void> {
  const felixRuns = process.host.fs.stat("/var/lib/calico/nodename") !== undefined;
  if (!felixRuns) throw new Fault("Calico process is not running.");
  yield* process.print("Calico process is running.\n");
  const got = askControl(process.host, BIRD_SOCKET, "show protocols");
  if (typeof got === "string") {
    yield* process.print("\nThe BGP backend process (BIRD) is not running.\n\n");
    return;
  }
  yield* process.print("\nIPv4 BGP status\n");
  const rows = peersIn(got.text).map(({ kind, ip, state, since, bgpState, info }) => [
    ip,
    PEER_TYPES[kind] ?? kind,
    state,
    since,
    info === "" ? bgpState : `${bgpState} ${info}`,
  ]);
  yield* process.print(
    rows.length === 0
      ? "No IPv4 peers found.\n"
      : boxTable(["PEER ADDRESS", "PEER TYPE", "STATE", "SINCE", "INFO"], rows),
  );
  yield* process.print("\nIPv6 BGP status\nNo IPv6 peers found.\n\n");
}

function* ipam(run: Run): Task<void> {
  const { process, store, values, flags, words } = run;
  const ip = values.get("ip");
  switch (words[0]) {
    case "show":
      if (ip !== undefined) yield* process.print(showIp(store, ip));
      else if (flags.has("show-borrowed")) yield* process.print(showBorrowed(store));
      else if (flags.has("show-configuration")) yield* process.print(showConfiguration(store));
      else yield* process.print(showUtilization(store, flags.has("show-blocks")));
      return;
    case "release": {
      const address = parseIpv4(ip ?? "");
      if (address === undefined) throw new Fault(`invalid IP address specified: ${ip ?? ""}`);
      const freed = new Ipam(store, "calicoctl").releaseIp(address);
      yield* process.print(
        freed ? `Successfully released IP address ${ip}\n` : `IP address ${ip} is not assigned\n`,
      );
      return;
    }
    case "configure": {
      const client = new CalicoClient(store, "calicoctl");
      const strict = values.get("strictaffinity") === "true";
      const known = client.get("IPAMConfig", "default");
      const spec = { autoAllocateBlocks: true, ...known?.spec, strictAffinity: strict };
      if (known === undefined) client.create("IPAMConfig", { metadata: { name: "default" }, spec });
      else client.update("IPAMConfig", { ...known, spec });
      yield* process.print(`Successfully set StrictAffinity to: ${strict}\n`);
      return;
    }
    default:
      refuse(`calicoctl ipam ${words[0] ?? ""}`);
  }
}

function* version({ process, store }: Run): Task<void> {
  const spec = new CalicoClient(store, "calicoctl").get("ClusterInformation", "default")?.spec;
  yield* process.print(`Client Version:    ${CALICO_VERSION}\n`);
  yield* process.print(
    spec === undefined
      ? "Unable to detect installed Calico version\n"
      : `Cluster Version:   ${jsonText(spec.calicoVersion)}\nCluster Type:      ${jsonText(spec.clusterType)}\n`,
  );
}

function* dispatch(verb: string, run: Run): Task<void> {
  switch (verb) {
    case "get":
      return yield* get(run);
    case "apply":
    case "create":
    case "replace":
    case "delete":
      return yield* write(run, verb);
    case "patch":
      return yield* patch(run);
    case "label":
      return yield* label(run);
    case "ipam":
      return yield* ipam(run);
    case "version":
      return yield* version(run);
    case "node":
      if (run.words[0] === "status") return yield* nodeStatus(run);
      return refuse(`calicoctl node ${run.words[0] ?? ""}`);
    default:
      return refuse(`calicoctl ${verb}`);
  }
}

/**
 * calicoctl: Calico's objects in their own API version, BGP neighbours, addresses in use.
 * Models: calicoctl v3.31.0. Not modelled: datastore, cluster, convert, validate, node run and diags, ipam check and split.
 */
export function calicoctl(store: ApiStore): Program {
  return program(function* (process): Task<number> {
    const [, verb = "", ...rest] = process.argv;
    try {
      yield* dispatch(verb, { ...parse(rest), process, store });
      return 0;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      yield* process.print(`${error.message}\n`);
      return 1;
    }
  });
}
