import { GoIptables } from "../../container/iptables.ts";
import { goErrno } from "../../container/errno.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type NetApi, PROTO_BOOT, SCOPE_UNIVERSE, TABLE_MAIN } from "../../kernel/uapi/index.ts";
import { formatIpv4, formatPrefix, type Ipv4, type Ipv4Prefix } from "../../wire/address.ts";

const MASQ_CHAIN = "KIND-MASQ-AGENT";
const COMMENTS = {
  local: "kind-masq-agent: local traffic is not subject to MASQUERADE",
  rest: "kind-masq-agent: outbound traffic is subject to MASQUERADE (must be last in chain)",
  jump: "kind-masq-agent: ensure nat POSTROUTING directs all non-LOCAL destination traffic to our custom KIND-MASQ-AGENT chain",
};

const commented = (text: string): string => `-m comment --comment "${text}"`;

/** What leaves the pods' ranges leaves under the node's address. Models: kindnetd masq.go SyncRules. */
export function syncMasquerade(net: NetApi, podSubnets: readonly string[]): void {
  const iptables = new GoIptables(net);
  iptables.newChain("nat", MASQ_CHAIN);
  for (const subnet of podSubnets)
    iptables.appendUnique("nat", MASQ_CHAIN, `-d ${subnet} -j RETURN ${commented(COMMENTS.local)}`);
  iptables.appendUnique("nat", MASQ_CHAIN, `-j MASQUERADE ${commented(COMMENTS.rest)}`);
  const jump = `-m addrtype ! --dst-type LOCAL -j ${MASQ_CHAIN} ${commented(COMMENTS.jump)}`;
  iptables.appendUnique("nat", "POSTROUTING", jump);
}

/** A netlink.Route that was not read from the kernel, as Go prints it. */
function routeText(dst: Ipv4Prefix, gateway: Ipv4): string {
  return `{Ifindex: 0 Dst: ${formatPrefix(dst)} Src: <nil> Gw: ${formatIpv4(gateway)} Flags: [] Table: 0 Realm: 0}`;
}

/** Another node's pods are behind that node; what leads elsewhere goes. The notes are for the log. Models: routes.go syncRoute. */
export function syncRoute(net: NetApi, dst: Ipv4Prefix, gateway: Ipv4): Result<readonly string[], string> {
  const notes: string[] = [];
  let found = false;
  for (const route of net.route.list(dst)) {
    if (route.table !== TABLE_MAIN) continue;
    const [hop] = route.nexthops;
    if (hop?.gateway === gateway) {
      found = true;
      continue;
    }
    notes.push(`Removing invalid route ${routeText(dst, hop?.gateway ?? gateway)}`);
    const gone = net.route.delete({ dst, nexthops: route.nexthops });
    if (!gone.ok) return err(goErrno(gone.error));
  }
  if (found) return ok(notes);
  notes.push(`Adding route ${routeText(dst, gateway)} `);
  const out = net.route.get({ dst: gateway });
  if (!out.ok) return err("network is unreachable");
  const nexthops = [{ dev: out.value.dev, gateway }];
  const added = net.route.add({ dst, protocol: PROTO_BOOT, scope: SCOPE_UNIVERSE, nexthops }, "add");
  return added.ok ? ok(notes) : err(goErrno(added.error));
}
