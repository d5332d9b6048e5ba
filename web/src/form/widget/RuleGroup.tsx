import { ActionIcon, Button, Group, Menu, Select, Stack, Text } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconBracketsContain, IconCode, IconDots, IconPlus, IconSwitch3, IconTrash } from "@tabler/icons-react";

import { useForm, useTrouble } from "../context";
import { ruleWords } from "../rule";
import { type Branch, get, isBranch, type Item, type Path, put, shift } from "../ruleTree";
import { ruleStarter } from "../schema";
import { Source } from "./Expression";
import styles from "./Rule.module.css";
import { Test } from "./Test";

/** Groups within groups: the server takes ten of them, with what is turned around counted too. */
const DEEPEST = 8;

const JOINTS = [
  { value: "all", label: "All of these hold" },
  { value: "any", label: "Any of these holds" },
  { value: "none", label: "None of these holds" },
  { value: "some not", label: "Not all of these hold" },
];
const jointOf = ({ joint, not }: Branch) => (joint === "all" ? (not ? "some not" : "all") : not ? "none" : "any");
const JOINED: Record<string, Pick<Branch, "joint" | "not">> = {
  all: { joint: "all", not: false },
  any: { joint: "any", not: false },
  none: { joint: "any", not: true },
  "some not": { joint: "all", not: true },
};

interface Props {
  root: Branch;
  path: Path;
  /** Where the whole rule stands in the config. */
  pointer: string;
  mayBeEmpty: boolean;
  /** The whole rule, and which condition has the focus then. */
  onChange: (root: Branch, focus?: Path) => void;
}

const fresh = (): Item => ({ at: "", not: false, test: ruleStarter() });
const written = (): Item => ({ at: "", not: false, test: { expression: "" } });
/** Only the condition that every new rule begins with: an expression takes its place. */
const untouched = ({ items: [first, ...more] }: Branch) => first !== undefined && !more.length && !isBranch(first) && JSON.stringify(first.test) === JSON.stringify(ruleStarter());
const nameOf = (path: Path) => path.map((index) => index + 1).join(".");

/** A group of conditions: how they count, and each of them. */
export function RuleGroup({ root, path, pointer, mayBeEmpty, onChange }: Props) {
  const { readOnly } = useForm();
  const branch = get(root, path);
  if (!branch || !isBranch(branch)) return null;
  const say = (next: Partial<Branch>, focus?: Path) => onChange(path.length ? put(root, path, { ...branch, ...next }) : { ...root, ...next }, focus);
  const alone = branch.items.length < 2 && !path.length && !branch.items.some(isBranch);
  const add = (item: Item) => say({ items: [...branch.items, item] }, [...path, branch.items.length]);
  const inside = { root, pointer, mayBeEmpty, onChange };
  return (
    <Stack gap={8} mt={6}>
      {!alone && !path.length && <JointChoice branch={branch} label="How they count" onChange={say} />}
      {branch.items.map((item, index) => (
        <Row key={index} {...inside} item={item} path={[...path, index]} last={index === branch.items.length - 1} />
      ))}
      <Group gap={4}>
        <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={14} />} onClick={() => add(fresh())} disabled={readOnly} aria-label={path.length ? `Add a condition to group ${nameOf(path)}` : undefined}>
          {branch.items.length ? "Add a condition" : "Set a condition"}
        </Button>
        <Button variant="subtle" color="gray" size="compact-sm" leftSection={<IconCode size={14} />} onClick={() => (untouched(branch) ? say({ items: [written()] }, [...path, 0]) : add(written()))} disabled={readOnly} aria-label={path.length ? `Write an expression in group ${nameOf(path)}` : undefined}>
          Write an expression
        </Button>
        {branch.items.length > 0 && path.length < DEEPEST && (
          <Button variant="subtle" color="gray" size="compact-sm" leftSection={<IconBracketsContain size={14} />} onClick={() => add({ at: "", not: false, joint: branch.joint === "all" ? "any" : "all", items: [fresh(), fresh()] })} disabled={readOnly} aria-label={path.length ? `Add a group to group ${nameOf(path)}` : undefined}>
            Add a group
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function JointChoice({ branch, label, onChange }: { branch: Branch; label: string; onChange: (next: Partial<Branch>) => void }) {
  const { readOnly } = useForm();
  return <Select size="xs" style={{ flex: 1 }} aria-label={label} data={JOINTS} value={jointOf(branch)} onChange={(next) => onChange(JOINED[next ?? "all"] ?? {})} allowDeselect={false} disabled={readOnly} />;
}

type RowProps = Props & { item: Item; last: boolean };

/** A condition, or a group within the group. Alt with the arrows moves it. */
function Row({ item, last, ...group }: RowProps) {
  const { root, path, pointer, onChange } = group;
  const { readOnly } = useForm();
  const error = useTrouble(`${pointer}${item.at}`, !isBranch(item));
  const number = nameOf(path);
  const change = (next: Item) => onChange(put(root, path, next));
  const move = (by: 1 | -1) => {
    const moved = shift(root, path, by);
    onChange(moved.root, moved.path);
  };
  const keys = (event: React.KeyboardEvent) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key] as 1 | -1 | undefined;
    if (!event.altKey || !by || readOnly) return;
    event.preventDefault();
    event.stopPropagation();
    move(by);
  };
  const tools = <Tools {...group} item={item} last={last} number={number} move={move} change={change} />;
  const turned = item.not && !isBranch(item) && (
    <Text size="xs" fw={600} c="var(--accent-text)" mb={4}>
      Must not hold:
    </Text>
  );
  return (
    <div className={styles.test} data-rule={path.join(".")} data-group={isBranch(item) || undefined} role="group" aria-label={`${isBranch(item) ? "Group" : "Condition"} ${number}`} onKeyDown={keys}>
      {turned}
      {isBranch(item) ? (
        <>
          <Group gap={4} wrap="nowrap">
            <JointChoice branch={item} label={`How they count, ${number}`} onChange={(next) => change({ ...item, ...next })} />
            {tools}
          </Group>
          <RuleGroup {...group} />
        </>
      ) : "subject" in item.test ? (
        <Test test={item.test} number={number} tools={tools} onChange={(test) => change({ ...item, test })} />
      ) : "expression" in item.test ? (
        <Source hidden label={`Expression ${number}`} value={String(item.test.expression ?? "")} tools={tools} onChange={(expression) => change({ ...item, test: { expression } })} />
      ) : (
        <Group gap={4} wrap="nowrap" justify="space-between">
          <Text size="sm">{ruleWords(item.test) || JSON.stringify(item.test)}</Text>
          {tools}
        </Group>
      )}
      {error && (
        <Text size="xs" c="var(--mantine-color-error)" mt={4}>
          {error}
        </Text>
      )}
    </div>
  );
}

type ToolsProps = RowProps & { number: string; move: (by: 1 | -1) => void; change: (next: Item) => void };

/** What can be done with a condition or a group, in a menu. */
function Tools({ root, path, item, last, number, mayBeEmpty, onChange, move, change }: ToolsProps) {
  const { readOnly } = useForm();
  const what = isBranch(item) ? `group ${number}` : `condition ${number}`;
  const only = path.length === 1 && root.items.length === 1;
  const [first, nested] = [path.at(-1) === 0, path.length > 1];
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon aria-label={`More for ${what}`} data-rule-menu disabled={readOnly}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {!isBranch(item) && (
          <Menu.Item leftSection={<IconSwitch3 size={15} />} onClick={() => change({ ...item, not: !item.not })}>
            {item.not ? "Must hold" : "Must not hold"}
          </Menu.Item>
        )}
        {!isBranch(item) && path.length < DEEPEST && (
          <Menu.Item leftSection={<IconBracketsContain size={15} />} onClick={() => change({ at: "", not: false, joint: "any", items: [item, fresh()] })}>
            Make it a group
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconArrowUp size={15} />} onClick={() => move(-1)} disabled={first && !nested}>
          Move up
        </Menu.Item>
        <Menu.Item leftSection={<IconArrowDown size={15} />} onClick={() => move(1)} disabled={last && !nested}>
          Move down
        </Menu.Item>
        <Menu.Item c="red" leftSection={<IconTrash size={15} />} onClick={() => onChange(put(root, path, null))} disabled={only && !mayBeEmpty}>
          Remove
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
