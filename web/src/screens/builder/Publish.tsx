import { Alert, Button, Group, Modal, Radio, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { ask, type Model } from "@/api/client";
import { ApiError, sentence } from "@/api/error";
import { flowPath } from "@/api/flow";
import { difference } from "@/flow/operation";
import { useFlow, useFlowStore } from "@/flow/store";
import { tell } from "@/shell/notice";

import { Changes } from "./Changes";
import { ProblemList } from "./Problems";
import { useVersions, versionDocument } from "./versions";

type Publication = Model<"Publication">;

const POLICIES = [
  { value: "stay", label: "They finish what they began", description: "On the version that they are on." },
  { value: "move", label: "They move to the new version", description: "Where their step is still there; the others stay." },
  { value: "restart", label: "They begin anew", description: "From the first step, at their next event." },
  { value: "end", label: "They are ended", description: "At their next event. Nothing more is said to them." },
] as const;

/** What publishing will change, what stops it, and what becomes of the contacts that are inside. */
export default function Publish({ onClose }: { onClose: () => void }) {
  const store = useFlowStore();
  const client = useQueryClient();
  const { id } = store.getState();
  const saving = useFlow((state) => state.saving);
  const draft = useFlow((state) => state.saved);
  const problems = useFlow((state) => state.checked.problems);
  const [policy, setPolicy] = useState<string>("stay");
  const [note, setNote] = useState("");
  const versions = useVersions(id);
  const live = versions.data?.find((each) => each.live);
  const before = useQuery({ queryKey: ["version", id, live?.number], queryFn: () => versionDocument(id, live!.number), enabled: live !== undefined });
  const errors = problems.filter((each) => each.level === "error");
  const dry = useQuery({
    queryKey: ["publish-dry", id, draft],
    queryFn: async () => (await ask<Publication>("POST", `${flowPath(id)}/publish`, { dry_run: true })).data,
    enabled: saving === "saved" && errors.length === 0,
    retry: false,
    gcTime: 0,
  });
  const publish = useMutation({
    mutationFn: async () => (await ask<Publication>("POST", `${flowPath(id)}/publish`, { policy, note })).data,
    onSuccess: async ({ version }) => {
      await Promise.all([client.invalidateQueries({ queryKey: ["versions", id] }), client.invalidateQueries({ queryKey: ["flows"] })]);
      tell(`Version ${version?.number ?? ""} is live.`);
      onClose();
    },
  });
  const changes = before.data ? difference(before.data, draft).filter((each) => each.kind !== "place" && each.kind !== "note") : null;
  const nothing = live !== undefined && changes?.length === 0;
  const refusal = dry.error instanceof ApiError ? dry.error : null;
  return (
    <Modal opened onClose={onClose} title={<Text fw={620} size="lg">Publish</Text>} size={560}>
      <Stack gap="lg">
        {errors.length > 0 ? (
          <Stack gap={4}>
            <Alert color="red" p="xs">
              {errors.length === 1 ? "One thing stops this flow from going live." : `${errors.length} things stop this flow from going live.`}
            </Alert>
            <ProblemList found={errors} onPick={onClose} />
          </Stack>
        ) : (
          <>
            <section>
              <Text fw={600} size="sm" mb={4}>
                {live ? `What changes against version ${live.number}` : "This is the first version"}
              </Text>
              {live ? changes && <Changes changes={changes} after={draft} before={before.data} /> : <Text size="sm" c="dimmed">{draft.nodes.length} steps go live. Contacts who meet a trigger from then on get this flow.</Text>}
            </section>
            {(dry.data?.runs ?? 0) > 0 && (
              <Radio.Group label={`${dry.data?.runs} ${dry.data?.runs === 1 ? "contact is" : "contacts are"} inside now. What happens to them?`} value={policy} onChange={setPolicy}>
                <Stack gap={8} mt="xs">
                  {POLICIES.map((each) => (
                    <Radio key={each.value} value={each.value} label={each.label} description={each.description} />
                  ))}
                </Stack>
              </Radio.Group>
            )}
            <TextInput label="What changed, for your colleagues" placeholder="Shorter greeting" value={note} onChange={(event) => setNote(event.currentTarget.value)} maxLength={1000} data-autofocus />
            {refusal && <Alert color="red" p="xs">{refusal.details.map((each) => each.message).join(" ") || sentence(refusal)}</Alert>}
          </>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button onClick={() => publish.mutate()} loading={publish.isPending} disabled={errors.length > 0 || saving !== "saved" || nothing || refusal !== null}>
            {nothing ? "Nothing to publish" : live ? `Publish version ${Math.max(...(versions.data ?? []).map((each) => each.number)) + 1}` : "Publish"}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
