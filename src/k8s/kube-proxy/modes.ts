import type { Process } from "../../userland/os/process.ts";
import type { Klog } from "../flannel/klog.ts";
import type { KubeProxyConfig } from "./config.ts";
import { EXTRAS } from "../extras.ts";
import { IptablesProxier } from "./iptables/proxier.ts";
import type { Proxier, ProxyConfig } from "./proxier.ts";
import type { Task } from "../../sim/task.ts";

/** One value of `mode`: what the log says of it, and its proxier. */
export interface Mode {
  announce(log: Klog): Task<void>;
  proxier(common: ProxyConfig, config: KubeProxyConfig, process: Process): Proxier;
  /** Connections end in kube-proxy itself: their flows never lead to a server. */
  readonly relays?: true;
  /** Where in kube-proxy's sources the log says that a sync failed, and its words. */
  readonly failure: readonly [place: string, text: string];
}

export const MODES: Readonly<Record<string, Mode>> = {
  iptables: {
    *announce(log) {
      yield* log.info("server_linux.go:136", `"Using iptables Proxier"`);
    },
    proxier: (common, _, process) => new IptablesProxier(common, process.net),
    failure: ["proxier.go:1595", "Failed to execute iptables-restore"],
  },
  ipvs: {
    *announce(log) {
      yield* log.info("server_linux.go:194", `"Using ipvs Proxier"`);
      const text =
        "The ipvs proxier is now deprecated and may be removed in a future release. Please use 'nftables' instead.";
      yield* log.error("server_linux.go:196", `"${text}"`);
    },
    proxier: (common, config, process) => EXTRAS.get().proxiers.ipvs(common, config, process),
    failure: ["proxier.go:1120", "Failed to sync"],
  },
  userspace: {
    *announce(log) {
      yield* log.info("server_others.go:236", `"Using userspace Proxier"`);
      const text =
        "The userspace proxier was removed in v1.26; this is the one of v1.20, for the sake of history";
      yield* log.warning("server_others.go:236", `"${text}"`);
    },
    proxier: (common, config, process) => EXTRAS.get().proxiers.userspace(common, config, process),
    relays: true,
    failure: ["proxier.go:450", "Failed to install portals"],
  },
  nftables: {
    *announce(log) {
      yield* log.info("server_linux.go:254", `"Using nftables Proxier"`);
    },
    proxier: (common, config, process) => EXTRAS.get().proxiers.nftables(common, config, process),
    failure: ["proxier.go:1894", "nftables sync failed"],
  },
};
