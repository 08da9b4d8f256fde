import { useMemo } from "react";
import { useBoard } from "../board-context.ts";
import { servicesOf, type ServiceSpot, serviceSpots } from "../model/services.ts";

/** Services that are translated somewhere on the open journey. */
export function useServices(): readonly ServiceSpot[] {
  const steps = useBoard((board) => board.story?.steps);
  const session = useBoard((board) => board.session);
  return useMemo(
    () =>
      steps === undefined || session === undefined ? [] : serviceSpots(steps, servicesOf(session.world)),
    [steps, session],
  );
}
