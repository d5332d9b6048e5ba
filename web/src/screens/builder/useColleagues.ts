import { useQueryClient } from "@tanstack/react-query";

import { TAB } from "@/api/flow";
import { useLive } from "@/api/live";
import { follow } from "@/flow/autosave";
import { useFlowStore } from "@/flow/store";

/** Shows at once what somebody else did to the open flow, in another window or on another desk. */
export function useColleagues(): void {
  const store = useFlowStore();
  const client = useQueryClient();
  useLive(({ event, data }) => {
    const { id } = store.getState();
    const mine = data.client === TAB;
    if (event !== "lagged" && (event !== "flow" || data.id !== id || mine)) return;
    void client.invalidateQueries({ queryKey: ["versions", id] });
    void follow(store);
  });
}
