import { Alert, Button, Group, PasswordInput, Stack, Switch, Text, TextInput, ThemeIcon } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconCheck, IconCircleDashed } from "@tabler/icons-react";
import { type FormEvent, type ReactNode, useState } from "react";

import { ask, type Model } from "@/api/client";
import { useFresh } from "@/api/live";
import { ago } from "@/shared/time";
import { tell } from "@/shell/notice";

import { Copy } from "../Copy";
import { useChange } from "../resource";
import { type Channel, isSet } from "./channels";
import { TestSend } from "./TestSend";

const SECRETS = [
  ["access_token", "Access token", "Of a system user, with whatsapp_business_messaging and whatsapp_business_management"],
  ["app_secret", "App secret", "In App settings, Basic; it signs what Meta sends us"],
  ["verify_token", "Verify token", "Your own words; enter the same in Meta's webhook settings"],
] as const;

/** WhatsApp as a checklist: what to enter here, what to enter at Meta, and whether it works. */
export function WhatsApp({ channel, onDone }: { channel?: Channel; onDone: (made?: Channel) => void }) {
  const config = channel?.config ?? {};
  const [name, setName] = useState(channel?.name ?? "WhatsApp");
  const [values, setValues] = useState<Record<string, string>>({});
  const change = useChange<Channel>("channels");
  const value = (key: string) => values[key] ?? (typeof config[key] === "string" ? config[key] : "");
  const put = (key: string, next: string) => setValues({ ...values, [key]: next });
  const save = (event: FormEvent) => {
    event.preventDefault();
    const given = Object.fromEntries(Object.entries(values).filter(([, each]) => each.trim()));
    const body = channel ? { name, config: given } : { kind: "whatsapp", name, config: given };
    change.mutate(
      { method: channel ? "PATCH" : "POST", path: channel ? `/v1/channels/${channel.id}` : "/v1/channels", body },
      {
        onSuccess: (made) => {
          setValues({});
          tell("WhatsApp is saved");
          onDone(made);
        },
      },
    );
  };
  const entered = Boolean(channel && config.phone_number_id && SECRETS.every(([key]) => isSet(config[key])));
  return (
    <Stack gap="lg">
      <form onSubmit={save}>
        <Step done={entered} title="Enter what Meta's app dashboard shows">
          <TextInput label="Name" value={name} onChange={(event) => setName(event.target.value)} />
          <TextInput
            label="Phone number ID"
            description="From API setup; not the number itself"
            inputMode="numeric"
            required
            value={value("phone_number_id")}
            onChange={(event) => put("phone_number_id", event.target.value.trim())}
          />
          <TextInput label="WhatsApp Business account ID" description="Needed for templates" inputMode="numeric" value={value("business_account_id")} onChange={(event) => put("business_account_id", event.target.value.trim())} />
          {SECRETS.map(([key, label, help]) => (
            <PasswordInput
              key={key}
              label={label}
              description={help}
              autoComplete="off"
              required={!isSet(config[key])}
              placeholder={isSet(config[key]) ? "Set. Enter a new one to replace it" : ""}
              value={values[key] ?? ""}
              onChange={(event) => put(key, event.target.value)}
            />
          ))}
          <Group justify="flex-end">
            {!channel && (
              <Button variant="default" onClick={() => onDone()}>
                Cancel
              </Button>
            )}
            <Button type="submit" loading={change.isPending}>
              {channel ? "Save" : "Connect"}
            </Button>
          </Group>
        </Step>
      </form>
      {channel && <AtMeta channel={channel} />}
    </Stack>
  );
}

function AtMeta({ channel }: { channel: Channel }) {
  const status = useQuery({
    queryKey: ["channels", channel.id, "status"],
    queryFn: async () => (await ask<Model<"ChannelStatus">>("GET", `/v1/channels/${channel.id}/status`)).data,
  });
  useFresh(["message"], [["channels", channel.id, "status"]]);
  const change = useChange("channels");
  const arrived = status.data?.last_inbound_at;
  const secure = channel.webhook_url.startsWith("https://");
  return (
    <>
      <Step done={Boolean(arrived)} title="Enter this in Meta's webhook settings, and subscribe to “messages”">
        <Copy label="Callback URL" value={channel.webhook_url} />
        {!secure && (
          <Alert color="yellow" title="Meta calls only public https addresses">
            Run PostDog behind a proxy with a certificate and set POSTDOG_PUBLIC_URL to its address.
          </Alert>
        )}
      </Step>
      <Step done={Boolean(arrived)} title="Write to your number">
        <Text size="sm" c={arrived ? undefined : "dimmed"} aria-live="polite">
          {arrived ? `Last arrived ${ago(arrived)}: ${status.data?.last_inbound_summary}` : "Nothing has arrived yet. This line changes as soon as something does."}
        </Text>
      </Step>
      <Step done={false} title="Send a test message">
        <TestSend channel={channel.id} />
      </Step>
      <Switch
        label="Switched on"
        checked={channel.status !== "off"}
        onChange={(event) => change.mutate({ method: "PATCH", path: `/v1/channels/${channel.id}`, body: { on: event.target.checked } })}
      />
    </>
  );
}

function Step({ done, title, children }: { done: boolean; title: string; children: ReactNode }) {
  return (
    <Group align="flex-start" wrap="nowrap">
      <ThemeIcon size={24} radius="xl" variant={done ? "filled" : "light"} color={done ? "teal" : "gray"} role="img" aria-label={done ? "Done" : "Open"}>
        {done ? <IconCheck size={15} /> : <IconCircleDashed size={15} />}
      </ThemeIcon>
      <Stack gap="sm" style={{ flex: 1, minWidth: 0 }}>
        <Text fw={560}>{title}</Text>
        {children}
      </Stack>
    </Group>
  );
}
