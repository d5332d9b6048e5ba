import { Input, MultiSelect, NumberInput, SegmentedControl, Select, Switch } from "@mantine/core";

import { type FieldProps, useForm, useTrouble } from "../context";
import { choiceLabel } from "../schema";

const SEGMENTS = 3;
const SHORT = 34;

/** One of a few values, or several of them where a list is asked for. */
export function Choice({ schema, pointer, value, label, required, onChange }: FieldProps) {
  const { readOnly } = useForm();
  const error = useTrouble(pointer);
  const options = (schema.enum ?? schema.items?.enum ?? []).map((each) => ({ value: String(each), label: choiceLabel(each, schema) }));
  const shown = value ?? schema.default;
  const description = schema.labels ? undefined : schema.description;
  if (schema.type === "array") {
    return <MultiSelect label={label} description={description} data={options} value={Array.isArray(shown) ? shown.map(String) : []} onChange={onChange} disabled={readOnly} error={error} />;
  }
  const said = options.reduce((length, each) => length + each.label.length, 0);
  if (options.length <= SEGMENTS && said <= SHORT && !schema.nullable) {
    return (
      <Input.Wrapper label={label} description={description} error={error}>
        <SegmentedControl fullWidth mt={6} data={options} value={String(shown ?? "")} onChange={onChange} disabled={readOnly} aria-label={label} />
      </Input.Wrapper>
    );
  }
  return (
    <Select
      label={label}
      description={description}
      data={options}
      value={shown === null || shown === undefined ? null : String(shown)}
      onChange={(next) => onChange(next ?? (schema.nullable ? null : undefined))}
      clearable={schema.nullable}
      placeholder={schema.nullable ? "Not set" : undefined}
      allowDeselect={false}
      withAsterisk={required}
      disabled={readOnly}
      error={error}
    />
  );
}

/** On or off. */
export function Switched({ schema, pointer, value, label, onChange }: FieldProps) {
  const { readOnly } = useForm();
  const error = useTrouble(pointer);
  return <Switch label={label} description={schema.description} checked={Boolean(value ?? schema.default)} onChange={(event) => onChange(event.currentTarget.checked)} disabled={readOnly} error={error} />;
}

/** A number within its limits. */
export function Num({ schema, pointer, value, label, required, onChange }: FieldProps) {
  const { readOnly } = useForm();
  const error = useTrouble(pointer);
  const shown = value ?? schema.default;
  return (
    <NumberInput
      label={label}
      description={schema.description}
      value={typeof shown === "number" ? shown : ""}
      onChange={(next) => onChange(typeof next === "number" ? next : schema.nullable ? null : undefined)}
      min={schema.minimum}
      max={schema.maximum}
      clampBehavior="none"
      allowDecimal={schema.type === "number"}
      placeholder={schema.nullable ? "Not set" : undefined}
      withAsterisk={required}
      disabled={readOnly}
      error={error}
    />
  );
}
