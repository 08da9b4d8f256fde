import { hex } from "../../../../base/bytes.ts";
import type { NetApi, XfrmAlgorithm, XfrmStateSpec } from "../../../../kernel/uapi/index.ts";
import type { Process } from "../../../../userland/os/process.ts";
import { formatIpv4, type Ipv4 } from "../../../../wire/address.ts";
import type { Connection } from "./charon.ts";
import { type EspSuite, expand } from "./ike.ts";

/** SPIs that charon asks the kernel for. */
const SPI_MIN = 0xc000_0000;
const SPI_MAX = 0xcfff_ffff;
const REPLAY_WINDOW = 32;
const SALT_BYTES = 4;
const NATT_PORT = 4500;
const MAC_BYTES = 32;
const ICV_BITS = 128;

interface Keys {
  readonly inbound: Algorithms;
  readonly outbound: Algorithms;
}

type Algorithms = Pick<XfrmStateSpec, "aead" | "auth" | "enc">;

/** Keys of a CHILD_SA: those of what the initiator sends come first (RFC 7296, section 2.17). */
export function childKeys(secret: Uint8Array, nonces: Uint8Array, suite: EspSuite, initiator: boolean): Keys {
  const cipher = suite.keyBits / 8;
  const one = suite.integrity ? cipher + MAC_BYTES : cipher + SALT_BYTES;
  const all = expand(secret, nonces, 2 * one);
  const cut = (at: number): Algorithms => {
    const key = all.slice(at, at + one);
    if (!suite.integrity) return { aead: { name: "rfc4106(gcm(aes))", key, icvBits: ICV_BITS } };
    return {
      enc: { name: "cbc(aes)", key: key.slice(0, cipher) },
      auth: { name: "hmac(sha256)", key: key.slice(cipher), icvBits: ICV_BITS },
    };
  };
  const [first, second] = [cut(0), cut(one)];
  return initiator ? { outbound: first, inbound: second } : { inbound: first, outbound: second };
}

/** The states of charon's CHILD_SAs in the kernel, each signed with the command that would have made it. */
export class ChildStates {
  private readonly process: Process;
  /** By the SPI of their IKE_SA: destination and SPI of both directions. */
  private readonly installed = new Map<string, { readonly dst: Ipv4; readonly spi: number }[]>();
  /** The number of the next CHILD_SA. */
  next = 1;

  constructor(process: Process) {
    this.process = process;
  }

  private as(command: string): NetApi["xfrm"] {
    const { host, netns } = this.process;
    return host.kernel.open(netns, { name: "charon", detail: command }).xfrm;
  }

  /** Reserves the SPI of what will come in. */
  allocate(c: Connection): number {
    const spec = state(c.remote, c.local, 0, c, { replayWindow: 0, flags: [] });
    const command = `ip xfrm state allocspi ${id(spec)} reqid ${c.reqid} mode tunnel min ${SPI_MIN} max ${SPI_MAX}`;
    const made = this.as(command).allocSpi(spec, SPI_MIN, SPI_MAX);
    return made.ok ? made.value.spi : 0;
  }

  release(c: Connection, spi: number): void {
    this.delete({ dst: c.local, spi });
  }

  /** Both directions of a CHILD_SA; answers its number. */
  install(c: Connection, owner: string, spi: number, theirs: number, keys: Keys): number {
    const inbound = state(c.remote, c.local, spi, c, { replayWindow: REPLAY_WINDOW, ...keys.inbound });
    const outbound = state(c.local, c.remote, theirs, c, { replayWindow: 0, ...keys.outbound });
    this.as(command("update", inbound)).addState(inbound, "update");
    this.as(command("add", outbound)).addState(outbound, "add");
    const own = this.installed.get(owner) ?? [];
    own.push({ dst: c.local, spi }, { dst: c.remote, spi: theirs });
    this.installed.set(owner, own);
    return this.next++;
  }

  /** An IKE_SA ended: what it made goes. */
  remove(owner: string): void {
    for (const one of this.installed.get(owner) ?? []) this.delete(one);
    this.installed.delete(owner);
  }

  private delete(one: { readonly dst: Ipv4; readonly spi: number }): void {
    const dst = `dst ${formatIpv4(one.dst)} proto esp spi 0x${one.spi.toString(16)}`;
    this.as(`ip xfrm state delete ${dst}`).deleteState(one);
  }
}

function state(
  src: Ipv4,
  dst: Ipv4,
  spi: number,
  c: Connection,
  more: Partial<XfrmStateSpec> & { readonly replayWindow: number },
): XfrmStateSpec {
  const anywhere = { address: 0 as Ipv4, length: 0 };
  const selector = { src: anywhere, dst: anywhere, protocol: 0 };
  // The port of charon's own at both ends.
  const encap = { sport: NATT_PORT, dport: NATT_PORT, address: 0 as Ipv4 };
  return {
    src,
    dst,
    spi,
    mode: "tunnel",
    reqid: c.reqid,
    seq: 0,
    flags: ["af-unspec"],
    selector,
    limits: {},
    ...(c.encap && { encap }),
    ...more,
  };
}

function id({ src, dst, spi }: XfrmStateSpec): string {
  const number = spi === 0 ? "" : ` spi 0x${spi.toString(16)}`;
  return `src ${formatIpv4(src)} dst ${formatIpv4(dst)} proto esp${number}`;
}

function command(verb: "add" | "update", spec: XfrmStateSpec): string {
  const key = ({ name, key: bytes }: XfrmAlgorithm): string => `'${name}' 0x${hex(bytes)}`;
  const { aead, enc, auth } = spec;
  const algorithms = [
    ...(aead === undefined ? [] : [`aead ${key(aead)} ${aead.icvBits}`]),
    ...(auth === undefined ? [] : [`auth-trunc ${key(auth)} ${auth.icvBits}`]),
    ...(enc === undefined ? [] : [`enc ${key(enc)}`]),
  ].join(" ");
  const encap = spec.encap === undefined ? "" : ` encap espinudp ${NATT_PORT} ${NATT_PORT} 0.0.0.0`;
  const window = spec.replayWindow === 0 ? "" : ` replay-window ${spec.replayWindow}`;
  return `ip xfrm state ${verb} ${id(spec)} reqid ${spec.reqid} mode tunnel${window} flag af-unspec ${algorithms}${encap}`;
}
