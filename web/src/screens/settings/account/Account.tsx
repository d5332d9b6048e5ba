import { Button, Group, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import type { Model } from "@/api/client";
import { useSession } from "@/api/session";
import { ago } from "@/shared/time";
import { tell } from "@/shell/notice";

import { Card, Entry, List, Part } from "../Part";
import { listOf, useChange } from "../resource";
import { browserName } from "./browserName";

const browsers = listOf<Model<"BrowserSession">>("/v1/session/browsers", "browsers");

/** One's own name, password and browsers. */
export function Account() {
  const { data: me } = useSession();
  const browsing = useQuery(browsers);
  const open = browsing.data;
  const [name, setName] = useState(me?.name ?? "");
  const change = useChange("session", "users");
  const leave = useChange("browsers");
  return (
    <>
      <Part title="Your account" about={me?.email}>
        <Card>
          <Group align="flex-end">
            <TextInput label="Name" style={{ flex: 1 }} value={name} onChange={(event) => setName(event.target.value)} />
            <Button disabled={!name.trim() || name === me?.name} loading={change.isPending} onClick={() => change.mutate({ method: "PATCH", path: "/v1/session", body: { name: name.trim() } })}>
              Save
            </Button>
          </Group>
        </Card>
      </Part>
      <Part title="Password" about="Other browsers are signed out when it changes.">
        <Card>
          <Password />
        </Card>
      </Part>
      <Part
        title="Where you are signed in"
        action={
          open &&
          open.length > 1 && (
            <Button variant="default" loading={leave.isPending} onClick={() => leave.mutate({ method: "DELETE", path: "/v1/session/browsers" })}>
              Sign out elsewhere
            </Button>
          )
        }
      >
        <List query={browsing} what="Your browsers">
          {(each) => (
            <Entry key={each.id} name={browserName(each.browser)}>
              <Text size="sm" c="dimmed">
                {each.current ? "This one" : ago(each.seen_at)}
              </Text>
            </Entry>
          )}
        </List>
      </Part>
    </>
  );
}

function Password() {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const change = useChange("browsers");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      { method: "POST", path: "/v1/session/password", body: { current, new: next } },
      {
        onSuccess: () => {
          setCurrent("");
          setNext("");
          tell("The password is changed");
        },
      },
    );
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <PasswordInput label="Present password" required autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.target.value)} />
        <PasswordInput label="New password" description="At least 10 characters" required minLength={10} autoComplete="new-password" value={next} onChange={(event) => setNext(event.target.value)} />
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending}>
            Change it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
