import { Autocomplete } from "@mantine/core";
import { lazy, Suspense } from "react";

import type { Finding } from "@/api/flow";
import { useChoices } from "@/canvas/names";
import { useFlowStore } from "@/flow/store";

import { type FieldProps, useForm, useTrouble } from "../context";

const NewField = lazy(() => import("./NewField"));
const KEY = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** A contact field by its key; one that isn't there yet can be made right here. */
export function FieldLookup({ schema, pointer, value, label, required, onChange }: FieldProps) {
  const { readOnly } = useForm();
  const error = useTrouble(pointer, true);
  const flow = useFlowStore();
  const choices = useChoices("field");
  const chosen = typeof value === "string" ? value : "";
  const known = choices.some((each) => each.value === chosen);
  const made = () => {
    const { checked, set } = flow.getState();
    const isOver = (finding: Finding) => finding.code === "unknown_field" && finding.message.includes(`“${chosen}”`);
    const byNode = new Map([...checked.byNode].map(([node, found]) => [node, found.filter((each) => !isOver(each))]));
    set({ checked: { ...checked, problems: checked.problems.filter((each) => !isOver(each)), byNode } }); // the document is the same: nobody checks it again
  };
  return (
    <div>
      <Autocomplete
        label={label}
        description={schema.description}
        placeholder="Choose one, or write a new key"
        withAsterisk={required}
        disabled={readOnly}
        error={error}
        data={choices.map((each) => each.value)}
        value={chosen}
        onChange={(next) => onChange(next || (schema.nullable ? null : ""))}
      />
      {chosen && !known && !readOnly && KEY.test(chosen) && (
        <Suspense>
          <NewField name={chosen} onMade={made} />
        </Suspense>
      )}
    </div>
  );
}
