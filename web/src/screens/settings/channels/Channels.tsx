import { Badge, Button, Group, Menu, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconBrandWhatsapp, IconChevronDown, IconMessageCircle2, IconPlus } from "@tabler/icons-react";
import { useState } from "react";

import { Loaded } from "@/shared/Loaded";
import { ago } from "@/shared/time";

import { Card, Part } from "../Part";
import { useChange } from "../resource";
import { channelList, type Channel } from "./channels";
import { Webchat } from "./Webchat";
import { WhatsApp } from "./WhatsApp";

/** What stands there until something came in by the channel's webhook. The web chat has none. */
const UNHEARD: Record<string, string> = { webchat: "Paste its line into your site, or send people its own page", whatsapp: "Nothing has come in yet" };

/** Where the workspace talks with people. */
export function Channels() {
  const list = useQuery(channelList);
  const [opened, setOpened] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const make = useChange<Channel>("channels");
  const webchat = () =>
    make.mutate({ method: "POST", path: "/v1/channels", body: { kind: "webchat", name: "Web chat" } }, { onSuccess: (made) => setOpened(made.id) });
  return (
    <Part
      title="Channels"
      about="Where people write to you, and where flows answer."
      action={
        <Menu position="bottom-end" width={220}>
          <Menu.Target>
            <Button leftSection={<IconPlus size={16} />} rightSection={<IconChevronDown size={14} />} loading={make.isPending}>
              Connect a channel
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconMessageCircle2 size={16} />} onClick={webchat}>
              Web chat
            </Menu.Item>
            <Menu.Item leftSection={<IconBrandWhatsapp size={16} />} onClick={() => setAdding(true)}>
              WhatsApp
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      }
    >
      {adding && (
        <Card>
          <WhatsApp
            onDone={(made) => {
              setAdding(false);
              if (made) setOpened(made.id);
            }}
          />
        </Card>
      )}
      <Loaded query={list} what="The channels">
        {(channels) => (
          <>
            {channels.map((channel) => (
              <Card key={channel.id}>
                <Head channel={channel} open={opened === channel.id} onToggle={() => setOpened(opened === channel.id ? null : channel.id)} />
                {opened === channel.id && (channel.kind === "whatsapp" ? <WhatsApp key={channel.id} channel={channel} onDone={() => undefined} /> : <Webchat channel={channel} />)}
              </Card>
            ))}
            {channels.length === 0 && !adding && <Text c="dimmed">No channel is connected yet. The web chat needs no account anywhere: connect it first.</Text>}
          </>
        )}
      </Loaded>
    </Part>
  );
}

function Head({ channel, open, onToggle }: { channel: Channel; open: boolean; onToggle: () => void }) {
  const Picture = channel.kind === "whatsapp" ? IconBrandWhatsapp : IconMessageCircle2;
  return (
    <Group mb={open ? "md" : 0} wrap="nowrap">
      <Picture size={26} stroke={1.5} color="var(--accent)" />
      <div style={{ flex: 1, minWidth: 0 }}>
        <Group gap={8}>
          <Text fw={600}>{channel.name}</Text>
          <State channel={channel} />
        </Group>
        <Text size="xs" c={channel.attention ? "red" : "dimmed"}>
          {channel.attention || (channel.last_inbound_at ? `Something came in ${ago(channel.last_inbound_at)}` : UNHEARD[channel.kind])}
        </Text>
      </div>
      <Button variant="default" size="xs" aria-expanded={open} onClick={onToggle}>
        {open ? "Close" : "Set up"}
      </Button>
    </Group>
  );
}

function State({ channel }: { channel: Channel }) {
  if (channel.status === "off") return <Badge color="gray">Off</Badge>;
  if (channel.attention) return <Badge color="red">Needs attention</Badge>;
  return <Badge color="teal">On</Badge>;
}
