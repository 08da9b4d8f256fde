import type { Ipv4 } from "../../../wire/address.ts";
import type { Destination, Service } from "./service.ts";

/** ipvsadm(8), "SCHEDULING ALGORITHMS". A real server of weight 0 gets no new connections. */
export function schedule(
  service: Service,
  client: Ipv4,
  clientPort: number,
  virtual: Ipv4,
): Destination | null {
  switch (service.scheduler) {
    case "rr":
      return roundRobin(service);
    case "wrr":
      return weightedRoundRobin(service);
    case "lc":
      return least(service, (d) => (d.active << 8) + d.inactive, false);
    case "wlc":
      return least(service, (d) => (d.active << 8) + d.inactive, true);
    case "sed":
      return least(service, (d) => d.active + 1, true);
    case "nq":
      return (
        service.destinations.find((d) => d.weight > 0 && !d.overloaded && d.active === 0) ??
        least(service, (d) => d.active + 1, true)
      );
    case "sh":
      return sourceHash(service, client, service.schedulerFlags.includes("sh-port") ? clientPort : 0);
    case "dh":
      return sourceHash(service, virtual, 0);
  }
}

function usable(d: Destination): boolean {
  return d.weight > 0 && !d.overloaded;
}

/** The next in the list after the last, whatever the weights. Models: ip_vs_rr_schedule. */
function roundRobin(service: Service): Destination | null {
  const { destinations } = service;
  const from = service.last === null ? -1 : destinations.indexOf(service.last);
  for (let i = 1; i <= destinations.length; i++) {
    const d = destinations[(from + i) % destinations.length]!;
    if (!usable(d)) continue;
    service.last = d;
    return d;
  }
  return null;
}

/**
 * Rounds with a falling threshold: those whose weight reaches it are taken in turn, then it falls by the weights'
 * greatest common divisor. Models: ip_vs_wrr_schedule.
 */
function weightedRoundRobin(service: Service): Destination | null {
  const { destinations, steps } = service;
  const { step, top } = steps;
  if (top === 0) return null;
  let at = service.last === null ? -1 : destinations.indexOf(service.last);
  let weight = service.currentWeight;
  for (let tries = 0; tries <= destinations.length * (top / step + 2); tries++) {
    at++;
    if (at >= destinations.length) {
      at = 0;
      weight -= step;
      if (weight <= 0) weight = top;
    }
    const d = destinations[at]!;
    if (d.weight < weight || !usable(d)) continue;
    service.currentWeight = weight;
    service.last = d;
    return d;
  }
  return null;
}

/** The one with the least load; by weight: load over weight, compared without division. */
function least(service: Service, load: (d: Destination) => number, weighted: boolean): Destination | null {
  let best: Destination | null = null;
  for (const d of service.destinations) {
    if (!usable(d)) continue;
    if (best === null) best = d;
    else if (weighted ? load(best) * d.weight > load(d) * best.weight : load(d) < load(best)) best = d;
  }
  return best;
}

/** Slots of the table that sh and dh look addresses up in. Models: IP_VS_SH_TAB_SIZE. */
const SLOTS = 256;

/** A table filled with the servers in turn, as often as their weights say; the address picks the slot. */
function sourceHash(service: Service, address: Ipv4, port: number): Destination | null {
  const ring = service.destinations.flatMap((d) => Array.from({ length: d.weight }, () => d));
  if (ring.length === 0) return null;
  // A multiplicative hash by 2654435761, Knuth's, of address and port.
  const slot = (Math.imul((address + port) >>> 0, 2654435761) >>> 0) & (SLOTS - 1);
  const found = ring[slot % ring.length]!;
  return usable(found) ? found : null;
}
