import "../styles/edit.css";
import { useEffect } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { useDesk } from "../desk-context.ts";
import { subjectOfBox } from "./drag.ts";
import { sameSubject, subjectName } from "./subject.ts";

/** Marks on the board what is chosen, and tells which end of a cable is still open. */
export default function Marks() {
  const say = useSay();
  const desk = useDesk();
  const store = useBoardStore();
  const scene = useBoard((board) => board.scene);
  const cast = useBoard((board) => board.cast);
  const subjects = useBoard((board) => board.subjects);
  const connecting = useBoard((board) => board.connecting);
  useEffect(() => {
    const { scenario } = desk.document.state;
    if (scenario === undefined || cast === undefined || scene === undefined) return undefined;
    const wanted = connecting === undefined ? subjects : [connecting];
    const marked = scene.boxes.flatMap((box) => {
      if (box.type === "device" || box.type === "stack") return [];
      const subject = subjectOfBox(scenario, cast, box);
      if (subject === undefined || !wanted.some((each) => sameSubject(each, subject))) return [];
      return document.querySelector(`.react-flow__node[data-id="${CSS.escape(box.id)}"]`) ?? [];
    });
    for (const element of marked) element.setAttribute("data-chosen", "yes");
    return () => {
      for (const element of marked) element.removeAttribute("data-chosen");
    };
  }, [desk, cast, scene, subjects, connecting]);
  useEffect(() => {
    if (connecting === undefined) return undefined;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape") store.getState().set({ connecting: undefined });
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [store, connecting]);
  if (connecting === undefined)
    return (
      <p className="sr-only" role="status">
        {subjects.length > 1 && say("form.many", { count: subjects.length })}
      </p>
    );
  return (
    <p className="wiring" role="status">
      {say("build.connect", { name: subjectName(connecting) })}
    </p>
  );
}
