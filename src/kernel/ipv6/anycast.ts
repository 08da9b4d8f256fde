import type { NetDevice } from "../device/device.ts";
import { type Actor, PROTO_KERNEL, TABLE_LOCAL } from "../uapi/index.ts";
import { addRoute6 } from "./fib6-change.ts";
import type { Addr6 } from "./intern.ts";
import { joinGroup, leaveGroup } from "./mld.ts";

/** Addresses that several hosts answer to (RFC 4291, section 2.6). Models: net/ipv6/anycast.c. */

const AUTO: Actor = { name: "kernel", detail: "an anycast address of a router" };

/** Models: __ipv6_dev_ac_inc. */
export function joinAnycast(dev: NetDevice, address: Addr6): void {
  const { anycast } = dev.in6;
  const users = anycast.get(address) ?? 0;
  anycast.set(address, users + 1);
  if (users > 0) return;
  const { ip6 } = dev.ns;
  addRoute6(
    ip6,
    {
      type: "anycast",
      dst: address,
      length: 128,
      table: TABLE_LOCAL,
      protocol: PROTO_KERNEL,
      metric: 0,
      nexthops: [{ dev: dev.ns.indexOf(dev) }],
    },
    "append",
    AUTO,
  );
  joinGroup(dev, ip6.book.solicitedNode(address));
}

/** Models: __ipv6_dev_ac_dec. */
export function leaveAnycast(dev: NetDevice, address: Addr6): void {
  const { anycast } = dev.in6;
  const users = anycast.get(address);
  if (users === undefined) return;
  if (users > 1) {
    anycast.set(address, users - 1);
    return;
  }
  anycast.delete(address);
  const { ip6 } = dev.ns;
  ip6.fib.removeOwn(TABLE_LOCAL, address, 128, dev);
  leaveGroup(dev, ip6.book.solicitedNode(address));
}
