import "../styles/story.css";
import { useId, useMemo, useState } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { type Cast, shortPodName } from "../model/cast.ts";
import { PROBES, REPEATS } from "../model/probe.ts";
import { serviceName, servicesOf } from "../model/services.ts";
import type { WorldState } from "../model/world.ts";

/** Targets that are offered at once. */
const MOST_OFFERED = 100;

/** Names and addresses that can be asked for: Services by name, pods and nodes by address. */
function targetsOf(cast: Cast, world: WorldState): readonly (readonly [string, string])[] {
  const services = servicesOf(world).map((one) => [serviceName(one), `Service ${one.address}`] as const);
  const pods = cast.pods.flatMap(({ ip, name }) =>
    ip === undefined ? [] : [[ip, shortPodName(name)] as const],
  );
  const nodes = cast.topology.rooms.flatMap(({ nics, name }) => {
    const address = nics.flatMap(({ addresses }) => addresses)[0]?.split("/")[0];
    return address === undefined ? [] : [[address, name] as const];
  });
  return [...services, ...pods, ...nodes];
}

/** What to send, from whom, to whom: by clicks on the board, or by typing. */
export default function ProbeForm({ source }: { readonly source: number | undefined }) {
  const say = useSay();
  const store = useBoardStore();
  const probe = useBoard((board) => board.probe);
  const repeat = useBoard((board) => board.repeat);
  const { set } = store.getState();
  return (
    <>
      <span className="segmented" role="group" aria-label={say("send.kind")}>
        {PROBES.map((name) => (
          <button key={name} type="button" aria-pressed={probe === name} onClick={() => set({ probe: name })}>
            {say(name === "ping" || name === "udp" ? `send.${name}` : `probe.${name}`)}
          </button>
        ))}
      </span>
      <select
        aria-label={say("repeat.label")}
        value={repeat}
        onChange={(event) => set({ repeat: REPEATS.find((name) => name === event.target.value) ?? "once" })}
      >
        {REPEATS.map((name) => (
          <option key={name} value={name}>
            {say(`repeat.${name}`)}
          </option>
        ))}
      </select>
      <span className="choose" role="status">
        {say(source === undefined ? "send.source" : "send.target")}
      </span>
      {source !== undefined && <TargetForm source={source} />}
      <button type="button" onClick={() => set({ choosing: undefined })}>
        {say("send.cancel")}
      </button>
    </>
  );
}

function TargetForm({ source }: { readonly source: number }) {
  const say = useSay();
  const store = useBoardStore();
  const id = useId();
  const [target, setTarget] = useState("");
  const cast = useBoard((board) => board.cast);
  const session = useBoard((board) => board.session);
  const targets = useMemo(
    () => (cast === undefined || session === undefined ? [] : targetsOf(cast, session.world)),
    [cast, session],
  );
  // A browser shows a few suggestions: of a large cluster's targets those that fit what is typed.
  const offered = useMemo(() => {
    if (targets.length <= MOST_OFFERED) return targets;
    return targets.filter((pair) => pair.some((word) => word.includes(target))).slice(0, MOST_OFFERED);
  }, [targets, target]);
  const submit = (event: React.SubmitEvent): void => {
    event.preventDefault();
    const { send, probe, repeat } = store.getState();
    if (target.trim() !== "") void send({ from: source, probe, target, repeat });
  };
  return (
    <form className="target" onSubmit={submit}>
      <span className="from">{say("probe.from", { name: cast?.name(source) ?? "" })}</span>
      <label htmlFor={`${id}-to`}>{say("probe.target")}</label>
      <input
        id={`${id}-to`}
        list={`${id}-list`}
        value={target}
        size={20}
        autoComplete="off"
        spellCheck={false}
        placeholder={targets[0]?.[0] ?? ""}
        title={say("probe.target.hint")}
        onChange={(event) => setTarget(event.target.value)}
      />
      <datalist id={`${id}-list`}>
        {offered.map(([value, label]) => (
          <option key={value + label} value={value} label={label} />
        ))}
      </datalist>
      <button type="submit" className="primary" disabled={target.trim() === ""}>
        {say("probe.send")}
      </button>
    </form>
  );
}
