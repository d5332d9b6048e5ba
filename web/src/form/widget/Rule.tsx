import { Input, Text } from "@mantine/core";
import { useEffect, useRef } from "react";

import { type FieldProps, useForm, useTrouble } from "../context";
import { ruleWords } from "../rule";
import { type Branch, isBranch, type Path, readRule, writeRule } from "../ruleTree";
import { ruleStarter } from "../schema";
import { RuleGroup } from "./RuleGroup";

/** A rule: conditions and groups of them, to any depth, and what they say as a sentence. */
export function Rule({ schema, pointer, value, label, onChange }: FieldProps) {
  const { readables } = useForm();
  const error = useTrouble(pointer);
  const box = useRef<HTMLDivElement>(null);
  const wanted = useRef<string | null>(null);
  useEffect(() => {
    if (wanted.current === null) return;
    box.current?.querySelector<HTMLElement>(`[data-rule="${wanted.current}"] [data-rule-menu]`)?.focus();
    wanted.current = null;
  });
  const root = readRule(value);
  const say = (next: Branch, focus?: Path) => {
    wanted.current = focus ? focus.join(".") : null;
    onChange(writeRule(next) ?? (schema.nullable ? null : ruleStarter()));
  };
  const many = root.items.length > 1 || root.items.some(isBranch);
  return (
    <Input.Wrapper label={label} description={schema.description} error={error} labelElement="div">
      <div ref={box}>
        <RuleGroup root={root} path={[]} pointer={pointer} mayBeEmpty={Boolean(schema.nullable)} onChange={say} />
      </div>
      {many && (
        <Text size="xs" c="dimmed" mt={8} style={{ overflowWrap: "anywhere" }}>
          When {ruleWords(value, (path) => readables.find((each) => each.path === path)?.label ?? path)}
        </Text>
      )}
    </Input.Wrapper>
  );
}
