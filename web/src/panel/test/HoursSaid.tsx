import { Select } from "@mantine/core";
import { IconClock } from "@tabler/icons-react";

import { useChoices } from "@/canvas/names";

import { type Frame, type Open, useSimulation } from "./simulation";
import styles from "./Test.module.css";

const NONE: Frame["hours"] = [];
const CLOCK = "clock";

/** Whether the hours that the flow asks for are open: as the clock says, or as whoever tests wants it. */
export function HoursSaid({ onChange }: { onChange: () => void }) {
  const hours = useSimulation((state) => state.frame?.hours ?? NONE);
  const said = useSimulation((state) => state.setting.hours);
  const set = useSimulation((state) => state.set);
  const names = useChoices("hours_key");
  if (!hours.length) return null;
  const say = (key: string, next: string) => {
    const { [key]: _, ...rest } = said;
    set({ hours: next === CLOCK ? rest : { ...rest, [key]: next as Open } });
    onChange();
  };
  return (
    <div className={styles.hours} role="group" aria-label="Opening hours">
      {hours.map(({ key, open, said: now }) => {
        const name = names.find((each) => each.value === key)?.label ?? key;
        const clock = now ? "As the clock says" : `As the clock says: ${open ? "open" : "closed"}`;
        const data = [
          { value: CLOCK, label: clock },
          { value: "open", label: "Open" },
          { value: "closed", label: "Closed" },
        ];
        return (
          <div key={key} className={styles.opening}>
            <IconClock size={14} aria-hidden />
            <span title={name}>{name}</span>
            <Select size="xs" w={186} aria-label={`${name} are`} data={data} value={said[key] ?? CLOCK} onChange={(next) => next && say(key, next)} allowDeselect={false} />
          </div>
        );
      })}
    </div>
  );
}
