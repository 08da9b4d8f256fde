import { err, ok, type Result } from "../../base/result.ts";
import { TABLE_MAIN, type LinkInfo, type NetApi } from "../../kernel/uapi/index.ts";
import { goErrno } from "../../container/errno.ts";
import type { Task } from "../../sim/task.ts";
import { formatIpv4, type Ipv4, parseIpv4 } from "../../wire/address.ts";
import type { Options } from "./flags.ts";
import type { Klog } from "./klog.ts";

/** The interface that nodes talk to each other by. */
export interface ExternalInterface {
  readonly link: LinkInfo;
  readonly address: Ipv4;
  /** What the other nodes send to: differs from `address` behind a NAT. */
  readonly external: Ipv4;
}

type Found = Result<{ link: LinkInfo; address?: Ipv4 }, string>;

/** The first link of the main table's default route. Models: flannel pkg/ip GetDefaultGatewayInterface. */
function byDefaultRoute(net: NetApi): Found {
  const route = net.route
    .list()
    .find((r) => r.table === TABLE_MAIN && r.dst.length === 0 && r.type === "unicast");
  if (route === undefined) return err("failed to get default interface: unable to find default route");
  const dev = route.nexthops[0]?.dev;
  const link = dev === undefined ? undefined : net.link.byIndex(dev);
  if (link === undefined)
    return err("failed to get default interface: found default route but could not determine interface");
  return ok({ link });
}

function byName(net: NetApi, wanted: string): Found {
  const address = parseIpv4(wanted);
  if (address !== undefined) {
    const owner = net.address.list().find((a) => a.local === address);
    const link = owner === undefined ? undefined : net.link.byIndex(owner.dev);
    if (link === undefined)
      return err(`error looking up interface ${wanted}: no interface with given IP found`);
    return ok({ link, address });
  }
  const link = net.link.byName(wanted);
  return link === undefined
    ? err(`error looking up interface ${wanted}: route ip+net: no such network interface`)
    : ok({ link });
}

function byPattern(net: NetApi, pattern: string): Found {
  const addresses = (link: LinkInfo): Ipv4[] =>
    net.address.list().flatMap((a) => (a.dev === link.index ? [a.local] : []));
  let regex: RegExp;
  try {
    regex = new RegExp(pattern);
  } catch {
    return err(`could not compile the IP address regex '${pattern}': error parsing regexp`);
  }
  const links = net.link.list();
  for (const link of links) {
    const address = addresses(link).find((a) => regex.test(formatIpv4(a)));
    if (address !== undefined) return ok({ link, address });
  }
  const named = links.find((link) => regex.test(link.name));
  if (named !== undefined) return ok({ link: named });
  const all = links.map((link) => `${link.name}:[${addresses(link).map(formatIpv4).join(" ")}]`).join(", ");
  return err(`could not match pattern ${pattern} to any of the available network interfaces (${all})`);
}

function byReach(net: NetApi, target: string): Found {
  const dst = parseIpv4(target);
  if (dst === undefined)
    return err(`failed to get ifcanreach based interface: invalid IP address: ${target}`);
  const route = net.route.get({ dst });
  if (!route.ok) return err(`failed to get ifcanreach based interface: ${goErrno(route.error)}`);
  const link = route.value.dev === undefined ? undefined : net.link.byIndex(route.value.dev);
  if (link === undefined) return err("failed to get ifcanreach based interface: no interface found");
  return ok({ link, ...(route.value.prefSrc !== undefined && { address: route.value.prefSrc }) });
}

/** Its address and what it is called outside. Models: the end of flannel pkg/ipmatch LookupExtIface. */
function* complete(
  net: NetApi,
  log: Klog,
  found: Found,
  publicIp: string,
): Task<Result<ExternalInterface, string>> {
  if (!found.ok) return found;
  const { link } = found.value;
  const address = found.value.address ?? net.address.list().find((a) => a.dev === link.index)?.local;
  if (address === undefined) return err(`failed to find IPv4 address for interface ${link.name}`);
  yield* log.info(
    "match.go:269",
    `Using interface with name ${link.name} and address ${formatIpv4(address)}`,
  );
  if (publicIp === "") {
    const text = `Defaulting external address to interface address (${formatIpv4(address)})`;
    yield* log.info("match.go:291", text);
    return ok({ link, address, external: address });
  }
  const external = parseIpv4(publicIp);
  if (external === undefined) return err(`invalid public IP address: ${publicIp}`);
  yield* log.info("match.go:287", `Using ${publicIp} as external address`);
  return ok({ link, address, external });
}

/** Tries --iface, --iface-regex, --iface-can-reach in this order, or takes the default route's. */
export function* findExternal(
  net: NetApi,
  log: Klog,
  options: Options,
  publicIp: string,
): Task<Result<ExternalInterface, string>> {
  const named = options.list("iface");
  const patterns = options.list("iface-regex");
  const reach = options.text("iface-can-reach");
  if (named.length === 0 && patterns.length === 0 && reach === "") {
    if (publicIp !== "") yield* log.info("match.go:74", `Searching for interface using ${publicIp}`);
    else yield* log.info("match.go:211", "Determining IP address of default interface");
    const found = yield* complete(
      net,
      log,
      publicIp === "" ? byDefaultRoute(net) : byName(net, publicIp),
      publicIp,
    );
    return found.ok ? found : err(`Failed to find any valid interface to use: ${found.error}`);
  }
  const attempts: [string, string, () => Found][] = [
    ...named.map((name): [string, string, () => Found] => ["main.go:336", name, () => byName(net, name)]),
    ...patterns.map((p): [string, string, () => Found] => ["main.go:349", p, () => byPattern(net, p)]),
    ...(reach === ""
      ? []
      : [
          ["main.go:361", `ifcanreach: ${reach}`, () => byReach(net, reach)] satisfies [
            string,
            string,
            () => Found,
          ],
        ]),
  ];
  for (const [place, what, attempt] of attempts) {
    const found = yield* complete(net, log, attempt(), publicIp);
    if (found.ok) return found;
    yield* log.info(place, `Could not find valid interface matching ${what}: ${found.error}`);
  }
  return err("Failed to find interface to use that matches the interfaces and/or regexes provided");
}
