import { ActionIcon, CopyButton, Group, Text, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";

/** A text to be taken elsewhere, with a button that copies it. */
export function Copy({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <Text size="sm" fw={540} mb={4}>
        {label}
      </Text>
      <Group gap={8} wrap="nowrap" px={12} py={8} style={{ background: "var(--hover)", borderRadius: 8 }}>
        <Text component="code" size="sm" ff="monospace" style={{ flex: 1, overflowWrap: "anywhere" }}>
          {value}
        </Text>
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? "Copied" : "Copy"}>
              <ActionIcon onClick={copy} aria-label={`Copy: ${label}`}>
                {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      </Group>
    </div>
  );
}
