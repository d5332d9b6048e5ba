import { Tabs, Text } from "@mantine/core";
import { useState } from "react";

import { useActions } from "@/screens/builder/context";

import { moment } from "./Chat";
import { useSimulation } from "./simulation";
import styles from "./Test.module.css";

/** What the flow knows and why it went this way; folded until it is asked for. */
export function Insight() {
  const { frame, path } = useSimulation();
  const [tab, setTab] = useState<string | null>(null);
  const variables = Object.entries({ ...frame?.run?.variables });
  const contact = Object.entries({ name: frame?.contact?.name, tags: frame?.contact?.tags.join(", "), ...frame?.contact?.fields });
  return (
    <Tabs value={tab} onChange={(next) => setTab(next === tab ? null : next)} allowTabDeactivation className={styles.insight} variant="default">
      <Tabs.List>
        <Tabs.Tab value="variables">Variables</Tabs.Tab>
        <Tabs.Tab value="why">Why</Tabs.Tab>
        <Text size="xs" c="dimmed" ml="auto" my="auto" pr="sm" title="The test’s own clock">
          {frame && moment(frame.now)}
        </Text>
      </Tabs.List>
      <Tabs.Panel value="variables" className={styles.facts}>
        <Facts title="This flow" facts={variables} empty="Nothing yet." />
        <Facts title="Contact" facts={contact.filter(([, value]) => value)} empty="Nothing is known of the contact." />
      </Tabs.Panel>
      <Tabs.Panel value="why" className={styles.facts}>
        <Reasons path={path} />
      </Tabs.Panel>
    </Tabs>
  );
}

function Facts({ title, facts, empty }: { title: string; facts: [string, unknown][]; empty: string }) {
  return (
    <>
      <Text size="xs" fw={600} mb={2}>
        {title}
      </Text>
      {facts.length ? (
        <dl>
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <Text size="xs" c="dimmed" mb="xs">
          {empty}
        </Text>
      )}
    </>
  );
}

function Reasons({ path }: { path: ReturnType<typeof useSimulation.getState>["path"] }) {
  const actions = useActions();
  if (!path.length)
    return (
      <Text size="xs" c="dimmed">
        Nothing has happened yet.
      </Text>
    );
  return (
    <ol>
      {path.map((visit, index) => (
        <li key={index}>
          {visit.flow ? (
            <span>
              {visit.label} <small>in {visit.flow}</small>
            </span>
          ) : (
            <button type="button" onClick={() => actions.show(visit.node)}>
              {visit.label}
            </button>
          )}
          {visit.port ? <b> → {visit.port}</b> : null}
          {visit.reason && <small>{visit.reason}</small>}
        </li>
      ))}
    </ol>
  );
}
