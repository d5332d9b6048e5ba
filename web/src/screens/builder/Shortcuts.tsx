import { Group, Kbd, Modal, SimpleGrid, Text } from "@mantine/core";

const KEYS: readonly [string, string][] = [
  ["/", "Add a step after the selected one"],
  ["C", "Connect: choose a way out, then where it leads"],
  ["Tab", "Go from step to step"],
  ["Arrows", "Move the selected steps"],
  ["Enter", "Edit the selected step"],
  ["Esc", "Back to the canvas, then nothing selected"],
  ["Ctrl F", "Find a step"],
  ["Ctrl K", "All commands"],
  ["Ctrl Z", "Undo"],
  ["Ctrl Shift Z", "Redo"],
  ["Ctrl C, X, V", "Copy, cut, paste, between flows too"],
  ["Ctrl D", "Duplicate"],
  ["Ctrl A", "Select all"],
  ["Delete", "Delete what is selected"],
  ["L", "Tidy up"],
  ["1", "Show the whole flow"],
  ["N", "Add a note"],
  ["T", "Test"],
  ["Space and drag", "Move the canvas"],
  ["Ctrl and wheel", "Zoom"],
];

export default function Shortcuts({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Keyboard shortcuts" size="lg">
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs">
        {KEYS.map(([keys, what]) => (
          <Group key={keys} justify="space-between" wrap="nowrap" gap="xs">
            <Text size="sm">{what}</Text>
            <Kbd style={{ whiteSpace: "nowrap" }}>{keys}</Kbd>
          </Group>
        ))}
      </SimpleGrid>
    </Modal>
  );
}
