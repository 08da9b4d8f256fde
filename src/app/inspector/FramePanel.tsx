import { useState } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import type { FieldView, FrameView, LayerView } from "../model/frame.ts";

/** The frame as it stands: header by header, what changed marked, and its bytes. */
export function FramePanel({ frame }: { readonly frame: FrameView }) {
  const say = useSay();
  const { length, grown } = frame;
  const change = say(grown > 0 ? "inspector.new" : "inspector.gone", { count: Math.abs(grown) });
  const title =
    grown === 0 ? say("inspector.frame", { length }) : say("inspector.frameGrown", { length, grown: change });
  return (
    <section className="frame">
      <h3>{title}</h3>
      <div className="layers">
        {frame.layers.map((view) => (
          <LayerPanel key={`${view.layer.offset}/${view.layer.protocol}`} view={view} />
        ))}
      </div>
      <h3>{say("inspector.bytes")}</h3>
      <HexPanel frame={frame} />
    </section>
  );
}

function LayerPanel({ view }: { readonly view: LayerView }) {
  const say = useSay();
  const [open, setOpen] = useState(false);
  const changed = view.fields.filter(({ before }) => before !== undefined);
  const { depth } = view.layer;
  return (
    <div className={`layer tone-${view.tone}`} data-depth={Math.min(3, depth)}>
      <button type="button" className="layer-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <strong>{view.title}</strong>
        {view.isNew && <em>{say("inspector.newLayer")}</em>}
        <code>{view.brief}</code>
      </button>
      {!open && changed.length > 0 && (
        <dl className="fields">
          {changed.map((field) => (
            <FieldLine key={field.field.offset + field.field.name} view={field} />
          ))}
        </dl>
      )}
      {open && (
        <dl className="fields">
          {view.fields.map((field, i) => (
            <FieldLine key={i} view={field} />
          ))}
        </dl>
      )}
    </div>
  );
}

function FieldLine({ view }: { readonly view: FieldView }) {
  const say = useSay();
  const store = useBoardStore();
  const { field, before } = view;
  const point = (on: boolean) => () =>
    store.getState().set({ field: on ? { offset: field.offset, length: field.length } : undefined });
  return (
    <div className="field" onPointerEnter={point(true)} onPointerLeave={point(false)}>
      <dt>{field.label}</dt>
      <dd>
        {before !== undefined && <del aria-label={say("inspector.was", { value: before })}>{before}</del>}
        {before !== undefined && " "}
        {before === undefined ? <span>{field.value}</span> : <ins>{field.value}</ins>}
      </dd>
    </div>
  );
}

const ROW = 16;

function HexPanel({ frame }: { readonly frame: FrameView }) {
  const marked = useBoard((board) => board.field);
  const toneAt = (i: number): string =>
    frame.layers.findLast(({ layer }) => layer.offset <= i)?.tone ?? "app";
  const rows = Array.from({ length: Math.ceil(frame.bytes.length / ROW) }, (_, i) => i * ROW);
  return (
    <div className="hex" role="group" tabIndex={0} aria-label={`${frame.bytes.length}`}>
      {rows.map((from) => (
        <div key={from} className="hex-row">
          <span className="hex-offset">{from.toString(16).padStart(4, "0")}</span>
          {[...frame.bytes.subarray(from, from + ROW)].map((byte, i) => {
            const at = from + i;
            const isMarked =
              marked !== undefined && at >= marked.offset && at < marked.offset + marked.length;
            return (
              <span key={at} className={`byte tone-${toneAt(at)} ${isMarked ? "is-marked" : ""}`}>
                {byte.toString(16).padStart(2, "0")}
              </span>
            );
          })}
        </div>
      ))}
    </div>
  );
}
