import { Alert, Anchor, Button, Group, NumberInput, PasswordInput, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { ask, type Model } from "@/api/client";
import { sentence } from "@/api/error";
import { Loaded } from "@/shared/Loaded";
import { tell } from "@/shell/notice";

import { Card, Part } from "../Part";
import { useChange } from "../resource";

type Values = Model<"AiSettings">;
type Answer = Model<"AiAnswer">;
type Limit = "contact_tokens" | "day_tokens" | "contact_cost" | "day_cost" | "price_in" | "price_out";

const EMPTY: Values = {
  base_url: "",
  model: "",
  timeout: 30,
  contact_tokens: 100_000,
  day_tokens: 2_000_000,
  contact_cost: null,
  day_cost: null,
  price_in: null,
  price_out: null,
};
const PLACES = [
  { label: "Ollama on this machine", base_url: "http://127.0.0.1:11434/v1", model: "llama3.1" },
  { label: "llama.cpp or vLLM", base_url: "http://127.0.0.1:8000/v1", model: "" },
  { label: "OpenAI", base_url: "https://api.openai.com/v1", model: "gpt-4o-mini" },
] as const;

/** Which model answers for AI nodes, with which key, and how much it may use. */
export default function Ai() {
  const query = useQuery({ queryKey: ["ai"], queryFn: async () => (await ask<Answer>("GET", "/v1/settings/ai")).data });
  return (
    <Part
      title="AI"
      about="The model behind AI reply and AI choose: any server that speaks OpenAI's chat completions, on your own machine or hosted. Questions, the texts of the step and, where the step says so, the last messages are sent to it; nothing before you set it up."
    >
      <Loaded query={query} what="The model">
        {(data) => (
        <>
          <Card>
            <Provider key={JSON.stringify(data.settings)} before={data} />
          </Card>
          {data.settings && (
            <Card>
              <Try />
            </Card>
          )}
          {data.settings && (
            <Text size="xs" c="dimmed" mt="sm">
              Today: {data.calls_today.toLocaleString()} {data.calls_today === 1 ? "answer" : "answers"}, {data.tokens_today.toLocaleString()} tokens
              {data.cost_today > 0 && `, cost ${data.cost_today.toFixed(2)}`}.
            </Text>
          )}
        </>
        )}
      </Loaded>
    </Part>
  );
}

function Provider({ before }: { before: Answer }) {
  const [values, setValues] = useState<Values>(before.settings ?? EMPTY);
  const [key, setKey] = useState("");
  const change = useChange("ai");
  const put = (changed: Partial<Values>) => setValues({ ...values, ...changed });
  const save = (event: FormEvent) => {
    event.preventDefault();
    const body = { ...values, base_url: values.base_url.trim(), model: values.model.trim(), ...(key.trim() ? { key: key.trim() } : {}) };
    const saved = () => {
      setKey("");
      tell("The AI provider is saved");
    };
    change.mutate({ method: "PUT", path: "/v1/settings/ai", body }, { onSuccess: saved });
  };
  const off = () => change.mutate({ method: "DELETE", path: "/v1/settings/ai" }, { onSuccess: () => tell("AI is off") });
  const limit = (name: Limit, label: string, step: number, empty = "No limit") => (
    <NumberInput
      label={label}
      placeholder={empty}
      min={0}
      step={step}
      thousandSeparator=","
      value={values[name] ?? ""}
      onChange={(value) => put({ [name]: typeof value === "number" ? value : null })}
    />
  );
  return (
    <form onSubmit={save}>
      <Stack>
        {!before.settings && (
          <Text size="sm" c="dimmed">
            Begin with{" "}
            {PLACES.map((place, at) => (
              <span key={place.label}>
                {at > 0 && " · "}
                <Anchor component="button" type="button" size="sm" onClick={() => put({ base_url: place.base_url, model: place.model })}>
                  {place.label}
                </Anchor>
              </span>
            ))}
          </Text>
        )}
        <TextInput
          label="Address"
          description="What stands before /chat/completions"
          placeholder="https://api.example.com/v1"
          required
          value={values.base_url}
          onChange={(event) => put({ base_url: event.target.value })}
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput label="Model" description="As the server calls it" placeholder="llama3.1" required value={values.model} onChange={(event) => put({ model: event.target.value })} />
          <NumberInput label="Patience" description="Seconds for one answer" min={1} max={60} required value={values.timeout} onChange={(value) => put({ timeout: Number(value) || 30 })} />
        </SimpleGrid>
        <PasswordInput
          label="Key"
          description={before.has_key ? "There is one. Write another to replace it" : "Empty, where the server wants none"}
          placeholder={before.has_key ? "••••••••••••" : ""}
          autoComplete="off"
          value={key}
          onChange={(event) => setKey(event.target.value)}
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          {limit("contact_tokens", "Tokens a day, for one contact", 10_000)}
          {limit("day_tokens", "Tokens a day, in all", 100_000)}
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          {limit("price_in", "Price of a million tokens read", 0.1, "Not counted")}
          {limit("price_out", "Price of a million tokens written", 0.1, "Not counted")}
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          {limit("contact_cost", "Cost a day, for one contact", 0.1)}
          {limit("day_cost", "Cost a day, in all", 1)}
        </SimpleGrid>
        <Group justify="space-between">
          {before.settings ? (
            <Button variant="subtle" color="red" onClick={off}>
              Switch AI off
            </Button>
          ) : (
            <span />
          )}
          <Button type="submit" loading={change.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Try() {
  const [question, setQuestion] = useState("Say hello, and which model you are.");
  const attempt = useMutation({
    mutationFn: async () => (await ask<Model<"AiTried">>("POST", "/v1/settings/ai/try", { question })).data,
    meta: { quiet: true },
  });
  const problem = attempt.error ? sentence(attempt.error) : attempt.data?.problem;
  return (
    <Stack gap="sm">
      <Group align="flex-end">
        <TextInput label="Try it" description="One real call, as saved" maxLength={500} value={question} onChange={(event) => setQuestion(event.target.value)} style={{ flex: 1 }} />
        <Button variant="default" disabled={!question.trim()} loading={attempt.isPending} onClick={() => attempt.mutate()}>
          Try it
        </Button>
      </Group>
      <div aria-live="polite">
        {problem && <Alert color="red">{problem}</Alert>}
        {!problem && attempt.data && (
          <Alert color="teal">
            {attempt.data.answer}
            <Text size="xs" c="dimmed" mt={6}>
              {attempt.data.model} · {attempt.data.seconds} s · {attempt.data.tokens.toLocaleString()} tokens
            </Text>
          </Alert>
        )}
      </div>
    </Stack>
  );
}
