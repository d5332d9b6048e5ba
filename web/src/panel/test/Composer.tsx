import { ActionIcon, Menu, TextInput, Tooltip } from "@mantine/core";
import { IconBolt, IconCalendarTime, IconClockBolt, IconClockPlay, IconDots, IconHeadset, IconHeadsetOff, IconHourglassOff, IconPhoto, IconPlayerPlay, IconPlugConnectedX, IconSend, IconTestPipe, IconUserCheck, IconUserOff } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";

import { useFlowStore } from "@/flow/store";

import { ANSWER, type Asked, Detail, EVENT, untilMoment } from "./Detail";
import { type Act, scenario, useSimulation } from "./simulation";
import styles from "./Test.module.css";

const JUMPS: readonly [string, string][] = [
  ["PT5M", "5 minutes on"],
  ["PT1H", "1 hour on"],
  ["P1D", "1 day on"],
  ["P7D", "1 week on"],
];

/** What the contact can tap or write, and what else can happen. */
export function Composer() {
  const { frame, busy, act, called } = useSimulation();
  const [text, setText] = useState("");
  if (!frame) return null;
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!text.trim() || busy) return;
    setText("");
    void act({ say: text });
  };
  return (
    <div className={styles.composer}>
      {frame.choices.length > 0 && (
        <div className={styles.choices} role="group" aria-label="Buttons">
          {frame.choices.map((choice) => (
            <button key={choice.id} type="button" className={styles.choice} onClick={() => void act({ press: choice.id })} disabled={busy}>
              {choice.title}
            </button>
          ))}
        </div>
      )}
      {called
        .filter((each) => each.answer === null && frame.run?.wait)
        .map((each) => (
          <div key={each.id} className={styles.choices} role="group" aria-label={`What ${each.label} is answered`}>
            {(each.examples.length ? each.examples : ["example"]).map((name) => (
              <button key={name} type="button" className={styles.choice} onClick={() => void act({ answer: name })} disabled={busy}>
                {name}
              </button>
            ))}
          </div>
        ))}
      <form className={styles.write} onSubmit={send}>
        <Tooltip label={frame.next_due ? "Skip the wait" : "Nothing waits for time"}>
          <ActionIcon size="lg" aria-label="Skip the wait" disabled={!frame.next_due || busy} onClick={() => void act({ skip: "wait" })}>
            <IconClockPlay size={19} />
          </ActionIcon>
        </Tooltip>
        <Happenings />
        <TextInput style={{ flex: 1 }} radius="xl" aria-label="Write as the contact" placeholder="Write as the contact" value={text} onChange={(event) => setText(event.currentTarget.value)} autoComplete="off" data-autofocus />
        <ActionIcon type="submit" size="lg" radius="xl" variant="filled" color="iris" aria-label="Send" disabled={!text.trim() || busy}>
          <IconSend size={17} />
        </ActionIcon>
      </form>
    </div>
  );
}

function Happenings() {
  const { frame, first, acts, act } = useSimulation();
  const flow = useFlowStore();
  const [asked, setAsked] = useState<Asked | null>(null);
  const happen = (what: Act) => () => void act(what);
  const owned = frame?.owner === "AGENT" || frame?.owner === "QUEUE";
  const save = () => {
    if (!first) return;
    const name = flow.getState().document.name;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([scenario(`A test of ${name}`, first, acts)], { type: "application/yaml" }));
    link.download = `${name.replace(/[^\p{L}\p{N}]+/gu, "-").toLowerCase()}.test.yaml`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  return (
    <>
      {asked && <Detail asked={asked} onAct={(what) => void act(what)} onClose={() => setAsked(null)} />}
      <Menu position="top-start" width={260}>
        <Menu.Target>
          <Tooltip label="What else can happen">
            <ActionIcon size="lg" aria-label="What else can happen">
              <IconDots size={19} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Time</Menu.Label>
          {JUMPS.map(([duration, words]) => (
            <Menu.Item key={duration} leftSection={<IconClockBolt size={16} />} onClick={happen({ wait: duration })}>
              {words}
            </Menu.Item>
          ))}
          <Menu.Item leftSection={<IconCalendarTime size={16} />} onClick={() => frame && setAsked(untilMoment(frame.now))}>
            Until a day and time …
          </Menu.Item>
          <Menu.Label>The contact</Menu.Label>
          <Menu.Item leftSection={<IconPlayerPlay size={16} />} onClick={happen({ start: {} })}>
            Start the flow by hand
          </Menu.Item>
          <Menu.Item leftSection={<IconPhoto size={16} />} onClick={happen({ media: "image" })}>
            Send a picture
          </Menu.Item>
          <Menu.Item leftSection={<IconPlugConnectedX size={16} />} onClick={happen({ fail: "131026" })}>
            The next message isn’t delivered
          </Menu.Item>
          <Menu.Item leftSection={<IconHourglassOff size={16} />} onClick={happen({ fail: "window_closed" })}>
            The next message meets closed 24 hours
          </Menu.Item>
          <Menu.Item leftSection={<IconBolt size={16} />} onClick={() => setAsked(EVENT)}>
            An event happens …
          </Menu.Item>
          <Menu.Label>A colleague</Menu.Label>
          <Menu.Item leftSection={<IconHeadset size={16} />} onClick={happen({ agent: "claims" })}>
            Takes over
          </Menu.Item>
          <Menu.Item leftSection={<IconSend size={16} />} onClick={() => setAsked(ANSWER)}>
            Writes …
          </Menu.Item>
          <Menu.Item leftSection={<IconHeadsetOff size={16} />} onClick={happen({ agent: "offline" })}>
            Nobody is online any more
          </Menu.Item>
          <Menu.Item leftSection={<IconHeadset size={16} />} onClick={happen({ agent: "online" })}>
            Comes online
          </Menu.Item>
          <Menu.Item leftSection={<IconUserCheck size={16} />} onClick={happen({ agent: "resolves" })} disabled={!owned}>
            Resolves it
          </Menu.Item>
          <Menu.Item leftSection={<IconUserOff size={16} />} onClick={happen({ agent: "returns" })} disabled={!owned}>
            Gives it back to the flow
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconTestPipe size={16} />} onClick={save} disabled={!acts.length}>
            Save as a scenario
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
