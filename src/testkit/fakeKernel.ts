import { err, ok } from "../base/result.ts";
import type { KernelApi, NetApi, NetnsId, SysctlApi } from "../kernel/uapi/index.ts";

/** A kernel without devices, for tests of programs that only need namespaces to exist and a few sysctls. */
export function fakeKernel(): KernelApi {
  let last = 0;
  const labels = new Map<NetnsId, string>();
  const nets = new Map<NetnsId, NetApi>();
  return {
    createNetns(label) {
      const id = ++last as NetnsId;
      labels.set(id, label);
      return id;
    },
    holdNetns() {},
    releaseNetns() {},
    loadModule() {},
    losePower: () => undefined,
    onFirstPacket() {},
    relabelNetns(id, label) {
      labels.set(id, label);
    },
    netnsLabel: (id) => labels.get(id) ?? "",
    netnsIds: () => [...labels.keys()],
    peerNetnsId: (_from, to) => to,
    assignNetnsId: () => ok(),
    log: () => [],
    clearLog: () => undefined,
    open(id, actor) {
      const net = nets.get(id) ?? fakeNet(id);
      nets.set(id, net);
      return { ...net, actor };
    },
  };
}

/** Only `sysctl` works; whatever else a test reaches for is missing, and says so by throwing. */
function fakeNet(netns: NetnsId): NetApi {
  const parts: Partial<NetApi> = { netns, actor: { name: "test" }, sysctl: fakeSysctl() };
  return parts as NetApi;
}

function fakeSysctl(): SysctlApi {
  const values = new Map([
    ["net.ipv4.ip_forward", "0"],
    ["net.ipv4.conf.all.rp_filter", "0"],
  ]);
  const key = (path: string): string => path.replaceAll("/", ".");
  return {
    get(path) {
      const value = values.get(key(path));
      return value === undefined ? err({ errno: "ENOENT" }) : ok(value);
    },
    set(path, value) {
      if (!values.has(key(path))) return err({ errno: "ENOENT" });
      if (!/^\d+$/.test(value.trim())) return err({ errno: "EINVAL" });
      values.set(key(path), value.trim());
      return ok();
    },
    list: () => [...values.keys()],
  };
}
