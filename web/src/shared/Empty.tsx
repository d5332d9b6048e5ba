import { Button, Center, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "wouter";

interface Props {
  title: string;
  text?: ReactNode;
  picture?: ReactNode;
  action?: { label: string; run?: () => void; to?: string };
  children?: ReactNode;
}

/** What a page shows when it has nothing to show: why, and what to do next. */
export function Empty({ title, text, picture, action, children }: Props) {
  return (
    <Center h="100%" p="xl">
      <Stack align="center" gap="sm" maw={440} ta="center">
        {picture}
        <Title order={2}>{title}</Title>
        {text && <Text c="dimmed">{text}</Text>}
        {action &&
          (action.to ? (
            <Button mt="xs" component={Link} to={action.to}>
              {action.label}
            </Button>
          ) : (
            <Button mt="xs" onClick={action.run}>
              {action.label}
            </Button>
          ))}
        {children}
      </Stack>
    </Center>
  );
}
