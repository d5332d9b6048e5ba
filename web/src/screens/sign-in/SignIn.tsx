import { Button, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";

import { ask } from "@/api/client";
import { sentence } from "@/api/error";
import { SESSION, type Session } from "@/api/session";

import { Frame } from "./Frame";
import { Welcome } from "./Welcome";

/** What everybody sees who isn't signed in: the form, or what a one-time link is for. */
export default function SignIn() {
  const [place] = useLocation();
  const token = place === "/welcome" ? window.location.hash.slice(1) : "";
  return <Frame>{token ? <Welcome token={token} /> : <Password />}</Frame>;
}

function Password() {
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const entering = useMutation({
    mutationFn: () => ask<Session>("POST", "/v1/session", { email, password }),
    onSuccess: ({ data }) => client.setQueryData(SESSION, data),
    meta: { quiet: true },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    entering.mutate();
  };
  return (
    <Paper component="form" onSubmit={submit} withBorder shadow="sm" radius="lg" p="xl" w="100%">
      <Stack>
        <Title order={1} size="h2">
          Sign in to PostDog
        </Title>
        <TextInput label="E-mail" type="email" autoComplete="username" required autoFocus value={email} onChange={(event) => setEmail(event.target.value)} />
        <PasswordInput label="Password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.target.value)} />
        {entering.error && (
          <Text c="red" size="sm" role="alert">
            {sentence(entering.error)}
          </Text>
        )}
        <Button type="submit" loading={entering.isPending} fullWidth>
          Sign in
        </Button>
        <Text size="xs" c="dimmed">
          First time here, or password forgotten? An owner can send you a link; the owner's own link is printed by{" "}
          <code>postdog users link</code> on the server.
        </Text>
      </Stack>
    </Paper>
  );
}
