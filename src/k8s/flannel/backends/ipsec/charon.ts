import { sha1 } from "@noble/hashes/legacy.js";
import { concat, hex } from "../../../../base/bytes.ts";
import { background } from "../../../../container/background.ts";
import type { DatagramSocket, NetApi } from "../../../../kernel/uapi/index.ts";
import { type Coroutine, Signal, sleep, type Task } from "../../../../sim/task.ts";
import { micros, millis, type Nanos } from "../../../../sim/time.ts";
import type { Process } from "../../../../userland/os/process.ts";
import { formatIpv4, formatPrefix, type Ipv4, type Ipv4Prefix } from "../../../../wire/address.ts";
import { ChildStates, childKeys } from "./child.ts";
import * as ike from "./ike.ts";

/** A connection as flanneld loads it through VICI. */
export interface Connection {
  readonly name: string;
  readonly child: string;
  readonly local: Ipv4;
  readonly remote: Ipv4;
  readonly localTs: Ipv4Prefix;
  readonly remoteTs: Ipv4Prefix;
  readonly reqid: number;
  /** `encap = yes`: ESP goes in UDP, as if there were a NAT. */
  readonly encap: boolean;
  readonly esp: ike.EspSuite;
}

/** The IKE_SA with one peer, from this end. */
interface IkeSa {
  readonly number: number;
  readonly connection: Connection;
  readonly initiator: boolean;
  readonly spiI: Uint8Array;
  spiR: Uint8Array;
  nonces: Uint8Array;
  key: Uint8Array | undefined;
  established: boolean;
  nextId: number;
  /** Where its messages go since IKE_AUTH: MOBIKE changes to 4500. */
  port: number;
  /** The answer that a request of ours waits for, and the answer that we gave last. */
  readonly answered: Signal<Uint8Array>;
  waitingFor: number | undefined;
  lastAnswer: { readonly id: number; readonly bytes: Uint8Array } | undefined;
}

const ZERO_SPI = new Uint8Array(8);
const NON_ESP_MARKER = new Uint8Array(4);
/** strongSwan's retransmission: 4 s, each 1.8 times longer, five times. */
const RETRANSMIT: readonly Nanos[] = [4, 7.2, 12.96, 23.328, 41.9904, 75.58272].map((s) => millis(s * 1000));
/** A job of a worker thread. */
const JOB = micros(500);
const IKE_PORT = 500;
const NATT_PORT = 4500;

/**
 * strongSwan's IKE daemon: connections and keys come by VICI, IKEv2 makes keys with the peers, states go into the kernel.
 * Models: strongswan src/libcharon, as flannel's image runs it. Policies are flanneld's own.
 */
export class Charon {
  private readonly process: Process;
  private readonly net: NetApi;
  private readonly children: ChildStates;
  private readonly secrets = new Map<Ipv4, string>();
  private readonly connections = new Map<string, Connection>();
  private readonly sas: IkeSa[] = [];
  private readonly sockets = new Map<number, DatagramSocket>();
  private readonly tasks: Coroutine<void>[] = [];
  private lastSa = 0;
  private thread = 0;
  private unlisten = (): void => undefined;

  constructor(process: Process) {
    this.process = process;
    this.net = process.host.kernel.open(process.netns, { name: "charon", detail: "strongSwan" });
    this.children = new ChildStates(process);
  }

  /** Opens its sockets and listens to the kernel; false when port 500 is somebody else's. */
  *start(): Task<boolean> {
    yield* this.say("00[DMN]", "Starting IKE charon daemon (strongSwan, Linux 6.18.0, x86_64)");
    for (const port of [IKE_PORT, NATT_PORT]) {
      const socket = this.net.socket.udp(`charon:${this.process.pid}`);
      if (!socket.bind({ address: 0 as Ipv4, port }).ok) return false;
      socket.setOptions({ espInUdp: port === NATT_PORT });
      this.sockets.set(port, socket);
      this.run(this.listen(port, socket));
    }
    this.unlisten = this.net.xfrm.listen((notice) => {
      if (notice.kind === "acquire") this.run(this.acquire(notice.state.reqid, notice.state.selector.dst));
    });
    yield* this.say("00[JOB]", "spawning 16 worker threads");
    return true;
  }

  /** SIGTERM: every peer is told, every state goes. */
  stop(): void {
    this.unlisten();
    for (const sa of [...this.sas]) {
      this.transmit(
        sa,
        this.build(sa, ike.INFORMATIONAL, [ike.payload(ike.DELETE, Uint8Array.of(1, 0, 0, 0))]),
      );
      this.forget(sa);
    }
    for (const task of this.tasks) task.kill("KILL");
    for (const socket of this.sockets.values()) socket.close();
  }

  // ----------------------------------------------------------------------------------------------------- VICI

  *loadShared(owner: Ipv4, secret: string): Task<void> {
    this.secrets.set(owner, secret);
    yield* this.say(`${this.worker()}[CFG]`, `loaded IKE shared key for: '${formatIpv4(owner)}'`);
  }

  /** The start action is "start": it is initiated at once. */
  *loadConnection(connection: Connection): Task<void> {
    const isNew = !this.connections.has(connection.name);
    this.connections.set(connection.name, connection);
    const thread = this.worker();
    yield* this.say(`${thread}[CFG]`, `${isNew ? "added" : "replaced"} vici connection: ${connection.name}`);
    yield* this.say(`${thread}[CFG]`, `initiating '${connection.child}'`);
    this.run(this.initiate(connection, thread));
  }

  *unloadConnection(name: string): Task<void> {
    this.connections.delete(name);
    yield* this.say(`${this.worker()}[CFG]`, `removed vici connection: ${name}`);
  }

  // ------------------------------------------------------------------------------------------------- initiating

  private *initiate(connection: Connection, thread: string): Task<void> {
    const known = this.sas.find((sa) => sa.established && sa.connection.name === connection.name);
    if (known !== undefined) {
      yield* this.createChild(known, thread);
      return;
    }
    for (let round = 1; this.connections.has(connection.name); round++) {
      const sa = this.newSa(connection, true, this.random(8));
      yield* this.tell(thread, "IKE", `initiating IKE_SA ${nameOf(sa)} to ${formatIpv4(connection.remote)}`);
      const done = yield* this.handshake(sa, thread);
      if (done !== "silent") {
        if (done === "refused") this.forget(sa);
        return;
      }
      this.forget(sa);
      yield* this.tell(thread, "IKE", `peer not responding, trying again (${round + 1}/0)`);
    }
  }

  /** IKE_SA_INIT and IKE_AUTH from the initiator's end. */
  private *handshake(sa: IkeSa, thread: string): Task<"done" | "refused" | "silent"> {
    const nonce = this.random(ike.NONCE_BYTES);
    const ke = this.random(ike.KE_BYTES);
    if (sa.connection.encap)
      yield* this.tell(thread, "IKE", "faking NAT situation to enforce UDP encapsulation");
    const first = yield* this.ask(sa, thread, ike.IKE_SA_INIT, this.initPayloads(sa, nonce, ke, false));
    if (first === undefined) return "silent";
    const [theirNonce, theirKe] = [ike.find(first, ike.NONCE), ike.find(first, ike.KE)];
    if (theirNonce === undefined || theirKe === undefined) {
      yield* this.tell(thread, "IKE", "received NO_PROPOSAL_CHOSEN notify error");
      return "refused";
    }
    sa.spiR = first.spiR;
    if (sa.connection.encap) yield* this.tell(thread, "IKE", "remote host is behind NAT");
    this.agree(sa, [nonce, theirNonce], [ke, theirKe.slice(4)]);
    yield* this.chosen(thread, "IKE:AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_4096");
    sa.port = NATT_PORT;
    const { connection } = sa;
    const spi = this.children.allocate(connection);
    const own = ike.identity(ike.ID_I, connection.local);
    const me = formatIpv4(connection.local);
    yield* this.tell(thread, "IKE", `authentication of '${me}' (myself) with pre-shared key`);
    yield* this.tell(thread, "IKE", `establishing CHILD_SA ${connection.child}{${this.children.next}}`);
    const second = yield* this.ask(sa, thread, ike.IKE_AUTH, [
      own,
      // First contact, as far as this end knows.
      ...(this.contacts(sa).length === 0 ? [ike.notify(ike.INITIAL_CONTACT)] : []),
      ike.identity(ike.ID_R, connection.remote),
      this.auth(sa, own),
      ike.espProposal(connection.esp, spi),
      selector(ike.TS_I, connection.localTs),
      selector(ike.TS_R, connection.remoteTs),
      ...[16396, 16404, 16417, 16420].map((type) => ike.notify(type)),
    ]);
    if (second === undefined) return "silent";
    const offer = ike.find(second, ike.SA);
    if (offer === undefined || !this.authentic(sa, second, ike.ID_R)) {
      yield* this.tell(thread, "IKE", "received AUTHENTICATION_FAILED notify error");
      this.children.release(connection, spi);
      return "refused";
    }
    yield* this.established(sa, thread);
    yield* this.install(sa, thread, spi, ike.proposedSpi({ type: ike.SA, body: offer }), sa.nonces, true);
    return "done";
  }

  /** One more CHILD_SA under an IKE_SA that is there. */
  private *createChild(sa: IkeSa, thread: string): Task<void> {
    const { connection } = sa;
    const nonce = this.random(ike.NONCE_BYTES);
    const spi = this.children.allocate(connection);
    yield* this.tell(thread, "IKE", `establishing CHILD_SA ${connection.child}{${this.children.next}}`);
    const answer = yield* this.ask(sa, thread, ike.CREATE_CHILD_SA, [
      ike.espProposal(connection.esp, spi),
      ike.payload(ike.NONCE, nonce),
      selector(ike.TS_I, connection.localTs),
      selector(ike.TS_R, connection.remoteTs),
    ]);
    const offer = answer && ike.find(answer, ike.SA);
    const theirs = answer && ike.find(answer, ike.NONCE);
    if (offer === undefined || theirs === undefined) {
      this.children.release(connection, spi);
      return;
    }
    const nonces = concat([nonce, theirs]);
    yield* this.install(sa, thread, spi, ike.proposedSpi({ type: ike.SA, body: offer }), nonces, true);
  }

  /** Sends a request until it is answered; undefined when nobody answers. */
  private *ask(
    sa: IkeSa,
    thread: string,
    exchange: number,
    payloads: readonly ike.Payload[],
  ): Task<ike.Message | undefined> {
    const id = sa.nextId++;
    const bytes = this.build(sa, exchange, payloads, id);
    sa.waitingFor = id;
    const name = `${ike.EXCHANGES[exchange]} request ${id}`;
    yield* this.tell(thread, "ENC", `generating ${name} ${ike.listed(payloads)}`);
    for (const [round, wait] of RETRANSMIT.entries()) {
      if (round > 0) yield* this.tell(thread, "IKE", `retransmit ${round} of request with message ID ${id}`);
      yield* this.send(sa, thread, bytes);
      const answer = yield* sa.answered.waitAtMost(wait);
      if (answer === undefined) continue;
      sa.waitingFor = undefined;
      const message = ike.decodeMessage(answer, sa.key);
      if (message === undefined) return undefined;
      const text = `parsed ${ike.EXCHANGES[exchange]} response ${id} ${ike.listed(message.payloads)}`;
      yield* this.tell(thread, "ENC", text);
      return message;
    }
    sa.waitingFor = undefined;
    yield* this.tell(thread, "IKE", "giving up after 5 retransmits");
    return undefined;
  }

  // --------------------------------------------------------------------------------------------------- answering

  private *listen(port: number, socket: DatagramSocket): Task<void> {
    for (;;) {
      const got = socket.receive();
      if (got.ok && got.value === undefined) {
        yield* socket.readable.wait();
        continue;
      }
      if (!got.ok || got.value === undefined) continue;
      const { bytes, from } = got.value;
      const marker = port === NATT_PORT ? NON_ESP_MARKER.length : 0;
      // On port 4500 four zero bytes tell IKE from ESP.
      if (bytes.subarray(0, marker).some((byte) => byte !== 0)) continue;
      this.run(this.receive(bytes.slice(marker), from.address, port));
    }
  }

  private *receive(bytes: Uint8Array, from: Ipv4, port: number): Task<void> {
    const header = ike.peek(bytes);
    if (header === undefined) return;
    yield* sleep(JOB);
    const thread = this.worker();
    const sa = this.sas.find((one) => same(one.spiI, header.spiI) && one.connection.remote === from);
    const ends = (local: Ipv4): string =>
      `from ${formatIpv4(from)}[${port}] to ${formatIpv4(local)}[${port}] (${bytes.length} bytes)`;
    if (header.response) {
      if (sa === undefined || sa.waitingFor !== header.id) return;
      yield* this.tell(thread, "NET", `received packet: ${ends(sa.connection.local)}`);
      sa.answered.fire(bytes);
      return;
    }
    const local = sa?.connection.local ?? this.addressTowards(from);
    yield* this.tell(thread, "NET", `received packet: ${ends(local)}`);
    if (sa?.lastAnswer?.id === header.id && header.exchange !== ike.IKE_SA_INIT) {
      this.transmit(sa, sa.lastAnswer.bytes);
      return;
    }
    const message = ike.decodeMessage(bytes, sa?.key);
    if (message === undefined) return;
    const name = `${ike.EXCHANGES[header.exchange]} request ${header.id}`;
    yield* this.tell(thread, "ENC", `parsed ${name} ${ike.listed(message.payloads)}`);
    if (header.exchange === ike.IKE_SA_INIT) yield* this.answerInit(message, from, local, thread);
    else if (sa !== undefined) yield* this.answer(sa, message, thread);
  }

  private *answerInit(message: ike.Message, from: Ipv4, local: Ipv4, thread: string): Task<void> {
    const connection = [...this.connections.values()].find(({ remote }) => remote === from);
    const [nonce, ke] = [ike.find(message, ike.NONCE), ike.find(message, ike.KE)];
    if (connection === undefined || nonce === undefined || ke === undefined) {
      const pair = `${formatIpv4(local)}...${formatIpv4(from)}`;
      yield* this.tell(thread, "IKE", `no IKE config found for ${pair}, sending NO_PROPOSAL_CHOSEN`);
      const refusal = ike.encodeMessage(
        { ...message, fromInitiator: false, response: true, payloads: [ike.notify(ike.NO_PROPOSAL_CHOSEN)] },
        undefined,
      );
      this.sockets.get(IKE_PORT)?.send(refusal, { address: from, port: IKE_PORT });
      return;
    }
    yield* this.tell(thread, "IKE", `${formatIpv4(from)} is initiating an IKE_SA`);
    if (connection.encap) {
      yield* this.tell(thread, "IKE", "faking NAT situation to enforce UDP encapsulation");
      yield* this.tell(thread, "IKE", "remote host is behind NAT");
    }
    const sa = this.newSa(connection, false, message.spiI);
    sa.spiR = this.random(8);
    const ownNonce = this.random(ike.NONCE_BYTES);
    const ownKe = this.random(ike.KE_BYTES);
    yield* this.chosen(thread, "IKE:AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_4096");
    yield* this.reply(sa, thread, message, this.initPayloads(sa, ownNonce, ownKe, true));
    this.agree(sa, [nonce, ownNonce], [ke.slice(4), ownKe]);
    sa.port = NATT_PORT;
  }

  private *answer(sa: IkeSa, message: ike.Message, thread: string): Task<void> {
    const { connection } = sa;
    if (message.exchange === ike.INFORMATIONAL) {
      if (ike.find(message, ike.DELETE) === undefined) return;
      yield* this.tell(thread, "IKE", `received DELETE for IKE_SA ${nameOf(sa)}`);
      yield* this.reply(sa, thread, message, []);
      this.forget(sa);
      return;
    }
    const offer = ike.find(message, ike.SA);
    if (offer === undefined) return;
    const auth = message.exchange === ike.IKE_AUTH;
    if (auth && !this.authentic(sa, message, ike.ID_I)) {
      yield* this.tell(thread, "IKE", "tried 1 shared key, but MAC mismatched");
      yield* this.reply(sa, thread, message, [ike.notify(ike.AUTHENTICATION_FAILED)]);
      this.forget(sa);
      return;
    }
    if (message.payloads.some((p) => ike.notifyType(p) === ike.INITIAL_CONTACT))
      yield* this.replaceContacts(sa, thread);
    const spi = this.children.allocate(connection);
    const own = ike.identity(ike.ID_R, connection.local);
    const ownNonce = this.random(ike.NONCE_BYTES);
    const theirs = ike.find(message, ike.NONCE) ?? new Uint8Array();
    if (auth) {
      yield* this.tell(
        thread,
        "IKE",
        `authentication of '${formatIpv4(connection.local)}' (myself) with pre-shared key`,
      );
      yield* this.established(sa, thread);
    }
    const nonces = auth ? sa.nonces : concat([theirs, ownNonce]);
    yield* this.install(sa, thread, spi, ike.proposedSpi({ type: ike.SA, body: offer }), nonces, false);
    yield* this.reply(sa, thread, message, [
      ...(auth ? [own, this.auth(sa, own)] : []),
      ike.espProposal(connection.esp, spi),
      ...(auth ? [] : [ike.payload(ike.NONCE, ownNonce)]),
      selector(ike.TS_I, connection.remoteTs),
      selector(ike.TS_R, connection.localTs),
      ...(auth ? [ike.notify(16396), ike.notify(16399)] : []),
    ]);
  }

  private *reply(sa: IkeSa, thread: string, to: ike.Message, payloads: readonly ike.Payload[]): Task<void> {
    const bytes = ike.encodeMessage(
      { ...to, spiR: sa.spiR, fromInitiator: sa.initiator, response: true, payloads },
      to.exchange === ike.IKE_SA_INIT ? undefined : sa.key,
    );
    sa.lastAnswer = { id: to.id, bytes };
    const text = `generating ${ike.EXCHANGES[to.exchange]} response ${to.id} ${ike.listed(payloads)}`;
    yield* this.tell(thread, "ENC", text);
    yield* this.send(sa, thread, bytes);
  }

  // --------------------------------------------------------------------------------------------------- parts

  private initPayloads(sa: IkeSa, nonce: Uint8Array, ke: Uint8Array, response: boolean): ike.Payload[] {
    const { encap, local, remote } = sa.connection;
    const natd = (type: number, address: Ipv4): ike.Payload =>
      ike.notify(type, sha1(concat([sa.spiI, sa.spiR, ike.u32(address), Uint8Array.of(1, 0xf4)])));
    return [
      ike.IKE_PROPOSAL,
      ike.payload(ike.KE, Uint8Array.of(0, 16, 0, 0), ke),
      ike.payload(ike.NONCE, nonce),
      // A source that does not fit makes the peer believe in a NAT.
      encap ? ike.notify(16388, this.random(20)) : natd(16388, local),
      natd(16389, remote),
      ike.notify(16430),
      ike.HASH_ALGORITHMS,
      ...(response ? [ike.notify(16418), ike.notify(16404)] : [ike.notify(16406)]),
    ];
  }

  private agree(sa: IkeSa, nonces: readonly Uint8Array[], values: readonly Uint8Array[]): void {
    sa.nonces = concat(nonces);
    sa.key = ike.sharedKey([sa.nonces, ...values, sa.spiI, sa.spiR]);
  }

  private auth(sa: IkeSa, id: ike.Payload): ike.Payload {
    const secret = this.secrets.get(sa.connection.remote) ?? "";
    // Method 2: shared key message integrity code.
    return ike.payload(ike.AUTH, Uint8Array.of(2, 0, 0, 0), ike.authData(secret, sa.nonces, id.body));
  }

  /** The peer has the same pre-shared key. */
  private authentic(sa: IkeSa, message: ike.Message, idType: number): boolean {
    const [id, auth] = [ike.find(message, idType), ike.find(message, ike.AUTH)];
    if (id === undefined || auth === undefined) return false;
    return same(auth, this.auth(sa, { type: idType, body: id }).body);
  }

  /** Other IKE_SAs with the same peer that are in use. */
  private contacts(sa: IkeSa): readonly IkeSa[] {
    return this.sas.filter(
      (one) => one !== sa && one.established && one.connection.remote === sa.connection.remote,
    );
  }

  /** The peer knows of no other IKE_SA with us: it began anew. */
  private *replaceContacts(sa: IkeSa, thread: string): Task<void> {
    const peer = formatIpv4(sa.connection.remote);
    for (const old of this.contacts(sa)) {
      const text = `destroying duplicate IKE_SA for peer '${peer}', received INITIAL_CONTACT`;
      yield* this.tell(thread, "IKE", text);
      this.forget(old);
    }
  }

  private *established(sa: IkeSa, thread: string): Task<void> {
    sa.established = true;
    const { local, remote } = sa.connection;
    const [me, peer] = [formatIpv4(local), formatIpv4(remote)];
    yield* this.tell(thread, "IKE", `authentication of '${peer}' with pre-shared key successful`);
    yield* this.tell(
      thread,
      "IKE",
      `IKE_SA ${nameOf(sa)} established between ${me}[${me}]...${peer}[${peer}]`,
    );
  }

  private *install(
    sa: IkeSa,
    thread: string,
    spi: number,
    theirs: number,
    nonces: Uint8Array,
    initiator: boolean,
  ): Task<void> {
    const { connection: c } = sa;
    yield* this.chosen(thread, `ESP:${c.esp.name}/NO_EXT_SEQ`);
    const keys = childKeys(sa.key ?? new Uint8Array(), nonces, c.esp, initiator);
    const number = this.children.install(c, hex(sa.spiI), spi, theirs, keys);
    const spis = `${hex(ike.u32(spi))}_i ${hex(ike.u32(theirs))}_o`;
    const ts = `${formatPrefix(c.localTs)} === ${formatPrefix(c.remoteTs)}`;
    yield* this.tell(
      thread,
      "IKE",
      `CHILD_SA ${c.child}{${number}} established with SPIs ${spis} and TS ${ts}`,
    );
  }

  /** A packet found a policy without a state: no trap of ours is meant. */
  private *acquire(reqid: number, dst: Ipv4Prefix): Task<void> {
    const thread = this.worker();
    const text = `creating acquire job for policy to ${formatPrefix(dst)} with reqid {${reqid}}`;
    yield* this.tell(thread, "KNL", text);
    yield* this.tell(thread, "CFG", `trap not found, unable to acquire reqid ${reqid}`);
  }

  private newSa(connection: Connection, initiator: boolean, spiI: Uint8Array): IkeSa {
    const sa: IkeSa = {
      number: ++this.lastSa,
      connection,
      initiator,
      spiI,
      spiR: ZERO_SPI,
      nonces: new Uint8Array(),
      key: undefined,
      established: false,
      nextId: 0,
      port: IKE_PORT,
      answered: new Signal(),
      waitingFor: undefined,
      lastAnswer: undefined,
    };
    this.sas.push(sa);
    return sa;
  }

  private forget(sa: IkeSa): void {
    this.sas.splice(this.sas.indexOf(sa), 1);
    this.children.remove(hex(sa.spiI));
  }

  private build(sa: IkeSa, exchange: number, payloads: readonly ike.Payload[], id = sa.nextId++): Uint8Array {
    const { spiI, spiR, initiator } = sa;
    const message = { spiI, spiR, exchange, fromInitiator: initiator, response: false, id, payloads };
    return ike.encodeMessage(message, exchange === ike.IKE_SA_INIT ? undefined : sa.key);
  }

  private *send(sa: IkeSa, thread: string, bytes: Uint8Array): Task<void> {
    const end = (address: Ipv4): string => `${formatIpv4(address)}[${sa.port}]`;
    const { local, remote } = sa.connection;
    const text = `sending packet: from ${end(local)} to ${end(remote)} (${bytes.length} bytes)`;
    yield* this.tell(thread, "NET", text);
    this.transmit(sa, bytes);
  }

  private transmit(sa: IkeSa, bytes: Uint8Array): void {
    const marked = sa.port === NATT_PORT ? concat([NON_ESP_MARKER, bytes]) : bytes;
    this.sockets.get(sa.port)?.send(marked, { address: sa.connection.remote, port: sa.port });
  }

  private addressTowards(peer: Ipv4): Ipv4 {
    const route = this.net.route.get({ dst: peer });
    return route.ok ? (route.value.prefSrc ?? (0 as Ipv4)) : (0 as Ipv4);
  }

  private random(length: number): Uint8Array {
    const { random } = this.process.host;
    return Uint8Array.from({ length }, () => random.below(256));
  }

  /** The next of the threads 05 to 16, which do one job each. */
  private worker(): string {
    return String(5 + (this.thread++ % 12)).padStart(2, "0");
  }

  private *chosen(thread: string, proposal: string): Task<void> {
    yield* this.tell(thread, "CFG", `selected proposal: ${proposal}`);
  }

  private *tell(thread: string, group: string, text: string): Task<void> {
    yield* this.say(`${thread}[${group}]`, text);
  }

  private *say(place: string, text: string): Task<void> {
    yield* this.process.printError(`${place} ${text}\n`);
  }

  private run(task: Task<void>): void {
    this.tasks.push(background(this.process.host.queue, task));
  }
}

function nameOf(sa: IkeSa): string {
  return `${sa.connection.name}[${sa.number}]`;
}

function selector(type: number, { address, length }: Ipv4Prefix): ike.Payload {
  return ike.trafficSelector(type, address, address + 2 ** (32 - length) - 1);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
