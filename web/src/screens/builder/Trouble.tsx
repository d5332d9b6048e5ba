import { Alert, Button, Group } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { IconAlertTriangle, IconLock } from "@tabler/icons-react";
import { useLocation } from "wouter";

import { ask } from "@/api/client";
import type { FlowSummary } from "@/api/flow";
import { forget } from "@/flow/autosave";
import { SCHEMA } from "@/flow/document";
import { useFlow, useFlowStore } from "@/flow/store";

/** Why the work can't be saved, and the way out of it. */
export function Trouble() {
  const saving = useFlow((state) => state.saving);
  const why = useFlow((state) => state.trouble);
  const canUndo = useFlow((state) => state.past.length > 0);
  const newer = useFlow((state) => state.document.schema > SCHEMA);
  const store = useFlowStore();
  const [, go] = useLocation();
  const copy = useMutation({
    mutationFn: async () => (await ask<FlowSummary>("POST", "/v1/flows", { document: store.getState().document })).data,
    onSuccess: ({ id }) => {
      const { id: old, document, set } = store.getState();
      set({ saved: document, saving: "saved" });
      forget(old);
      go(`/flows/${id}`);
    },
  });
  if (newer) {
    return (
      <Alert color="blue" icon={<IconLock size={18} />} title="A newer release of PostDog made this flow">
        It is shown as far as it is known here, and kept as it is. Update the server to change it.
      </Alert>
    );
  }
  if (saving === "gone") {
    return (
      <Alert color="red" icon={<IconAlertTriangle size={18} />} title="Somebody deleted this flow">
        What you see here is still whole.
        <Group mt={8}>
          <Button size="compact-sm" loading={copy.isPending} onClick={() => copy.mutate()}>
            Save it as a new flow
          </Button>
        </Group>
      </Alert>
    );
  }
  if (saving !== "refused") return null;
  return (
    <Alert color="red" icon={<IconAlertTriangle size={18} />} title="This can’t be saved as it is">
      {why}
      {canUndo && (
        <Group mt={8}>
          <Button size="compact-sm" onClick={() => store.getState().undo()}>
            Undo the last change
          </Button>
        </Group>
      )}
    </Alert>
  );
}
