import { err, ok, type Result } from "../../../base/result.ts";
import { refuse } from "../../../userland/args/exit.ts";
import type { Process } from "../../../userland/os/process.ts";
import { type Ipv4, parseIpv4 } from "../../../wire/address.ts";
import type { FlagFailure } from "../flags.ts";

export interface OldOptions {
  readonly etcdPrefix: string;
  readonly iface: string;
  readonly publicIp: Ipv4 | undefined;
  readonly subnetFile: string;
  readonly ipMasq: boolean;
  readonly version: boolean;
}

/** Flags with a value, and what they are without. */
const TEXTS: Readonly<Record<string, string>> = {
  "etcd-endpoints": "http://127.0.0.1:4001,http://127.0.0.1:2379",
  "etcd-prefix": "/coreos.com/network",
  iface: "",
  "public-ip": "",
  "subnet-file": "/run/flannel/subnet.env",
  v: "0",
};
const SWITCHES: readonly string[] = ["ip-masq", "version"];
const MISSING: readonly string[] = [
  "etcd-keyfile",
  "etcd-certfile",
  "etcd-cafile",
  "subnet-dir",
  "listen",
  "remote",
  "remote-keyfile",
  "remote-certfile",
  "remote-cafile",
  "networks",
  "help",
];

/** Go's package flag, then FLANNELD_ETCD_ENDPOINTS and the like for what was not named. Models: flagutil.SetFlagsFromEnv. */
export function parseOldFlags({ argv, env }: Process): Result<OldOptions, FlagFailure> {
  const values = new Map<string, string>();
  const words = argv.slice(1);
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const [, name, given] = /^--?([^=-][^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined || MISSING.includes(name)) refuse(`flanneld 0.5 ${word}`);
    const isSwitch = SWITCHES.includes(name);
    if (!isSwitch && TEXTS[name] === undefined)
      return err({ message: `flag provided but not defined: -${name}\n`, status: 2 });
    const value = given ?? (isSwitch ? "true" : words.shift());
    if (value === undefined) return err({ message: `flag needs an argument: -${name}\n`, status: 2 });
    values.set(name, value);
  }
  const text = (name: string): string =>
    values.get(name) ?? env.get(`FLANNELD_${name.toUpperCase().replace(/-/g, "_")}`) ?? TEXTS[name] ?? "";
  return ok({
    etcdPrefix: text("etcd-prefix"),
    iface: text("iface"),
    publicIp: parseIpv4(text("public-ip")) ?? undefined,
    subnetFile: text("subnet-file"),
    ipMasq: text("ip-masq") === "true",
    version: text("version") === "true",
  });
}
