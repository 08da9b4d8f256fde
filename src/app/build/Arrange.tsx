import { useMemo } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { useDesk, useWork } from "../desk-context.ts";
import { ALIGNMENTS, DIRECTIONS } from "../model/arrange.ts";
import { Workbench } from "./workbench.ts";

/** Where boxes stand: in line with each other, with even gaps, or laid out by rule. */
export function Arrange() {
  const say = useSay();
  const store = useBoardStore();
  const desk = useDesk();
  const bench = useMemo(() => new Workbench(desk, store), [desk, store]);
  const isLarge = useBoard(({ scene }) => scene?.far !== undefined);
  const count = useBoard(({ subjects }) => subjects.length);
  const isFree = useWork(({ scenario }) => scenario?.board !== undefined);
  if (isLarge) return null;
  return (
    <fieldset className="arrange">
      <legend>{say("arrange.title")}</legend>
      {count > 1 &&
        ALIGNMENTS.map((how) => (
          <button key={how} type="button" onClick={() => bench.align(how)}>
            {say(`arrange.${how}`)}
          </button>
        ))}
      {count > 2 &&
        DIRECTIONS.map((direction) => (
          <button key={direction} type="button" onClick={() => bench.distribute(direction)}>
            {say(`arrange.${direction}`)}
          </button>
        ))}
      <button type="button" onClick={() => bench.layOut()}>
        {say("arrange.auto")}
      </button>
      {isFree && (
        <button type="button" onClick={() => bench.forgetPlaces()}>
          {say("arrange.row")}
        </button>
      )}
      <p className="hint-line">{say("arrange.hint")}</p>
    </fieldset>
  );
}
