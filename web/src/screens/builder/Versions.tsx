import { Badge, Button, Drawer, Group, Loader, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { ask } from "@/api/client";
import { flowPath } from "@/api/flow";
import { difference } from "@/flow/operation";
import { useFlow, useFlowStore } from "@/flow/store";
import { tell } from "@/shell/notice";

import { Changes } from "./Changes";
import { type Version, useVersions, versionDocument } from "./versions";
import styles from "./Versions.module.css";

const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** What was published when: compare it with the draft, take it back into the draft, or make it live again. */
export default function Versions({ onClose }: { onClose: () => void }) {
  const { id } = useFlowStore().getState();
  const versions = useVersions(id);
  const [chosen, setChosen] = useState<number | null>(null);
  return (
    <Drawer opened onClose={onClose} position="right" size={420} title={<Text fw={620} size="lg">Versions</Text>}>
      <Stack gap={8}>
        {versions.isPending && <Loader size="sm" m="auto" />}
        {versions.data?.length === 0 && <Text c="dimmed">Nothing was published yet. Publish makes the first version.</Text>}
        {versions.data?.map((version) => (
          <Entry key={version.number} version={version} flow={id} open={chosen === version.number} onToggle={() => setChosen(chosen === version.number ? null : version.number)} />
        ))}
      </Stack>
    </Drawer>
  );
}

interface EntryProps {
  version: Version;
  flow: string;
  open: boolean;
  onToggle: () => void;
}

function Entry({ version, flow, open, onToggle }: EntryProps) {
  return (
    <article className={styles.entry} data-open={open || undefined}>
      <button type="button" className={styles.head} onClick={onToggle} aria-expanded={open}>
        <Group justify="space-between" wrap="nowrap">
          <Text fw={600} size="sm">
            Version {version.number}
          </Text>
          {version.live && <Badge color="teal">Live</Badge>}
        </Group>
        <Text size="sm" c="dimmed">
          {WHEN.format(new Date(version.published_at))}
        </Text>
        {version.note && <Text size="sm">{version.note}</Text>}
      </button>
      {open && <Compared version={version} flow={flow} />}
    </article>
  );
}

function Compared({ version, flow }: { version: Version; flow: string }) {
  const store = useFlowStore();
  const client = useQueryClient();
  const draft = useFlow((state) => state.document);
  const readOnly = useFlow((state) => state.readOnly);
  const { data: old } = useQuery({ queryKey: ["version", flow, version.number], queryFn: () => versionDocument(flow, version.number), staleTime: Infinity });
  const back = useMutation({
    mutationFn: () => ask("POST", `${flowPath(flow)}/versions/${version.number}/publish`, { policy: "stay" }),
    onSuccess: async () => {
      await Promise.all([client.invalidateQueries({ queryKey: ["versions", flow] }), client.invalidateQueries({ queryKey: ["flows"] })]);
      tell(`Version ${version.number} is live again.`);
    },
  });
  if (!old) return <Loader size="sm" m="md" />;
  const changes = difference(old, draft).filter((each) => each.kind !== "place" && each.kind !== "note");
  return (
    <Stack gap="sm" p="sm" pt={0}>
      <Text size="sm" fw={560}>
        What the draft changed since
      </Text>
      <Changes changes={changes} before={old} after={draft} />
      <Group gap={8} grow>
        <Button
          variant="default"
          disabled={readOnly || !changes.length}
          onClick={() => {
            store.getState().edit(() => ({ ...old, name: draft.name, notes: draft.notes, layout: { ...draft.layout, ...old.layout } }));
            tell(`The draft is as version ${version.number} was. Ctrl Z takes that back.`);
          }}
        >
          Restore into the draft
        </Button>
        {!version.live && (
          <Button variant="light" onClick={() => back.mutate()} loading={back.isPending} disabled={readOnly}>
            Make live again
          </Button>
        )}
      </Group>
    </Stack>
  );
}
