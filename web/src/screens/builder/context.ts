import { createContext, useContext } from "react";

import type { Actions } from "@/canvas/actions";

const Context = createContext<Actions | null>(null);
export const ActionsProvider = Context.Provider;

/** What can be done on the canvas of the open flow. */
export function useActions(): Actions {
  const actions = useContext(Context);
  if (!actions) throw new Error("There is no canvas around this component.");
  return actions;
}
