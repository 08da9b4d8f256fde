import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { type Cast, shortPodName } from "../model/cast.ts";
import type { Pod } from "../model/topology.ts";
import { Sentence } from "../Sentence.tsx";
import type { Probe } from "../store.ts";

const PROBES: readonly Probe[] = ["ping", "udp"];

/** Two pods on different nodes: the first example. */
function firstPair(cast: Cast | undefined): readonly [Pod, Pod] | undefined {
  const all = (cast?.pods ?? []).filter((pod) => pod.ip !== undefined);
  const own = all.filter(({ label }) => /^[^.]+\.default\./.test(label));
  const pods = new Set(own.map(({ host }) => host.netns)).size > 1 ? own : all;
  const [from] = pods;
  const to = pods.find((pod) => pod.host.netns !== from?.host.netns) ?? pods[1];
  return from === undefined || to === undefined ? undefined : [from, to];
}

/** Over the board: the first packet in one click, any other in three. */
export function SendBar() {
  const say = useSay();
  const store = useBoardStore();
  const cast = useBoard((board) => board.cast);
  const story = useBoard((board) => board.story);
  const choosing = useBoard((board) => board.choosing);
  const sending = useBoard((board) => board.sending);
  const probe = useBoard((board) => board.probe);
  const notice = useBoard((board) => board.notice);
  const pair = firstPair(cast);
  if (pair === undefined) return null;
  const [from, to] = pair;
  const { send, set } = store.getState();
  return (
    <div className="sendbar">
      {sending && <span role="status">{say("send.busy")}</span>}
      {!sending && choosing === undefined && story === undefined && (
        <button type="button" className="primary first" onClick={() => void send(from.netns, to.netns)}>
          <strong>{say("send.first")}</strong>
          <small>
            {say("send.first.detail", { from: shortPodName(from.name), to: shortPodName(to.name) })}
          </small>
        </button>
      )}
      {!sending && choosing === undefined && (
        <button type="button" onClick={() => set({ choosing: { source: undefined }, playing: false })}>
          {say("send.mode")}
        </button>
      )}
      {choosing !== undefined && (
        <>
          <span className="choose" role="status">
            {say(choosing.source === undefined ? "send.source" : "send.target")}
          </span>
          <span className="segmented" role="group" aria-label={say("send.kind")}>
            {PROBES.map((name) => (
              <button
                key={name}
                type="button"
                aria-pressed={probe === name}
                onClick={() => set({ probe: name })}
              >
                {say(`send.${name}`)}
              </button>
            ))}
          </span>
          <button type="button" onClick={() => set({ choosing: undefined })}>
            {say("send.cancel")}
          </button>
        </>
      )}
      {notice !== undefined && (
        <p className="notice" role="alert">
          <Sentence phrase={notice} plain />
        </p>
      )}
    </div>
  );
}
