import { type Nanos, NANOS_PER_SECOND } from "../../sim/time.ts";
import { DNS_NOERROR, DNS_NXDOMAIN, type DnsMessage } from "../../wire/dns.ts";
import type { DnsRecord } from "../../wire/dns-record.ts";
import type { CacheConfig } from "./corefile.ts";

interface Kept {
  readonly reply: DnsMessage;
  readonly from: Nanos;
  readonly ttlSeconds: number;
}

/** What was answered, for as long as it may be said again. Capacities are not modelled. Models: coredns plugin/cache. */
export class AnswerCache {
  private readonly config: CacheConfig;
  private readonly kept = new Map<string, Kept>();

  constructor(config: CacheConfig) {
    this.config = config;
  }

  /** The answer to a query that was answered before, with what is left of its time. */
  get(query: DnsMessage, now: Nanos): DnsMessage | undefined {
    const found = this.kept.get(keyOf(query));
    if (found === undefined) return undefined;
    const left = found.ttlSeconds - Math.floor((now - found.from) / NANOS_PER_SECOND);
    if (left <= 0) return undefined;
    return {
      ...withTtl(found.reply, left),
      id: query.id,
      questions: query.questions,
      recursionDesired: query.recursionDesired,
      // Some clients throw away what is not authoritative.
      authoritative: true,
    };
  }

  /** Keeps an answer, and gives it back with the lifetime that it is given out with. */
  put(query: DnsMessage, reply: DnsMessage, now: Nanos): DnsMessage {
    const name = query.questions[0]?.name ?? ".";
    const denied = reply.answers.length === 0;
    if (reply.truncated || (reply.rcode !== DNS_NOERROR && reply.rcode !== DNS_NXDOMAIN)) return reply;
    const side = denied ? this.config.denial : this.config.success;
    if (side.not.some((zone) => within(name, zone))) return reply;
    const records = denied ? reply.authorities : reply.answers;
    // What says nothing of its time is not kept for any.
    if (records.length === 0) return reply;
    const least = Math.min(...records.map(lifetime));
    const ttlSeconds = Math.min(Math.max(least, side.least), side.most);
    this.kept.set(keyOf(query), { reply, from: now, ttlSeconds });
    return withTtl(reply, ttlSeconds);
  }
}

/** Of a SOA it is also the time for which names do not exist (RFC 2308). */
function lifetime({ ttlSeconds, data }: DnsRecord): number {
  return data.kind === "SOA" ? Math.min(ttlSeconds, data.minimumSeconds) : ttlSeconds;
}

function withTtl(reply: DnsMessage, ttlSeconds: number): DnsMessage {
  const set = (records: readonly DnsRecord[]): readonly DnsRecord[] =>
    records.map((record) => ({ ...record, ttlSeconds }));
  return { ...reply, answers: set(reply.answers), authorities: set(reply.authorities) };
}

function keyOf({ questions, checkingDisabled }: DnsMessage): string {
  const asked = questions.map(({ name, type }) => `${name.toLowerCase()} ${type}`);
  return `${asked.join()}${checkingDisabled ? " CD" : ""}`;
}

/** Whether a name lies in a zone; both may end with a dot. */
export function within(name: string, zone: string): boolean {
  const [n, z] = [name, zone].map((text) => `.${text.toLowerCase().replace(/\.$/, "")}`);
  return z === "." || n!.endsWith(z!);
}
