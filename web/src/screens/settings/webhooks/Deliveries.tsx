import { Badge, Button, Code, Group, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { ask, type Model } from "@/api/client";
import { ago } from "@/shared/time";

import { Grow, Row } from "../Part";
import { useChange } from "../resource";

type Delivery = Model<"Delivery">;

const SHOWN = 25;
const LOOK_MS = 4_000;
const COLOURS: Record<Delivery["status"], string> = { delivered: "teal", waiting: "orange", failed: "red" };

/** What came of an attempt, in a sentence. */
export function outcome(delivery: Delivery): string {
  if (delivery.status === "delivered") return `It works: the address answered ${delivery.code}.`;
  return delivery.answer ? `${delivery.error} It said: ${delivery.answer.slice(0, 120)}` : delivery.error;
}

/** What a webhook was told lately, with attempts and answers. */
export function Deliveries({ webhook }: { webhook: string }) {
  const path = `/v1/webhooks/${webhook}/deliveries`;
  const { data } = useQuery({
    queryKey: ["deliveries", webhook],
    queryFn: async () => (await ask<{ data: Delivery[]; total: number }>("GET", `${path}?limit=${SHOWN}`)).data,
    refetchInterval: LOOK_MS,
  });
  if (!data) return null;
  if (data.data.length === 0) return <Row><Text size="sm" c="dimmed">Nothing was told yet.</Text></Row>;
  return (
    <div role="list" aria-label="Deliveries">
      {data.data.map((delivery) => (
        <One key={delivery.id} delivery={delivery} path={`${path}/${delivery.id}/redeliver`} />
      ))}
      {data.total > data.data.length && (
        <Row>
          <Text size="xs" c="dimmed">
            The newest {data.data.length} of {data.total}.
          </Text>
        </Row>
      )}
    </div>
  );
}

function One({ delivery, path }: { delivery: Delivery; path: string }) {
  const [open, setOpen] = useState(false);
  const again = useChange("deliveries");
  const isTest = delivery.event === "webhook.test";
  return (
    <div role="listitem">
      <Row>
        <Grow>
          <UnstyledButton onClick={() => setOpen(!open)} aria-expanded={open}>
            <Group gap={8}>
              <Badge size="sm" variant="light" color={COLOURS[delivery.status]}>
                {delivery.status}
              </Badge>
              <Text size="sm" ff="monospace">
                {delivery.event}
              </Text>
            </Group>
          </UnstyledButton>
          <Text size="xs" c="dimmed">
            {ago(delivery.created_at)} · {delivery.attempts === 1 ? "1 attempt" : `${delivery.attempts} attempts`}
            {delivery.code > 0 && ` · answered ${delivery.code}`}
            {delivery.status !== "delivered" && delivery.code === 0 && ` · ${delivery.error}`}
          </Text>
          {open && (
            <>
              {delivery.answer && (
                <Text size="xs" mt={6}>
                  Answer: {delivery.answer}
                </Text>
              )}
              <Code block mt={6} style={{ maxHeight: 320, overflow: "auto" }}>
                {JSON.stringify(delivery.payload, null, 2)}
              </Code>
            </>
          )}
        </Grow>
        {!isTest && delivery.status !== "waiting" && (
          <Button size="compact-xs" variant="subtle" loading={again.isPending} onClick={() => again.mutate({ method: "POST", path })}>
            Send again
          </Button>
        )}
      </Row>
    </div>
  );
}
