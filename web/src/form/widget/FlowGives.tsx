import { ActionIcon, Anchor, Badge, Box, Group, Input, Stack, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { ask } from "@/api/client";
import { flowPath } from "@/api/flow";
import { type Config, isObject, type Json, type Variable } from "@/flow/document";

import { type FieldProps, useForm, useTrouble } from "../context";
import { Line } from "./Text";
import { VariableName } from "./Path";

const PUBLIC = /^flow_/;

/** The variables that another flow takes or gives; null while it isn't known. */
function useGiven(flow: string, side: "input" | "output"): Variable[] | null {
  const { data } = useQuery({
    queryKey: ["flow-gives", flow],
    queryFn: async () => (await ask<{ document: { variables?: Variable[] } }>("GET", flowPath(flow))).data.document.variables ?? [],
    enabled: PUBLIC.test(flow),
    retry: false,
    staleTime: 10_000,
  });
  return data ? data.filter((each) => each[side]) : null;
}

interface Row {
  name: string;
  type?: string;
  known: boolean;
}

/** A row for each variable of the other flow, and for what is said of others that it doesn't have (any more). */
function Rows({ props, side, empty, children }: { props: FieldProps; side: "input" | "output"; empty: string; children: (row: Row, said: Json | undefined, put: (next: Json | undefined) => void) => React.ReactNode }) {
  const { schema, pointer, label, value, onChange } = props;
  const { config, readOnly } = useForm();
  const error = useTrouble(pointer);
  const flow = String(config[schema.flow ?? "flow"] ?? "");
  const given = useGiven(flow, side);
  const said: Config = isObject(value) ? value : {};
  const put = (name: string, next: Json | undefined) => {
    const { [name]: _, ...rest } = said;
    onChange(next === undefined || next === "" ? rest : name in said ? { ...said, [name]: next } : { ...rest, [name]: next });
  };
  const rows: Row[] = [
    ...(given ?? []).map((each) => ({ name: each.name, type: each.type ?? "text", known: true })),
    ...Object.keys(said).filter((name) => !given?.some((each) => each.name === name)).map((name) => ({ name, known: given === null })),
  ];
  return (
    <Input.Wrapper label={label} description={schema.description} error={error}>
      <Stack gap={8} mt={6}>
        {rows.map((row) => (
          <Box key={row.name}>
            <Group gap={6} mb={2} justify="space-between" wrap="nowrap">
              <Group gap={6} wrap="nowrap">
                <Text size="sm" fw={560}>{row.name}</Text>
                {row.type && <Badge size="xs" variant="light" color="gray">{row.type}</Badge>}
                {!row.known && <Badge size="xs" variant="light" color="red">not in that flow</Badge>}
              </Group>
              {row.name in said && (
                <ActionIcon size="sm" aria-label={`Clear ${row.name}`} onClick={() => put(row.name, undefined)} disabled={readOnly}>
                  <IconX size={14} />
                </ActionIcon>
              )}
            </Group>
            {children(row, said[row.name], (next) => put(row.name, next))}
          </Box>
        ))}
        {rows.length === 0 && (
          <Text size="sm" c="dimmed">
            {flow ? (given === null ? "What this flow takes and gives isn’t known here." : empty) : "Choose a flow first."}
          </Text>
        )}
      </Stack>
    </Input.Wrapper>
  );
}

/** What another flow is given: a value for each of its inputs. */
export function FlowInputs(props: FieldProps) {
  return (
    <Rows props={props} side="input" empty="That flow takes nothing. Mark a variable as “Given” in its settings.">
      {(row, said, put) => (
        <Line
          {...props}
          schema={{ ui: "line", placeholder: "As that flow says" }}
          label=""
          accessibleLabel={`What ${row.name} is given`}
          pointer={`${props.pointer}/${row.name}`}
          required={false}
          value={said === undefined ? "" : String(said)}
          onChange={put}
        />
      )}
    </Rows>
  );
}

/** What comes back from another flow: a variable of this one for each of its outputs. */
export function FlowOutputs(props: FieldProps) {
  return (
    <Rows props={props} side="output" empty="That flow gives nothing back. Mark a variable as “Given back” in its settings.">
      {(row, said, put) => (
        <VariableName
          {...props}
          schema={{ placeholder: "Into no variable" }}
          label=""
          pointer={`${props.pointer}/${row.name}`}
          required={false}
          value={said}
          onChange={(next) => put(next ?? undefined)}
        />
      )}
    </Rows>
  );
}

/** The way to a flow that is chosen. */
export function OpenFlow({ flow }: { flow: string }) {
  return PUBLIC.test(flow) ? (
    <Anchor href={`/flows/${flow}`} target="_blank" size="sm">
      Open this flow
    </Anchor>
  ) : null;
}
