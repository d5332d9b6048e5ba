import { Avatar, Menu, Text, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { IconBook2, IconLogout, IconMoon, IconSun, IconSunMoon } from "@tabler/icons-react";

import { type Session, useSignOut } from "@/api/session";

/** Who is signed in, the colours, and the way out. */
export function AccountMenu({ session }: { session: Session | null }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const signOut = useSignOut();
  const name = session?.name || session?.email || "You";
  const next = { auto: "light", light: "dark", dark: "auto" } as const;
  const picture = { auto: <IconSunMoon size={16} />, light: <IconSun size={16} />, dark: <IconMoon size={16} /> };
  const words = { auto: "Colours: as the system", light: "Colours: light", dark: "Colours: dark" };
  return (
    <Menu position="right-end" width={230}>
      <Menu.Target>
        <UnstyledButton mt={8} aria-label={`Account of ${name}`} style={{ borderRadius: "50%" }}>
          <Avatar size={32} color="iris" name={name} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--mantine-color-text)" truncate>
            {name}
          </Text>
          <Text size="xs" truncate>
            {session?.workspace}
          </Text>
        </Menu.Label>
        <Menu.Item closeMenuOnClick={false} leftSection={picture[colorScheme]} onClick={() => setColorScheme(next[colorScheme])}>
          {words[colorScheme]}
        </Menu.Item>
        <Menu.Item leftSection={<IconBook2 size={16} />} component="a" href="/docs" target="_blank">
          API documentation
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => signOut.mutate()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
