import { ActionIcon, Badge, Group, Menu, Text, Tooltip } from "@mantine/core";
import { IconArchive, IconArchiveOff, IconCopy, IconDots, IconDownload, IconTrash } from "@tabler/icons-react";
import { Link } from "wouter";

import type { FlowSummary } from "@/api/flow";
import { complain, tell } from "@/shell/notice";
import rows from "@/shared/Rows.module.css";
import { ago, when } from "@/shared/time";

import styles from "./Flows.module.css";
import { exportFlow, useFlowActions } from "./flows";

const STARTS: Record<string, string> = {
  message: "any message",
  keyword: "a keyword",
  webhook: "a webhook",
  api: "the API",
  contact: "a change of a contact",
  schedule: "a schedule",
};

/** The flows, one a row. */
export function FlowRows({ flows, mayEdit }: { flows: readonly FlowSummary[]; mayEdit: boolean }) {
  return (
    <div className={rows.card} role="table" aria-label="Flows">
      <div className={`${rows.head} ${styles.columns}`} role="row">
        <span role="columnheader">Name</span>
        <span role="columnheader">State</span>
        <span role="columnheader" className={styles.wide}>
          Channel
        </span>
        <span role="columnheader" className={styles.count}>
          Inside now
        </span>
        <span role="columnheader" className={styles.wide}>
          Last change
        </span>
        <span role="columnheader" aria-label="Actions" />
      </div>
      {flows.map((flow) => (
        <div key={flow.id} className={`${rows.row} ${styles.columns}`} role="row">
          <div className={rows.cut} role="cell">
            <Link href={`/flows/${flow.id}`} className={rows.link}>
              {flow.name}
            </Link>
            <Text size="xs" c="dimmed" truncate>
              {flow.starts.length ? `Starts with ${flow.starts.map((each) => STARTS[each] ?? each).join(", ")}` : "Nothing starts it yet"}
            </Text>
          </div>
          <Group gap={6} role="cell">
            <State flow={flow} />
          </Group>
          <div className={`${rows.quiet} ${rows.cut} ${styles.wide}`} role="cell">
            {flow.channels.map((channel) => channel.name).join(", ") || "All channels"}
          </div>
          <div className={styles.count} role="cell">
            {flow.waiting > 0 ? flow.waiting.toLocaleString() : <span className={rows.quiet}>–</span>}
          </div>
          <Tooltip label={when(flow.updated_at)}>
            <div className={`${rows.quiet} ${styles.wide}`} role="cell">
              {ago(flow.updated_at)}
            </div>
          </Tooltip>
          <div className={rows.over} role="cell">
            <Actions flow={flow} mayEdit={mayEdit} />
          </div>
        </div>
      ))}
    </div>
  );
}

function State({ flow }: { flow: FlowSummary }) {
  if (flow.status === "archived") return <Badge color="gray">Archived</Badge>;
  if (flow.status === "draft") return <Badge color="gray">Draft</Badge>;
  return (
    <>
      <Badge color="teal">Live</Badge>
      {flow.changed && <Badge color="yellow">Changed since</Badge>}
    </>
  );
}

function Actions({ flow, mayEdit }: { flow: FlowSummary; mayEdit: boolean }) {
  const { duplicate, archive, remove } = useFlowActions();
  const archived = flow.status === "archived";
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <ActionIcon aria-label={`More for ${flow.name}`}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {mayEdit && (
          <Menu.Item leftSection={<IconCopy size={15} />} onClick={() => duplicate.mutate(flow.id, { onSuccess: (copy) => tell(`${copy.name} was made`) })}>
            Duplicate
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconDownload size={15} />} onClick={() => exportFlow(flow).catch(complain)}>
          Export as a file
        </Menu.Item>
        {mayEdit && (
          <Menu.Item leftSection={archived ? <IconArchiveOff size={15} /> : <IconArchive size={15} />} onClick={() => archive.mutate({ id: flow.id, archived: !archived })}>
            {archived ? "Bring back" : "Archive"}
          </Menu.Item>
        )}
        {mayEdit && archived && (
          <>
            <Menu.Divider />
            <Menu.Item c="red" leftSection={<IconTrash size={15} />} onClick={() => remove.mutate(flow.id)}>
              Delete for good
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
