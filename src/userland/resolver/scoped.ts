import type { Endpoint } from "../../kernel/uapi/index.ts";
import { type Ipv6, parseIpv6 } from "../../wire/address6.ts";
import type { Process } from "../os/process.ts";

/** `fe80::1%eth0` (RFC 4007, section 11); undefined when that is no address, or no device. */
export function parseScoped(process: Process, text: string): Endpoint<Ipv6> | undefined {
  const percent = text.indexOf("%");
  const address = parseIpv6(percent < 0 ? text : text.slice(0, percent));
  if (address === undefined) return undefined;
  if (percent < 0) return { address, port: 0 };
  const zone = text.slice(percent + 1);
  const link = process.net.link.byName(zone) ?? process.net.link.list().find((l) => String(l.index) === zone);
  return link === undefined ? undefined : { address, port: 0, scope: link.index };
}
