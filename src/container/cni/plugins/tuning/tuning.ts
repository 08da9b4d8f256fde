import * as v from "valibot";
import { err, ok, type Result } from "../../../../base/result.ts";
import type { LinkInfo, NetApi } from "../../../../kernel/uapi/index.ts";
import type { Task } from "../../../../sim/task.ts";
import type { FileSystem } from "../../../../userland/os/fs.ts";
import { formatMac } from "../../../../wire/address.ts";
import { goErrno } from "../../../errno.ts";
import { readText } from "../../../files.ts";
import type { CniArgs, CniPlugin } from "../../plugin.ts";
import { type CniResult, firstIssue, parseResult } from "../../result.ts";
import { backupFile, restore, save } from "./backup.ts";
import { applyTuning, type Tuning } from "./link.ts";

const ALLOWLIST = "/etc/cni/tuning/allowlist.conf";

const tuned = {
  sysctl: v.optional(v.record(v.string(), v.string())),
  mac: v.optional(v.string()),
  promisc: v.optional(v.boolean()),
  mtu: v.optional(v.number()),
  allmulti: v.optional(v.boolean()),
  txQLen: v.optional(v.number()),
};
const ConfSchema = v.object({
  ...tuned,
  dataDir: v.optional(v.string(), ""),
  runtimeConfig: v.optional(v.object({ mac: v.optional(v.string(), "") })),
  args: v.optional(v.object({ cni: v.optional(v.object(tuned)) })),
});

interface TuningConfig extends Tuning {
  readonly sysctl: Readonly<Record<string, string>>;
  readonly dataDir: string;
}

/** Later ones win: the configuration, MAC= of CNI_ARGS, runtimeConfig, args.cni. Models: tuning parseConf. */
function load(args: CniArgs): Result<TuningConfig, string> {
  const parsed = v.safeParse(ConfSchema, args.config);
  if (!parsed.success) return err(`failed to load netconf: ${firstIssue(parsed.issues)}`);
  const { sysctl, runtimeConfig, args: conf, dataDir, ...own } = parsed.output;
  const { sysctl: more, ...over } = conf?.cni ?? {};
  const fromArgs = args.args
    .split(";")
    .find((pair) => pair.startsWith("MAC="))
    ?.slice(4);
  const given = runtimeConfig?.mac;
  const mac = over.mac ?? (given === undefined || given === "" ? (fromArgs ?? own.mac) : given);
  const allmulti = over.allmulti ?? own.allmulti;
  const txQLen = over.txQLen ?? own.txQLen;
  return ok({
    sysctl: { ...sysctl, ...more },
    dataDir: dataDir === "" ? "/run/cni/tuning" : dataDir,
    mac: mac ?? "",
    ...((over.promisc ?? own.promisc) === true && { promisc: true }),
    mtu: over.mtu ?? own.mtu ?? 0,
    ...(allmulti !== undefined && { allmulti }),
    ...(txQLen !== undefined && { txQLen }),
  });
}

/** Only what the administrator's list allows, when there is one. Models: validateSysctlConf. */
function allowed(fs: FileSystem, keys: readonly string[]): Result<void, string> {
  const text = readText(fs, ALLOWLIST);
  if (!text.ok) return ok();
  const patterns = text.value
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const refused = keys.find((key) => !patterns.some((pattern) => new RegExp(pattern).test(key)));
  if (refused === undefined) return ok();
  return err(
    `Sysctl ${refused} is not allowed. Only the following sysctls are allowed: [${patterns.join(" ")}]`,
  );
}

/** The path below /proc/sys; IFNAME in it stands for the pod's device. Models: getSysctlFilename. */
function sysctlPath(key: string, ifName: string): Result<string, string> {
  const path = key.replaceAll(".", "/").replace("IFNAME", ifName);
  return path.startsWith("net/") ? ok(path) : err(`invalid net sysctl key: "${path}"`);
}

function setSysctls(pod: NetApi, n: TuningConfig, ifName: string): Result<void, string> {
  for (const [key, value] of Object.entries(n.sysctl)) {
    const path = sysctlPath(key, ifName);
    if (!path.ok) return path;
    const set = pod.sysctl.set(path.value, value);
    if (set.ok) continue;
    const verb = set.error.errno === "ENOENT" ? "open" : "write";
    return err(`${verb} /proc/sys/${path.value}: ${goErrno(set.error)}`);
  }
  return ok();
}

function tunesLink(n: TuningConfig): boolean {
  return (
    n.mac !== "" || n.mtu !== 0 || n.promisc === true || n.allmulti !== undefined || n.txQLen !== undefined
  );
}

function* add(args: CniArgs, context: Parameters<CniPlugin["add"]>[1]): Task<Result<CniResult, string>> {
  const config = load(args);
  if (!config.ok) return config;
  const n = config.value;
  const { fs } = context.host;
  const permitted = allowed(fs, Object.keys(n.sysctl));
  if (!permitted.ok) return permitted;
  if (args.ifName.includes("/"))
    return err(`Interface name (${args.ifName}) contains an invalid character /`);
  const raw = args.config["prevResult"];
  if (raw === undefined) return err("Required prevResult missing");
  const previous = parseResult(raw);
  if (!previous.ok) return previous;
  const pod = context.openNetns(args.netns);
  if (!pod.ok) return pod;
  const set = setSysctls(pod.value, n, args.ifName);
  if (!set.ok) return set;
  if (tunesLink(n)) {
    const link = pod.value.link.byName(args.ifName);
    if (link === undefined) return err(`failed to get "${args.ifName}": Link not found`);
    save(fs, backupFile(n.dataDir, args), link, n);
    const applied = applyTuning(pod.value, link, n);
    if (!applied.ok) return applied;
  }
  if (n.mac === "") return previous;
  const interfaces = previous.value.interfaces.map((i) =>
    i.name === args.ifName ? { ...i, mac: n.mac } : i,
  );
  return ok({ ...previous.value, interfaces });
}

function linkFault(link: LinkInfo, n: TuningConfig): string | undefined {
  const { name, promiscuity } = link;
  const mac = formatMac(link.mac);
  if (n.mac !== "" && n.mac !== mac)
    return `Error: Tuning configured Ethernet of ${name} is ${n.mac}, current value is ${mac}`;
  const promisc = n.promisc === true;
  if (promisc !== promiscuity > 0)
    return `Error: Tuning link ${name} configured promisc is ${promisc}, current value is ${promiscuity}`;
  if (n.mtu !== 0 && n.mtu !== link.mtu)
    return `Error: Tuning configured MTU of ${name} is ${n.mtu}, current value is ${link.mtu}`;
  const all = link.allMulticastFlag ?? false;
  if (n.allmulti !== undefined && n.allmulti !== all)
    return `Error: Tuning configured all-multicast mode of ${name} is ${n.allmulti}, current value is ${all}`;
  if (n.txQLen !== undefined && n.txQLen !== link.txQueueLength)
    return `Error: Tuning configured Transmit Queue Length of ${name} is ${n.txQLen}, current value is ${link.txQueueLength}`;
  return undefined;
}

function* check(args: CniArgs, context: Parameters<CniPlugin["check"]>[1]): Task<Result<void, string>> {
  const config = load(args);
  if (!config.ok) return config;
  if (args.config["prevResult"] === undefined) return err("Required prevResult missing");
  const pod = context.openNetns(args.netns);
  if (!pod.ok) return pod;
  for (const [key, wanted] of Object.entries(config.value.sysctl)) {
    const path = sysctlPath(key, args.ifName);
    if (!path.ok) return path;
    const now = pod.value.sysctl.get(path.value);
    const file = `/proc/sys/${path.value}`;
    if (!now.ok) return err(`open ${file}: ${goErrno(now.error)}`);
    if (now.value !== wanted)
      return err(`Error: Tuning configured value of ${file} is ${wanted}, current value is ${now.value}`);
  }
  const link = pod.value.link.byName(args.ifName);
  if (link === undefined) return err(`Cannot find container link ${args.ifName}`);
  const fault = linkFault(link, config.value);
  return fault === undefined ? ok() : err(fault);
}

/**
 * Sysctls of the pod's namespace, and MAC, MTU, promiscuity, all multicast and queue length of its device.
 *
 * Models: containernetworking/plugins v1.9.1 plugins/meta/tuning.
 */
export const tuning: CniPlugin = {
  type: "tuning",
  kind: "meta",
  add,
  check,

  *del(args, context): Task<Result<void, string>> {
    const config = load(args);
    if (!config.ok) return config;
    const pod = args.netns === "" ? undefined : context.openNetns(args.netns);
    const link = pod?.ok === true ? pod.value.link.byName(args.ifName) : undefined;
    if (pod?.ok === true && link !== undefined)
      restore(context.host.fs, backupFile(config.value.dataDir, args), (former) =>
        applyTuning(pod.value, link, former),
      );
    return ok();
  },
};
