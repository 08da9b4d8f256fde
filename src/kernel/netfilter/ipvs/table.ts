import { NANOS_PER_SECOND, type Nanos } from "../../../sim/time.ts";
import { IPPROTO_TCP, IPPROTO_UDP } from "../../../wire/ipv4.ts";
import type { Ipv4 } from "../../../wire/address.ts";
import type { Netns } from "../../netns.ts";
import { IPVS_SCHEDULERS, type IpvsKey } from "../../uapi/ipvs.ts";
import {
  Connection,
  S_CLOSE,
  S_CLOSE_WAIT,
  S_ESTABLISHED,
  S_FIN_WAIT,
  S_LAST_ACK,
  S_NONE,
  S_SYN_RECV,
} from "./connection.ts";
import { ipvsHooks } from "./hooks.ts";
import { type Destination, keyText, type Service } from "./service.ts";

export interface Flow {
  readonly address: Ipv4;
  readonly port: number;
}

/** net.ipv4.vs. */
export const VS_SYSCTLS = {
  conntrack: 0,
  conn_reuse_mode: 1,
  expire_nodest_conn: 0,
  expire_quiescent_template: 0,
  nat_icmp_send: 0,
  sloppy_tcp: 0,
  snat_reroute: 1,
};
export type VsSysctl = keyof typeof VS_SYSCTLS;

const ESTIMATE = 2 * NANOS_PER_SECOND;
const TEMPLATE_RETRY = 60;

/** IPVS in one namespace: services, connections, timeouts. Models: struct netns_ipvs. */
export class Ipvs {
  readonly ns: Netns;
  readonly services = new Map<string, Service>();
  readonly connections = new Set<Connection>();
  readonly sysctls: Record<VsSysctl, number> = { ...VS_SYSCTLS };
  readonly timeouts = { tcp: 900, tcpFin: 120, udp: 300 };
  private readonly byClient = new Map<string, Connection>();
  private readonly byServer = new Map<string, Connection>();
  private readonly templates = new Map<string, Connection>();
  private hooked = false;
  private made = 0;
  private readonly began: Nanos;

  constructor(ns: Netns) {
    this.ns = ns;
    this.began = ns.kernel.queue.now;
  }

  /** How often the estimator has run: every two seconds since the namespace began. */
  get estimate(): number {
    return Math.floor((this.ns.kernel.queue.now - this.began) / ESTIMATE);
  }

  /** The hooks are there from the first service on. */
  private hook(): void {
    if (this.hooked) return;
    this.hooked = true;
    for (const ops of ipvsHooks()) this.ns.netfilter.hooks.register(ops);
  }

  add(service: Service): void {
    this.hook();
    this.services.set(keyText(service.key), service);
  }

  remove(service: Service): void {
    this.services.delete(keyText(service.key));
    for (const d of service.destinations) d.gone = true;
    for (const c of [...this.connections]) if (c.template && c.service === service) this.expire(c);
  }

  get(key: IpvsKey): Service | undefined {
    return this.services.get(keyText(key));
  }

  isScheduler(name: string): name is (typeof IPVS_SCHEDULERS)[number] {
    return IPVS_SCHEDULERS.some((known) => known === name);
  }

  /** The service for a packet: by mark first, then by address; a persistent one without port takes every port. */
  find(mark: number, protocol: number, address: Ipv4, port: number): Service | undefined {
    if (this.services.size === 0) return undefined;
    if (mark !== 0) {
      const marked = this.services.get(`fwmark/${mark}`);
      if (marked !== undefined) return marked;
    }
    return (
      this.services.get(`${protocol}/${address}/${port}`) ?? this.services.get(`${protocol}/${address}/0`)
    );
  }

  fromClient(protocol: number, src: Flow, dst: Flow): Connection | undefined {
    return this.byClient.get(flowKey(protocol, src, dst));
  }

  /** By the answer: from the real server to the client. */
  fromServer(protocol: number, src: Flow, dst: Flow): Connection | undefined {
    return this.byServer.get(flowKey(protocol, src, dst));
  }

  template(service: Service, client: Ipv4, virtual: Flow): Connection | undefined {
    return this.templates.get(templateKey(service, client, virtual));
  }

  connect(
    protocol: number,
    client: Flow,
    virtual: Flow,
    realPort: number,
    service: Service,
    destination: Destination,
    template = false,
  ): Connection {
    const c = new Connection(
      ++this.made,
      protocol,
      client,
      virtual,
      realPort,
      service,
      destination,
      template,
    );
    this.connections.add(c);
    const real = { address: c.real, port: c.realPort };
    if (template) {
      this.templates.set(templateKey(service, client.address, virtual), c);
      destination.persistent++;
      c.timeout = service.persistent;
    } else {
      this.byClient.set(flowKey(protocol, client, virtual), c);
      this.byServer.set(flowKey(protocol, real, client), c);
      c.inactive = true;
      destination.inactive++;
      c.timeout =
        protocol === IPPROTO_UDP ? this.timeouts.udp : protocol === IPPROTO_TCP ? this.timeouts.tcpFin : 60;
      for (const stats of [service.stats, destination.stats]) stats.add(this.estimate, { connections: 1 });
    }
    this.touch(c);
    return c;
  }

  /** Starts its time anew. */
  touch(c: Connection): void {
    c.timer?.cancel();
    c.timer = this.ns.kernel.queue.after((c.timeout * NANOS_PER_SECOND) as Nanos, () => this.expire(c));
  }

  enter(c: Connection, state: number): void {
    if (c.state === state) return;
    c.state = state;
    c.timeout = this.tcpTimeout(state);
    const { destination } = c;
    const inactive = state !== S_ESTABLISHED;
    if (inactive === c.inactive) return;
    c.inactive = inactive;
    destination.active += inactive ? -1 : 1;
    destination.inactive += inactive ? 1 : -1;
  }

  private tcpTimeout(state: number): number {
    switch (state) {
      case S_ESTABLISHED:
        return this.timeouts.tcp;
      case S_FIN_WAIT:
        return this.timeouts.tcpFin;
      case S_SYN_RECV:
      case S_CLOSE_WAIT:
        return 60;
      case S_CLOSE:
        return 10;
      case S_LAST_ACK:
        return 30;
      case S_NONE:
        return 2;
      default:
        return 120;
    }
  }

  /** Models: ip_vs_conn_expire. */
  expire(c: Connection): void {
    c.timer?.cancel();
    if (c.controlled > 0) {
      c.timeout = TEMPLATE_RETRY;
      this.touch(c);
      return;
    }
    this.connections.delete(c);
    const client = { address: c.client, port: c.clientPort };
    const virtual = { address: c.virtual, port: c.virtualPort };
    if (c.template) {
      this.templates.delete(templateKey(c.service, c.client, virtual));
      c.destination.persistent--;
    } else {
      this.byClient.delete(flowKey(c.protocol, client, virtual));
      this.byServer.delete(flowKey(c.protocol, { address: c.real, port: c.realPort }, client));
      if (c.inactive) c.destination.inactive--;
      else c.destination.active--;
    }
    if (c.control !== null) c.control.controlled--;
    c.control = null;
  }

  /** Seconds left, as ipvsadm shows them. */
  left(c: Connection): number {
    return c.timer === null
      ? 0
      : Math.max(0, Math.floor((c.timer.due - this.ns.kernel.queue.now) / NANOS_PER_SECOND));
  }

  close(): void {
    for (const c of this.connections) c.timer?.cancel();
  }

  /** No connection was ever there. */
  forgetAll(): void {
    const templatesLast = [...this.connections].sort((a, b) => Number(a.template) - Number(b.template));
    for (const c of templatesLast) this.expire(c);
  }
}

function flowKey(protocol: number, src: Flow, dst: Flow): string {
  return `${protocol} ${src.address} ${src.port} ${dst.address} ${dst.port}`;
}

function templateKey(service: Service, client: Ipv4, virtual: Flow): string {
  const { key } = service;
  const masked = (client & service.netmask) >>> 0;
  return "fwmark" in key
    ? `${masked} fwmark ${key.fwmark}`
    : `${masked} ${key.protocol} ${virtual.address} ${key.port === 0 ? 0 : virtual.port}`;
}
