import "../styles/story.css";
import "../styles/watch.css";
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { useDesk } from "../desk-context.ts";
import type { PanelProps } from "../dock/panels.ts";
import { Command } from "../inspector/Command.tsx";
import { RuleList } from "../inspector/NetfilterPanel.tsx";
import { outcomeIn } from "../model/outcome.ts";
import {
  isSixPacket,
  type Omitted,
  PASTED_NODE,
  pastedDevices,
  pastedWorld,
  type PastedPacket,
  type PastedWorld,
  sortTexts,
} from "../../scenario/paste.ts";
import { parseIpv4 } from "../../wire/address.ts";
import { parseIpv6 } from "../../wire/address6.ts";
import { Sentence } from "../Sentence.tsx";

const COMMANDS =
  "iptables-save; ip6tables-save; nft list ruleset; ip addr; ip route show table all; ip rule; ip -6 rule; sysctl net.ipv4.ip_forward net.ipv6.conf.all.forwarding; ipset save; ipvsadm -Sn";

interface Form {
  readonly inDevice: string;
  readonly src: string;
  readonly dst: string;
  readonly protocol: PastedPacket["protocol"];
  readonly sport: string;
  readonly dport: string;
}

const EMPTY: Form = { inDevice: "", src: "", dst: "", protocol: "tcp", sport: "", dport: "80" };

function portOf(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) < 65536 ? Number(text) : undefined;
}

/** Both ends are addresses of one IP; what the node itself sends may leave its own to the node. */
function canBeSent({ inDevice, src, dst }: Form): boolean {
  const parse = isSixPacket({ dst }) ? parseIpv6 : parseIpv4;
  return parse(dst) !== undefined && ((inDevice === "" && src === "") || parse(src) !== undefined);
}

/** A node from its texts: which packet enters where, and what becomes of it. Nothing leaves the page. */
export default function PastePanel(_: PanelProps) {
  const say = useSay();
  const store = useBoardStore();
  const desk = useDesk();
  const [text, setText] = useState("");
  const [form, setForm] = useState<Form>(EMPTY);
  const [made, setMade] = useState<PastedWorld | undefined>();
  const node = useMemo(() => sortTexts(text), [text]);
  const devices = useMemo(() => pastedDevices(node), [node]);
  const ready = useBoard((board) => board.phase.kind === "ready");
  const session = useBoard((board) => board.session);
  const waiting = useRef<{ readonly world: PastedWorld; readonly before: unknown } | undefined>(undefined);
  useEffect(() => {
    const asked = waiting.current;
    if (asked === undefined || !ready || session === undefined || session === asked.before) return;
    waiting.current = undefined;
    const from = session.world.everywhere("netns").find(({ row }) => row.label === asked.world.sender)?.netns;
    if (from === undefined) return;
    const expect = { outcome: "answered" as const, passes: [], avoids: [] };
    const title = { en: asked.world.command, zh: asked.world.command };
    const prepared = {
      title,
      from: asked.world.sender,
      kind: "shell" as const,
      target: asked.world.command,
      expect,
    };
    void store.getState().send({ from, probe: "tcp", target: form.dst, prepared });
  }, [ready, session, store, form.dst]);
  const isOk = canBeSent(form);
  const submit = (event: React.SubmitEvent): void => {
    event.preventDefault();
    if (!isOk) return;
    const { sport, dport, ...rest } = form;
    const world = pastedWorld(node, { ...rest, sport: portOf(sport), dport: portOf(dport) });
    setMade(world);
    waiting.current = { world, before: session };
    desk.openFile(world.scenario);
  };
  return (
    <div className="paste">
      <form className="paste-form" onSubmit={submit}>
        <PasteText text={text} onText={setText} />
        <PacketForm form={form} devices={devices} onForm={setForm} />
        <button type="submit" className="primary" disabled={!isOk || text.trim() === ""}>
          {say("paste.ask")}
        </button>
      </form>
      <div className="paste-result" role="group" tabIndex={0} aria-label={say("paste.result")}>
        {made === undefined ? <p className="hint">{say("paste.hint")}</p> : <Result made={made} />}
      </div>
    </div>
  );
}

function PasteText({ text, onText }: { readonly text: string; readonly onText: (text: string) => void }) {
  const say = useSay();
  const id = useId();
  return (
    <>
      <Command label={say("paste.commands")} command={COMMANDS} />
      <label htmlFor={id}>{say("paste.text")}</label>
      <textarea
        id={id}
        value={text}
        spellCheck={false}
        rows={6}
        onChange={(event) => onText(event.target.value)}
      />
    </>
  );
}

function PacketForm({
  form,
  devices,
  onForm,
}: {
  readonly form: Form;
  readonly devices: readonly string[];
  readonly onForm: (form: Form) => void;
}) {
  const say = useSay();
  const id = useId();
  const field = (name: "src" | "dst" | "sport" | "dport", size: number) => (
    <label>
      {say(`paste.${name}`)}{" "}
      <input
        value={form[name]}
        size={size}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onForm({ ...form, [name]: event.target.value.trim() })}
      />
    </label>
  );
  return (
    <fieldset className="paste-packet">
      <legend>{say("paste.packet")}</legend>
      <label>
        {say("paste.device")}{" "}
        <input
          list={id}
          value={form.inDevice}
          size={10}
          spellCheck={false}
          placeholder={say("paste.own")}
          onChange={(event) => onForm({ ...form, inDevice: event.target.value.trim() })}
        />
      </label>
      <datalist id={id}>
        {devices.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <label>
        {say("column.protocol")}{" "}
        <select
          value={form.protocol}
          onChange={(event) => {
            const protocol = (["tcp", "udp", "icmp"] as const).find((name) => name === event.target.value);
            onForm({ ...form, protocol: protocol ?? "tcp" });
          }}
        >
          <option value="tcp">TCP</option>
          <option value="udp">UDP</option>
          <option value="icmp">ICMP echo</option>
        </select>
      </label>
      {field("src", 15)}
      {form.protocol !== "icmp" && field("sport", 5)}
      {field("dst", 15)}
      {form.protocol !== "icmp" && field("dport", 5)}
    </fieldset>
  );
}

function Result({ made }: { readonly made: PastedWorld }) {
  const say = useSay();
  const store = useBoardStore();
  const story = useBoard((board) => board.story);
  const session = useBoard((board) => board.session);
  const cast = useBoard((board) => board.cast);
  const sending = useBoard((board) => board.sending);
  const netns = session?.world.everywhere("netns").find(({ row }) => row.label === PASTED_NODE)?.netns;
  const outcome = useMemo(
    () =>
      story === undefined || session === undefined || cast === undefined || netns === undefined
        ? undefined
        : outcomeIn(story, netns, session.world, cast),
    [story, session, cast, netns],
  );
  return (
    <>
      {sending && <p role="status">{say("send.busy")}</p>}
      {outcome !== undefined && (
        <>
          <div className={`paste-verdict paste-${outcome.verdict}`} role="status">
            <strong>{say(`outcome.${outcome.verdict}.title`)}</strong>
            {outcome.said.map((one, i) => (
              <p key={i}>
                <Sentence phrase={one} />
              </p>
            ))}
            <button type="button" onClick={() => store.getState().set({ panel: "hops" })}>
              {say("paste.path")}
            </button>
          </div>
          {outcome.rules.length > 0 && <RuleList rules={outcome.rules} />}
          {outcome.commands.map((command) => (
            <Command key={command} label={say("inspector.check")} command={command} />
          ))}
        </>
      )}
      {made.lacksIpvs && <p className="warning">{say("paste.lacksIpvs")}</p>}
      {made.otherRules > 0 && <p className="hint">{say("paste.other", { count: made.otherRules })}</p>}
      <OmittedList omitted={made.omitted} />
    </>
  );
}

function OmittedList({ omitted }: { readonly omitted: readonly Omitted[] }) {
  const say = useSay();
  if (omitted.length === 0) return <p>{say("paste.allRead")}</p>;
  return (
    <section className="paste-omitted">
      <h3>{say("paste.omitted", { count: omitted.length })}</h3>
      <ol>
        {omitted.map((one) => (
          <li key={`${one.source} ${one.line}`}>
            <span>
              {say("paste.line", { line: one.line })}: {say(`paste.why.${one.why}`, { message: one.message })}
            </span>
            <code>{one.text}</code>
          </li>
        ))}
      </ol>
    </section>
  );
}
