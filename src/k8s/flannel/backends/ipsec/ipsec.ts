import { err, ok, type Result } from "../../../../base/result.ts";
import { goErrno } from "../../../../container/errno.ts";
import type { XfrmDirection, XfrmPolicySpec } from "../../../../kernel/uapi/index.ts";
import type { Task } from "../../../../sim/task.ts";
import { formatIpv4, formatPrefix } from "../../../../wire/address.ts";
import type { Backend, BackendContext, BackendNetwork } from "../../backend.ts";
import { scalar } from "../../config.ts";
import { describeLease, type Lease, type LeaseEvent, NO_BACKEND_DATA } from "../../lease.ts";
import { Charon, type Connection } from "./charon.ts";
import type { EspSuite } from "./ike.ts";

const PLACE = "ipsec_network.go";
/** Outer header 20, SPI 4, sequence 4, IV 16, padding up to 15, its length 1, next header 1, ICV 16: of AES-CBC. */
const OVERHEAD = 77;
const UDP_OVERHEAD = 8;
const REQID = 11;
const MIN_PASSWORD = 96;
const DEFAULT_PROPOSAL = "aes128gcm16-sha256-prfsha256-ecp256";

interface IpsecConfig {
  readonly psk: string;
  readonly proposal: string;
  readonly esp: EspSuite;
  readonly udpEncap: boolean;
}

/** Of strongSwan's proposals those that the kernel here can do; the rest of the words is for what an AEAD has no use for. */
function parseProposal(text: string): EspSuite | undefined {
  const gcm = /^aes(128|192|256)gcm(?:16|128)?(?:-|$)/.exec(text);
  const cbc = /^aes(128|192|256)-sha256(?:-|$)/.exec(text);
  const bits = Number((gcm ?? cbc)?.[1]);
  if (bits !== 128 && bits !== 192 && bits !== 256) return undefined;
  if (gcm !== null) return { name: `AES_GCM_16_${bits}`, encryption: 20, keyBits: bits, integrity: false };
  return { name: `AES_CBC_${bits}/HMAC_SHA2_256_128`, encryption: 12, keyBits: bits, integrity: true };
}

function parseConfig({ config }: BackendContext): Result<IpsecConfig, string> {
  const raw = config.backend;
  const udp = scalar<boolean>(raw, "", "UDPEncap", false);
  const proposal = scalar<string>(raw, "", "ESPProposal", DEFAULT_PROPOSAL);
  const psk = scalar<string>(raw, "", "PSK", "");
  for (const read of [udp, proposal, psk])
    if (!read.ok) return err(`error decoding IPSEC backend config: ${read.error}`);
  if (!udp.ok || !proposal.ok || !psk.ok) return err("");
  if (psk.value.length < MIN_PASSWORD) return err("config error, password is too short");
  const esp = parseProposal(proposal.value);
  if (esp === undefined)
    return err(`flannelgraph: flannel's ESPProposal "${proposal.value}" is not modelled yet`);
  return ok({ psk: psk.value, proposal: proposal.value, esp, udpEncap: udp.value });
}

class IpsecNetwork implements BackendNetwork {
  readonly lease: Lease;
  readonly mtu: number;
  private readonly context: BackendContext;
  private readonly config: IpsecConfig;
  private readonly charon: Charon;

  constructor(context: BackendContext, config: IpsecConfig, charon: Charon, lease: Lease) {
    this.context = context;
    this.config = config;
    this.charon = charon;
    this.lease = lease;
    this.mtu = context.external.link.mtu - OVERHEAD - (config.udpEncap ? UDP_OVERHEAD : 0);
  }

  *start(): Task<() => void> {
    const { log } = this.context;
    yield* this.loadShared(this.lease);
    yield* log.info(`${PLACE}:86`, "Watching for new subnet leases");
    return () => this.charon.stop();
  }

  private *loadShared({ publicIp }: Lease): Task<void> {
    yield* this.charon.loadShared(publicIp, this.config.psk);
    yield* this.context.log.info("handle_charon.go:151", `Loaded shared key for: ${formatIpv4(publicIp)}`);
  }

  *handle({ type, lease }: LeaseEvent): Task<void> {
    const { log } = this.context;
    const added = type === "added";
    yield* log.info(`${PLACE}:100`, "Handling event");
    const subnet = formatPrefix(lease.subnet);
    yield* log.info(`${PLACE}:${added ? 112 : 138}`, `Subnet ${added ? "added" : "removed"}: ${subnet}`);
    if (lease.backendType !== "ipsec") {
      const text = `Ignoring non-ipsec event: type: ${lease.backendType}`;
      yield* log.warning(`${PLACE}:${added ? 115 : 141}`, text);
      return;
    }
    if (lease.subnet.address === this.lease.subnet.address) {
      const text = `Ignoring own lease ${added ? "add" : "remove"} event: ${describeLease(lease)}`;
      yield* log.warning(`${PLACE}:${added ? 120 : 146}`, text);
      return;
    }
    const { name, ...connection } = this.connection(lease);
    if (added) {
      yield* this.addPolicies(lease);
      yield* this.loadShared(lease);
      yield* this.charon.loadConnection({ name, ...connection });
      yield* log.info("handle_charon.go:218", `Loaded connection: ${name}`);
      return;
    }
    yield* this.charon.unloadConnection(name);
    yield* log.info("handle_charon.go:246", `Unloaded connection: ${name}`);
    yield* this.deletePolicies(lease);
  }

  private connection(remote: Lease): Connection {
    const [own, theirs] = [formatPrefix(this.lease.subnet), formatPrefix(remote.subnet)];
    return {
      name: `${formatIpv4(this.lease.publicIp)}-${own}-${theirs}-${formatIpv4(remote.publicIp)}`,
      child: `${own}-${theirs}`,
      local: this.lease.publicIp,
      remote: remote.publicIp,
      localTs: this.lease.subnet,
      remoteTs: remote.subnet,
      reqid: REQID,
      esp: this.config.esp,
      encap: this.config.udpEncap,
    };
  }

  /** What leaves for the other node, what comes from it for here, and what comes from it to be passed on. */
  private policies(remote: Lease): readonly XfrmPolicySpec[] {
    return [
      policy(this.lease, remote, "out"),
      policy(remote, this.lease, "in"),
      policy(remote, this.lease, "fwd"),
    ];
  }

  /** Models: AddIPSECPolicies, AddXFRMPolicy. */
  private *addPolicies(remote: Lease): Task<void> {
    const { log, process } = this.context;
    for (const spec of this.policies(remote)) {
      const known = this.context.net.xfrm.getPolicy({ dir: spec.dir, selector: spec.selector });
      const verb = known.ok ? "update" : "add";
      const template = templateText(spec);
      if (known.ok)
        yield* log.info("handle_xfrm.go:64", `Updating ipsec policy ${template} with ${template}`);
      else yield* log.info("handle_xfrm.go:56", `Adding ipsec policy: ${template}`);
      const actor = { name: "flanneld", detail: `ip xfrm policy ${verb} ${policyWords(spec)}` };
      const done = process.host.kernel.open(process.netns, actor).xfrm.addPolicy(spec, verb);
      if (done.ok) continue;
      const why = `error ${known.ok ? "updating" : "adding"} policy: ${template} err: ${goErrno(done.error)}`;
      const text = `error adding ipsec policy: error adding ipsec ${spec.dir} policy: ${why}`;
      yield* log.error(`${PLACE}:125`, text);
      return;
    }
  }

  /** Models: DeleteIPSECPolicies, DeleteXFRMPolicy. */
  private *deletePolicies(remote: Lease): Task<void> {
    const { log, process } = this.context;
    for (const spec of this.policies(remote)) {
      const template = templateText(spec);
      yield* log.info("handle_xfrm.go:93", `Deleting ipsec policy: ${template}`);
      const [words] = policyWords(spec).split(" tmpl ");
      const actor = { name: "flanneld", detail: `ip xfrm policy delete ${words}` };
      const key = { dir: spec.dir, selector: spec.selector };
      const done = process.host.kernel.open(process.netns, actor).xfrm.deletePolicy(key);
      if (done.ok) continue;
      const why = `error deleting policy: ${template} err: ${goErrno(done.error)}`;
      const text = `error deleting ipsec policies: error deleting ipsec ${spec.dir} policy: ${why}`;
      yield* log.error(`${PLACE}:156`, text);
      return;
    }
  }
}

function policy(from: Lease, to: Lease, dir: XfrmDirection): XfrmPolicySpec {
  return {
    selector: { src: from.subnet, dst: to.subnet, protocol: 0 },
    dir,
    action: "allow",
    priority: 0,
    index: 0,
    flags: [],
    limits: {},
    template: { src: from.publicIp, dst: to.publicIp, spi: 0, reqid: REQID, mode: "tunnel", optional: false },
  };
}

/** How Go prints netlink.XfrmPolicyTmpl. */
function templateText({ template }: XfrmPolicySpec): string {
  if (template === undefined) return "{}";
  const { src, dst, reqid } = template;
  return `{Dst: ${formatIpv4(dst)}, Src: ${formatIpv4(src)}, Proto: esp, Mode: tunnel, Spi: 0x0, Reqid: 0x${reqid.toString(16)}}`;
}

/** The words of `ip xfrm policy add` for it. */
function policyWords({ selector, dir, template }: XfrmPolicySpec): string {
  const ends =
    template === undefined ? "" : `src ${formatIpv4(template.src)} dst ${formatIpv4(template.dst)}`;
  const what = `src ${formatPrefix(selector.src)} dst ${formatPrefix(selector.dst)} dir ${dir}`;
  return `${what} tmpl ${ends} proto esp reqid ${REQID} mode tunnel`;
}

function* register(context: BackendContext): Task<Result<BackendNetwork, string>> {
  const { log, external, process } = context;
  const config = parseConfig(context);
  if (!config.ok) return config;
  yield* log.info(
    "ipsec.go:95",
    `IPSec config: UDPEncap=${config.value.udpEncap} ESPProposal=${config.value.proposal}`,
  );
  const lease = yield* context.acquireLease({
    publicIp: external.external,
    backendType: "ipsec",
    backendData: NO_BACKEND_DATA,
  });
  if (!lease.ok) return err(`failed to acquire lease: ${lease.error}`);
  yield* log.warning(
    "handle_charon.go:271",
    'no valid charon executable found at path charon: exec: "charon": executable file not found in $PATH',
  );
  const charon = new Charon(process);
  yield* log.info("handle_charon.go:62", "Charon daemon started");
  if (!(yield* charon.start()))
    return err("error creating CharonIKEDaemon struct: charon: bind: address already in use");
  return ok(new IpsecNetwork(context, config.value, charon, lease.value));
}

/**
 * No device: policies of the kernel's IPsec for each node, and charon, which makes keys with the other nodes' charon.
 *
 * Models: flannel pkg/backend/ipsec.
 */
export const ipsec: Backend = { type: "ipsec", register };
