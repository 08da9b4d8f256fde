import { lazy, Suspense, useMemo } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import type { PreparedProbe } from "../../scenario/story.ts";
import { useWork } from "../desk-context.ts";
import { shortPodName } from "../model/cast.ts";
import { firstPair, firstVisit } from "../model/probe.ts";
import { serviceName } from "../model/services.ts";
import { Sentence } from "../Sentence.tsx";
import { late } from "./late.tsx";

const Printed = lazy(() => import("./Printed.tsx"));
const ProbeForm = late(() => import("./ProbeForm.tsx"));
const Prepared = lazy(() => import("./Prepared.tsx"));
const NONE: readonly PreparedProbe[] = [];

/** Over the board: the first packet in one click, any other in three. */
export function SendBar() {
  const say = useSay();
  const store = useBoardStore();
  const choosing = useBoard((board) => board.choosing);
  const sending = useBoard((board) => board.sending);
  const notice = useBoard((board) => board.notice);
  const hasPrinted = useBoard((board) => board.printed !== undefined);
  return (
    <div className="sendbar">
      {sending && <span role="status">{say("send.busy")}</span>}
      {!sending && choosing === undefined && <Offers />}
      {choosing !== undefined && <ProbeForm source={choosing.source} />}
      {hasPrinted && (
        <Suspense>
          <Printed />
        </Suspense>
      )}
      {notice !== undefined && (
        <div className="notice">
          <p role="alert">
            <Sentence phrase={notice} plain />
          </p>
          <button
            type="button"
            aria-label={say("app.close")}
            title={say("app.close")}
            onClick={() => store.getState().set({ notice: undefined })}
          >
            ×
          </button>
        </div>
      )}
    </div>
  );
}

function Offers() {
  const say = useSay();
  const store = useBoardStore();
  const story = useBoard((board) => board.story);
  const errand = useBoard((board) => board.errand);
  const probes = useWork(({ scenario }) => scenario?.probes ?? NONE);
  const { send, set } = store.getState();
  return (
    <>
      {probes.length > 0 ? (
        <Suspense>
          <Prepared probes={probes} />
        </Suspense>
      ) : (
        story === undefined && <Examples />
      )}
      {errand !== undefined && (
        <button type="button" onClick={() => void send(errand)}>
          {say("send.again")}
        </button>
      )}
      <button type="button" onClick={() => set({ choosing: { source: undefined }, playing: false })}>
        {say("send.mode")}
      </button>
    </>
  );
}

/** Two prepared packets: one to a pod's own address, one to a Service's name. */
function Examples() {
  const say = useSay();
  const store = useBoardStore();
  const cast = useBoard((board) => board.cast);
  const session = useBoard((board) => board.session);
  const pair = useMemo(() => (cast === undefined ? undefined : firstPair(cast)), [cast]);
  const visit = useMemo(
    () => (cast === undefined || session === undefined ? undefined : firstVisit(cast, session.world)),
    [cast, session],
  );
  const { send } = store.getState();
  return (
    <>
      {pair !== undefined && (
        <button
          type="button"
          className="primary first"
          onClick={() => void send({ from: pair[0].netns, probe: "ping", target: pair[1].ip ?? "" })}
        >
          <strong>{say("send.first")}</strong>
          <small>
            {say("send.first.detail", { from: shortPodName(pair[0].name), to: shortPodName(pair[1].name) })}
          </small>
        </button>
      )}
      {visit !== undefined && (
        <button
          type="button"
          className="second"
          onClick={() =>
            void send({ from: visit.from.netns, probe: "http", target: serviceName(visit.service) })
          }
        >
          <strong>{say("probe.first")}</strong>
          <small>
            {say("probe.first.detail", {
              from: shortPodName(visit.from.name),
              to: serviceName(visit.service),
            })}
          </small>
        </button>
      )}
    </>
  );
}
