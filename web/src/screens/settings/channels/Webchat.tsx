import { Anchor, Button, ColorInput, Group, Stack, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useState } from "react";

import { tell } from "@/shell/notice";

import { Copy } from "../Copy";
import { useChange } from "../resource";
import type { Channel } from "./channels";

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** How the chat looks, who may embed it, and what to paste into one's site. */
export function Webchat({ channel }: { channel: Channel }) {
  const { config } = channel;
  const [name, setName] = useState(channel.name);
  const [greeting, setGreeting] = useState(text(config.greeting));
  const [colour, setColour] = useState(text(config.colour) || "#3457d5");
  const [sites, setSites] = useState<string[]>(Array.isArray(config.allowed_origins) ? config.allowed_origins.map(String) : []);
  const change = useChange("channels");
  const page = `${window.location.origin}/chat/${channel.id}`;
  const save = (body: object, said: string) => change.mutate({ method: "PATCH", path: `/v1/channels/${channel.id}`, body }, { onSuccess: () => tell(said) });
  return (
    <Stack>
      <Copy label="Paste this into your site, before </body>" value={`<script src="${page}/widget.js" async></script>`} />
      <Anchor href={page} target="_blank" size="sm">
        Open the chat as a page of its own <IconExternalLink size={13} />
      </Anchor>
      <TagsInput
        label="Sites that may show it"
        description="Such as https://shop.example; press Enter after each. The chat's own page always works."
        placeholder={sites.length ? "" : "https://"}
        value={sites}
        onChange={setSites}
      />
      <TextInput label="Name" value={name} onChange={(event) => setName(event.target.value)} />
      <Textarea label="Greeting" description="Shown before the first message" autosize minRows={2} value={greeting} onChange={(event) => setGreeting(event.target.value)} />
      <ColorInput label="Colour" withEyeDropper={false} value={colour} onChange={setColour} />
      <Group justify="space-between">
        <Switch label="Switched on" checked={channel.status !== "off"} onChange={(event) => save({ on: event.target.checked }, event.target.checked ? "The chat is on" : "The chat is off")} />
        <Button loading={change.isPending} onClick={() => save({ name, config: { greeting, colour, allowed_origins: sites } }, "The chat is saved")}>
          Save
        </Button>
      </Group>
    </Stack>
  );
}
