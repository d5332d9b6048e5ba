import { Menu } from "@mantine/core";
import { IconArrowsJoin2, IconCopy, IconPlayerPlay, IconTrash } from "@tabler/icons-react";

import { useViewStore } from "@/canvas/view";
import { useFlow } from "@/flow/store";
import { useActions } from "@/screens/builder/context";

/** What can be done with a step: the same at the card and at its form. */
export function StepMenuItems({ id }: { id: string }) {
  const actions = useActions();
  const view = useViewStore();
  const readOnly = useFlow((state) => state.readOnly);
  const { set, select } = view.getState();
  const alone = (run: () => void) => () => {
    select([id]);
    run();
  };
  return (
    <>
      <Menu.Item leftSection={<IconArrowsJoin2 size={16} />} onClick={() => set({ picking: { for: "connect", node: id } })} disabled={readOnly}>
        Connect…
      </Menu.Item>
      <Menu.Item leftSection={<IconPlayerPlay size={16} />} onClick={() => set({ panel: "test", testFrom: id })}>
        Test from here
      </Menu.Item>
      <Menu.Item leftSection={<IconCopy size={16} />} onClick={alone(() => actions.duplicate())} disabled={readOnly}>
        Duplicate
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item c="red" leftSection={<IconTrash size={16} />} onClick={alone(() => actions.removeSelected())} disabled={readOnly}>
        Delete
      </Menu.Item>
    </>
  );
}
