import * as v from "valibot";
import type { Result } from "../../../../base/result.ts";
import type { LinkInfo } from "../../../../kernel/uapi/index.ts";
import type { FileSystem } from "../../../../userland/os/fs.ts";
import { formatMac } from "../../../../wire/address.ts";
import { readText, writeText } from "../../../files.ts";
import { marshal, parseObject } from "../../json.ts";
import type { CniArgs } from "../../plugin.ts";
import type { Tuning } from "./link.ts";

const BackupSchema = v.object({
  mac: v.optional(v.string(), ""),
  promisc: v.optional(v.boolean()),
  mtu: v.optional(v.number(), 0),
  allmulti: v.optional(v.boolean()),
  txQLen: v.optional(v.number()),
});

export function backupFile(dir: string, args: CniArgs): string {
  return `${dir}/${args.containerId}_${args.ifName}.json`;
}

/** What the device was like before, as far as it is going to change. Models: createBackup. */
export function save(fs: FileSystem, path: string, link: LinkInfo, n: Tuning): void {
  const before = {
    ...(n.mac !== "" && { mac: formatMac(link.mac) }),
    ...(n.promisc === true && { promisc: link.promiscuity !== 0 }),
    ...(n.mtu !== 0 && { mtu: link.mtu }),
    ...(n.allmulti !== undefined && { allmulti: link.allMulticastFlag ?? false }),
    ...(n.txQLen !== undefined && { txQLen: link.txQueueLength }),
  };
  writeText(fs, path, marshal(before, " ", false), 0o600);
}

/** Sets all that again; the file goes when it worked. Models: restoreBackup. */
export function restore(fs: FileSystem, path: string, apply: (former: Tuning) => Result<void, string>): void {
  const text = readText(fs, path);
  const raw = text.ok ? parseObject(text.value, "main.configToRestore") : text;
  const former = raw.ok ? v.safeParse(BackupSchema, raw.value) : undefined;
  if (former?.success !== true) return;
  const { mac, promisc, mtu, allmulti, txQLen } = former.output;
  const tuning = {
    mac,
    mtu,
    ...(promisc !== undefined && { promisc }),
    ...(allmulti !== undefined && { allmulti }),
    ...(txQLen !== undefined && { txQLen }),
  };
  if (apply(tuning).ok) fs.remove(path);
}
