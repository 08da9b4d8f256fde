import "../styles/story.css";
import { useState } from "react";
import { useSay } from "../board-context.ts";
import type { Packet } from "../model/capture/packet.ts";
import { titleOfLayer, toneOfLayer } from "../model/frame.ts";
import type { Field, Layer } from "../../wire/dissect.ts";

interface Stretch {
  readonly offset: number;
  readonly length: number;
}

/** The lower two panes of Wireshark: the tree of a packet's layers, and its bytes. */
export function PacketDetail({ packet }: { readonly packet: Packet }) {
  const say = useSay();
  const [marked, mark] = useState<Stretch>();
  return (
    <div className="packet-detail">
      <div
        className="layers"
        role="group"
        tabIndex={0}
        aria-label={say("capture.layers", { number: packet.number })}
      >
        {packet.layers.map((layer, i) => (
          <LayerTree key={`${layer.offset}/${i}`} layer={layer} mark={mark} />
        ))}
      </div>
      <Hex packet={packet} marked={marked} />
    </div>
  );
}

function LayerTree({
  layer,
  mark,
}: {
  readonly layer: Layer;
  readonly mark: (stretch: Stretch | undefined) => void;
}) {
  const [open, setOpen] = useState(false);
  return (
    <div className={`layer tone-${toneOfLayer(layer)}`} data-depth={Math.min(3, layer.depth)}>
      <button
        type="button"
        className="layer-head"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        onFocus={() => mark(layer)}
        onPointerEnter={() => mark(layer)}
      >
        <strong>{titleOfLayer(layer)}</strong>
        <code>{layer.summary}</code>
      </button>
      {open && <Fields fields={layer.fields} mark={mark} />}
    </div>
  );
}

function Fields({
  fields,
  mark,
}: {
  readonly fields: readonly Field[];
  readonly mark: (stretch: Stretch | undefined) => void;
}) {
  return (
    <ul className="packet-fields">
      {fields.map((field, i) => (
        <li key={`${field.name}/${i}`}>
          <button
            type="button"
            className="packet-field"
            onFocus={() => mark(field)}
            onPointerEnter={() => mark(field)}
          >
            <span>{field.label}</span> <code>{field.value}</code>
          </button>
          {field.fields !== undefined && field.fields.length > 0 && (
            <Fields fields={field.fields} mark={mark} />
          )}
        </li>
      ))}
    </ul>
  );
}

const ROW = 16;

function printable(byte: number): string {
  return byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "·";
}

function Hex({ packet, marked }: { readonly packet: Packet; readonly marked: Stretch | undefined }) {
  const say = useSay();
  const { bytes } = packet.frame;
  const toneAt = (i: number): string => {
    const layer = packet.layers.findLast(({ offset }) => offset <= i);
    return layer === undefined ? "app" : toneOfLayer(layer);
  };
  const isMarked = (i: number): boolean =>
    marked !== undefined && i >= marked.offset && i < marked.offset + marked.length;
  const rows = Array.from({ length: Math.ceil(bytes.length / ROW) }, (_, i) => i * ROW);
  return (
    <div className="hex" role="group" tabIndex={0} aria-label={say("capture.bytes", { count: bytes.length })}>
      {rows.map((from) => {
        const part = [...bytes.subarray(from, from + ROW)];
        return (
          <div key={from} className="hex-row">
            <span className="hex-offset">{from.toString(16).padStart(4, "0")}</span>
            {part.map((byte, i) => (
              <span
                key={i}
                className={`byte tone-${toneAt(from + i)} ${isMarked(from + i) ? "is-marked" : ""}`}
              >
                {byte.toString(16).padStart(2, "0")}
              </span>
            ))}
            <span className="hex-text" aria-hidden="true">
              {part.map((byte, i) => (
                <span key={i} className={isMarked(from + i) ? "is-marked" : ""}>
                  {printable(byte)}
                </span>
              ))}
            </span>
          </div>
        );
      })}
    </div>
  );
}
