import { FileButton, Group, Select, ActionIcon, Tooltip } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { ApiError, Unreachable } from "@/api/error";
import { MOST_SHOWN, useChoices } from "@/canvas/names";

import { type FieldProps, useForm, useTrouble } from "../context";

/** A file of the workspace, or one that is put there now. */
export function Media({ schema, pointer, value, label, required, onChange }: FieldProps) {
  const { readOnly } = useForm();
  const error = useTrouble(pointer, true);
  const choices = useChoices("media");
  const client = useQueryClient();
  const upload = useMutation({
    mutationFn: send,
    onSuccess: async (id) => {
      await client.invalidateQueries({ queryKey: ["choices", "media"] });
      onChange(id);
    },
  });
  const chosen = typeof value === "string" && value ? value : null;
  const known = choices.some((each) => each.value === chosen);
  const data = choices.map((each) => ({ value: each.value, label: each.label }));
  return (
    <Group gap={6} wrap="nowrap" align="flex-end">
      <Select
        style={{ flex: 1 }}
        label={label}
        description={schema.description}
        data={chosen && !known ? [...data, { value: chosen, label: chosen }] : data}
        value={chosen}
        onChange={(next) => onChange(next ?? (schema.nullable ? null : undefined))}
        searchable
        limit={MOST_SHOWN}
        clearable={schema.nullable}
        placeholder="Choose a file, or upload one"
        nothingFoundMessage="There is no file yet. Upload one."
        withAsterisk={required}
        disabled={readOnly}
        error={error}
      />
      <FileButton onChange={(file) => file && upload.mutate(file)} disabled={readOnly}>
        {(props) => (
          <Tooltip label="Upload a file">
            <ActionIcon {...props} variant="default" size={36} aria-label="Upload a file" loading={upload.isPending}>
              <IconUpload size={16} />
            </ActionIcon>
          </Tooltip>
        )}
      </FileButton>
    </Group>
  );
}

async function send(file: File): Promise<string> {
  const query = new URLSearchParams({ name: file.name });
  const headers = { "Content-Type": file.type || "application/octet-stream" };
  const response = await fetch(`/v1/media?${query}`, { method: "POST", credentials: "same-origin", headers, body: file }).catch(() => {
    throw new Unreachable();
  });
  if (!response.ok) throw await ApiError.from(response);
  return ((await response.json()) as { id: string }).id;
}
