import { Button, Stack, Text } from "@mantine/core";

/** Plays every path. */
export function Coverage({ onClose }: { onClose: () => void }) {
  return (
    <Stack p="md">
      <Text>Play every path</Text>
      <Button variant="default" onClick={onClose}>
        Back to the chat
      </Button>
    </Stack>
  );
}
