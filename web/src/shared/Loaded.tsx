import { Skeleton, Stack } from "@mantine/core";
import type { ReactNode } from "react";

import { sentence } from "@/api/error";

import { Empty } from "./Empty";

interface Props<T> {
  query: { data: T | undefined; error: unknown; refetch: () => unknown };
  /** What it is for people: "The flows". */
  what: string;
  children: (data: T) => ReactNode;
}

/** What was asked for; until then that it is on its way, or why it can't be shown. */
export function Loaded<T>({ query: { data, error, refetch }, what, children }: Props<T>) {
  if (data !== undefined) return children(data);
  if (error) return <Empty title={`${what} can’t be shown`} text={sentence(error)} action={{ label: "Try again", run: () => void refetch() }} />;
  return (
    <Stack gap={8} role="status" aria-label="Loading">
      {[0, 1, 2].map((each) => (
        <Skeleton key={each} height={58} radius="lg" />
      ))}
    </Stack>
  );
}
