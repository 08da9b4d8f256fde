import { err, ok, type Result } from "../../base/result.ts";
import { isArray, isObject, type Json, marshal, parseObject, stringOf } from "../../container/cni/json.ts";
import { fsErrorText, makeDirectories, readText, writeText } from "../../container/files.ts";
import { sleep, type Task } from "../../sim/task.ts";
import { seconds } from "../../sim/time.ts";
import type { FileSystem } from "../../userland/os/fs.ts";
import type { Process, Program } from "../../userland/os/process.ts";

/** The flags of thin_entrypoint that the manifest uses, and their defaults. */
const FLAGS: Readonly<Record<string, string>> = {
  "multus-conf-file": "auto",
  "multus-autoconfig-dir": "/host/etc/cni/net.d",
  "cni-conf-dir": "/host/etc/cni/net.d",
  "multus-cni-conf-dir": "/host/etc/cni/multus/net.d",
  "multus-kubeconfig-file-host": "/etc/cni/net.d/multus.d/multus.kubeconfig",
};
const CHECK_PERIOD = seconds(1);

type Options = ReadonlyMap<string, string>;

function parseFlags(argv: readonly string[]): Result<Options, string> {
  const out = new Map(Object.entries(FLAGS));
  for (const word of argv.slice(1)) {
    const m = /^--([^=]+)=(.*)$/.exec(word);
    const name = m?.[1] ?? "";
    if (!out.has(name)) return err(`flannelgraph: thin_entrypoint's ${word} is not modelled yet`);
    out.set(name, m?.[2] ?? "");
  }
  return ok(out);
}

/** The alphabetically first configuration that is not multus' own. Models: getMasterConfigPath. */
function masterConfig(fs: FileSystem, dir: string): Result<{ path: string; text: string }, string> {
  const names = fs.list(dir);
  const first = (names.ok ? [...names.value] : [])
    .filter((name) => /\.(conf|conflist)$/.test(name) && !name.startsWith("00-multus.conf"))
    .sort()[0];
  if (first === undefined) return err(`cannot find valid master CNI config in "${dir}"`);
  const path = `${dir}/${first}`;
  const text = readText(fs, path);
  return text.ok
    ? ok({ path, text: text.value })
    : err(`cannot read ${path} file: ${fsErrorText(text.error)}`);
}

function capabilitiesOf(master: Readonly<Record<string, Json | undefined>>): Record<string, Json> {
  const plugins: readonly Json[] = isArray(master["plugins"]) ? master["plugins"] : [master];
  const out: Record<string, Json> = {};
  for (const plugin of plugins)
    if (isObject(plugin) && isObject(plugin["capabilities"]))
      for (const [key, value] of Object.entries(plugin["capabilities"])) out[key] = value ?? null;
  return out;
}

/** 00-multus.conf around the master's configuration; a conflist from version 1.0.0 on. Models: createMultusConfig. */
export function multusConfig(
  text: string,
  path: string,
  options: Options,
): Result<{ name: string; text: string; list: boolean }, string> {
  const parsed = parseObject(text, "map[string]interface {}");
  if (!parsed.ok) return err(`cannot read master CNI config json: ${parsed.error}`);
  const master = parsed.value;
  const version = stringOf(master["cniVersion"]);
  if (version === undefined) return err(`cannot get cniVersion in master CNI config file "${path}": <nil>`);
  const capabilities = capabilitiesOf(master);
  const pad = "        ";
  const fields = [
    ...(Object.keys(capabilities).length > 0 ? [`"capabilities": ${marshal(capabilities)},`] : []),
    `"cniConf": "${options.get("multus-cni-conf-dir") ?? ""}",`,
    `"kubeconfig": "${options.get("multus-kubeconfig-file-host") ?? ""}",`,
  ].map((line) => pad + line);
  const head = [`"cniVersion": "${version}",`, `"name": "multus-cni-network",`];
  const list = version.startsWith("1.");
  const json = marshal(master);
  const lines = list
    ? [
        "{",
        ...head.map((line) => `    ${line}`),
        '    "plugins": [ {',
        `${pad}"type": "multus",`,
        ...fields,
        `${pad}"delegates": [`,
        `            ${json}`,
        `${pad}]`,
        "    }]",
        "}",
      ]
    : [
        "{",
        ...[...head, '"type": "multus",'].map((line) => pad + line),
        ...fields,
        `${pad}"delegates": [`,
        `                ${json}`,
        `${pad}]`,
        "}",
      ];
  return ok({ name: list ? "00-multus.conflist" : "00-multus.conf", text: `${lines.join("\n")}\n`, list });
}

function* writeConfig(process: Process, options: Options): Task<Result<string, string>> {
  const { fs } = process.host;
  const dir = options.get("cni-conf-dir") ?? "";
  const master = masterConfig(fs, options.get("multus-autoconfig-dir") ?? "");
  if (!master.ok) return master;
  const config = multusConfig(master.value.text, master.value.path, options);
  if (!config.ok) return config;
  const from = parseObject(master.value.text, "").ok && master.value.path.endsWith(".conflist");
  yield* process.print(`master capabilities is get from ${from ? "conflist" : "conffile"}\n`);
  const path = `${dir}/${config.value.name}`;
  const written = writeText(fs, path, config.value.text, 0o600);
  if (!written.ok) return err(`cannot create multus cni temp file: ${fsErrorText(written.error)}`);
  return ok(master.value.text);
}

/**
 * Writes multus' configuration from the cluster's own, and again when that changes. Without one it ends, and the kubelet
 * starts it again.
 *
 * Models: multus-cni v4.3.0 cmd/thin_entrypoint with --multus-conf-file=auto. The kubeconfig has neither CA nor token.
 */
export const thinEntrypoint: Program = function* (process): Task<number> {
  const options = parseFlags(process.argv);
  if (!options.ok) {
    yield* process.printError(`${options.error}\n`);
    return 1;
  }
  const { fs } = process.host;
  const dir = `${options.value.get("cni-conf-dir") ?? ""}/multus.d`;
  makeDirectories(fs, options.value.get("multus-cni-conf-dir") ?? "");
  writeText(fs, `${dir}/multus.kubeconfig`, "# Kubeconfig file for Multus CNI plugin.\n", 0o600);
  yield* process.print(`kubeconfig is created in ${dir}/multus.kubeconfig\n`);
  let known = yield* writeConfig(process, options.value);
  if (!known.ok) {
    yield* process.printError(`failed to create multus config: ${known.error}\n`);
    return 1;
  }
  yield* process.print("multus config file is created\n");
  for (;;) {
    yield* sleep(CHECK_PERIOD);
    const master = masterConfig(fs, options.value.get("multus-autoconfig-dir") ?? "");
    if (!master.ok || !known.ok || master.value.text === known.value) continue;
    yield* process.print("master config changed - recreating multus config\n");
    known = yield* writeConfig(process, options.value);
  }
};
