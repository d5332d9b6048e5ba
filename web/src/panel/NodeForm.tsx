import { ActionIcon, Alert, Anchor, Box, Menu, Stack, Text } from "@mantine/core";
import { IconDots, IconPuzzleOff, IconX } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useMemo, useRef } from "react";
import { Link } from "wouter";

import { useLanguage, useSpokenConfig } from "@/canvas/language";
import { iconOf, tint } from "@/canvas/look";
import { useView, useViewStore } from "@/canvas/view";
import { type Config, freshId, type Json } from "@/flow/document";
import { changeNode } from "@/flow/edit";
import { useFlow } from "@/flow/store";
import type { Finding } from "@/api/flow";
import { FormProvider } from "@/form/context";
import { put, SchemaForm } from "@/form/SchemaForm";
import { useActions } from "@/screens/builder/context";

import { NodeLive } from "./NodeLive";
import { Preview } from "./Preview";
import styles from "./Panel.module.css";
import { useReadables } from "./readables";
import { remedyOf } from "./remedy";
import { StepMenuItems } from "./StepMenuItems";
import { WaysOut } from "./WaysOut";

const Translating = lazy(() => import("./translating/Translating"));

const NO_FINDINGS: readonly Finding[] = [];
const NO_CONFIG: Config = {};
const NO_LIMITS: Readonly<Record<string, number>> = {};

/** The selected step: its name, its form by its schema, its ways out. */
export default function NodeForm({ id }: { id: string }) {
  const node = useFlow((state) => state.lookup.node.get(id));
  const type = useFlow((state) => state.types.get(node?.type ?? ""));
  const findings = useFlow((state) => state.checked.byNode.get(id) ?? NO_FINDINGS);
  const edit = useFlow((state) => state.edit);
  const readOnly = useFlow((state) => state.readOnly);
  const overlay = useView((view) => view.overlay);
  const config = node?.config ?? NO_CONFIG;
  const limits = useFlow((state) => state.checked.limits[id] ?? NO_LIMITS);
  const actions = useActions();
  const { readables, secrets, variables } = useReadables(id);
  const body = useFocusedField();
  const form = useMemo(
    () =>
      type && {
        node: id,
        root: type.config_schema,
        readOnly,
        config,
        put: (key: string, value: Json) => actions.setConfig(id, put(config, key, value), `/${key}`),
        findings,
        limits,
        readables,
        secrets,
        variables,
        fresh: () => freshId("way", () => false),
      },
    [id, type, readOnly, config, actions, findings, limits, readables, secrets, variables],
  );
  const language = useLanguage();
  const spoken = useSpokenConfig(id);
  if (!node) return null;
  const Icon = type ? iconOf(type.icon) : IconPuzzleOff;
  const rest = findings.filter((each) => !each.pointer.includes("/config/"));
  const outside = rest.filter((each) => remedyOf(each.code));
  const errors = rest.filter((each) => each.level === "error" && !outside.includes(each));
  return (
    <>
      <header className={styles.head}>
        <span className={styles.icon} style={tint(type?.colour ?? "gray")}>
          <Icon size={19} stroke={1.8} />
        </span>
        <input
          className={styles.name}
          aria-label="Name of the step"
          placeholder={type?.label ?? node.type}
          value={node.label ?? ""}
          maxLength={200}
          disabled={readOnly}
          onChange={(event) => edit((document) => changeNode(document, id, { label: event.target.value }), `label ${id}`)}
        />
        <NodeMenu id={id} />
      </header>
      <div className={styles.body} ref={body}>
        <Stack gap="md">
          {overlay && <NodeLive id={id} />}
          <Text size="sm" c="dimmed">
            {type?.description ?? "This kind of step isn’t installed on the server. It is kept as it is; install its package to edit it."}
          </Text>
          {outside.map((finding) => (
            <Alert key={finding.code} color="orange" p="xs" fz="sm">
              {finding.message}{" "}
              <Anchor component={Link} href={remedyOf(finding.code)?.to ?? ""} size="sm">
                {remedyOf(finding.code)?.label}
              </Anchor>
            </Alert>
          ))}
          {errors.map((finding, index) => (
            <Alert key={index} color="red" p="xs" fz="sm">
              {finding.message} {finding.hint}
            </Alert>
          ))}
          {language && (
            <Suspense>
              <Translating id={id} language={language} />
            </Suspense>
          )}
          {!language && type && form && (
            <FormProvider value={form}>
              <SchemaForm schema={type.config_schema} value={node.config ?? NO_CONFIG} onChange={(config, pointer) => actions.setConfig(id, config, pointer)} />
            </FormProvider>
          )}
          {type?.group === "messages" && <Preview config={spoken ?? NO_CONFIG} />}
          <Box>
            <WaysOut id={id} />
            {rest
              .filter((each) => each.level !== "error" && !outside.includes(each))
              .map((finding, index) => (
                <Text key={index} size="xs" c="dimmed" mt="xs">
                  {finding.message}
                </Text>
              ))}
          </Box>
        </Stack>
      </div>
    </>
  );
}

function NodeMenu({ id }: { id: string }) {
  const view = useViewStore();
  return (
    <>
      <Menu position="bottom-end" width={210}>
        <Menu.Target>
          <ActionIcon aria-label="More for this step">
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <StepMenuItems id={id} />
        </Menu.Dropdown>
      </Menu>
      <ActionIcon aria-label="Close" onClick={() => view.getState().select([])}>
        <IconX size={17} />
      </ActionIcon>
    </>
  );
}

const INPUTS = "textarea, input:not([type=hidden]):not(.mantine-Switch-input), button[role=switch], select";

/** Gives the focus to the field that somebody asked for, by its pointer; "" is the first. Escape gives it back to the card. */
function useFocusedField() {
  const body = useRef<HTMLDivElement>(null);
  const view = useViewStore();
  const field = useView((state) => state.field);
  useEffect(() => {
    if (field === null) return;
    view.getState().set({ field: null });
    requestAnimationFrame(() => {
      const parts = field.split("/");
      const found = parts.map((_, index) => body.current?.querySelector(`[data-pointer="${CSS.escape(parts.slice(0, parts.length - index).join("/"))}"]`)).find(Boolean);
      const target = found?.matches("input, textarea") ? (found as HTMLElement) : (found ?? body.current)?.querySelector<HTMLElement>(INPUTS);
      target?.focus();
    });
  }, [field, view]);
  useEffect(() => {
    const element = body.current?.parentElement;
    const left = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      const [id] = view.getState().selected;
      document.querySelector<HTMLElement>(`.react-flow__node[data-id="${id}"]`)?.focus();
    };
    element?.addEventListener("keydown", left);
    return () => element?.removeEventListener("keydown", left);
  }, [view]);
  return body;
}
