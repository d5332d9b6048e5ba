import { Center, Stack } from "@mantine/core";
import type { ReactNode } from "react";

import logo from "@/shell/logo.svg";

/** The page around the forms of those who aren't signed in. */
export function Frame({ children }: { children: ReactNode }) {
  return (
    <Center component="main" mih="100dvh" p="md" style={{ background: "var(--canvas)" }}>
      <Stack align="center" gap="lg" w="100%" maw={380}>
        <img src={logo} width={48} height={48} alt="" />
        {children}
      </Stack>
    </Center>
  );
}
