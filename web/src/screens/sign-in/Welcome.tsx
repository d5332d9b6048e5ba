import { Button, Loader, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link, useLocation } from "wouter";

import { ask, type Model } from "@/api/client";
import { ApiError, sentence } from "@/api/error";
import { SESSION, type Session } from "@/api/session";

const SHORTEST = 10;

/** Somebody comes by a one-time link: as the first owner, as a colleague, or with a forgotten password. */
export function Welcome({ token }: { token: string }) {
  const link = useQuery({
    queryKey: ["link", token],
    queryFn: async () => (await ask<Model<"LinkShown">>("POST", "/v1/session/link", { token })).data,
    staleTime: Infinity,
    retry: false,
  });
  return (
    <Paper withBorder shadow="sm" radius="lg" p="xl" w="100%">
      {link.isPending && <Loader size="sm" />}
      {link.error && (
        <Stack>
          <Title order={1} size="h2">
            This link doesn't work any more
          </Title>
          <Text c="dimmed">{sentence(link.error)}</Text>
          <Button component={Link} to="/" variant="default">
            Go to sign in
          </Button>
        </Stack>
      )}
      {link.data && <Enter token={token} link={link.data} />}
    </Paper>
  );
}

function Enter({ token, link }: { token: string; link: Model<"LinkShown"> }) {
  const client = useQueryClient();
  const [, go] = useLocation();
  const [name, setName] = useState(link.name);
  const [email, setEmail] = useState(link.email);
  const [password, setPassword] = useState("");
  const first = link.purpose === "welcome";
  const entering = useMutation({
    mutationFn: () => ask<Session>("POST", "/v1/session/link/use", { token, password, ...(first ? { name, email } : {}) }),
    onSuccess: ({ data }) => {
      client.setQueryData(SESSION, data);
      go("/", { replace: true });
    },
    meta: { quiet: true },
  });
  const wrong = (field: string) =>
    entering.error instanceof ApiError ? entering.error.details.find((detail) => detail.field === field)?.message : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    entering.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <div>
          <Title order={1} size="h2">
            {TITLES[link.purpose](link)}
          </Title>
          <Text c="dimmed" size="sm" mt={4}>
            {first ? "Make the first account. You can add colleagues later." : "Choose a password, then you are in."}
          </Text>
        </div>
        {first && <TextInput label="Your name" autoComplete="name" required autoFocus value={name} error={wrong("name")} onChange={(event) => setName(event.target.value)} />}
        <TextInput label="E-mail" type="email" autoComplete="username" required readOnly={!first} value={email} error={wrong("email")} onChange={(event) => setEmail(event.target.value)} />
        <PasswordInput
          label="Password"
          description={`At least ${SHORTEST} characters`}
          autoComplete="new-password"
          required
          minLength={SHORTEST}
          value={password}
          error={wrong("password")}
          onChange={(event) => setPassword(event.target.value)}
        />
        {entering.error && !(entering.error instanceof ApiError && entering.error.details.length) && (
          <Text c="red" size="sm" role="alert">
            {sentence(entering.error)}
          </Text>
        )}
        <Button type="submit" loading={entering.isPending} fullWidth>
          {link.purpose === "reset" ? "Save and sign in" : "Start"}
        </Button>
      </Stack>
    </form>
  );
}

const TITLES: Record<Model<"LinkShown">["purpose"], (link: Model<"LinkShown">) => string> = {
  welcome: () => "Welcome to PostDog",
  invite: (link) => `Join ${link.workspace}`,
  reset: (link) => `Hello ${link.name || link.email}`,
};
