import { TagsInput } from "@mantine/core";

import { type FieldProps, useForm, useTrouble } from "../context";

/** A list of words, typed one after another. */
export function Words({ schema, pointer, value, label, required, onChange }: FieldProps) {
  const { readOnly } = useForm();
  const error = useTrouble(pointer, true);
  const words = Array.isArray(value) ? value.map(String) : [];
  return (
    <TagsInput
      label={label}
      description={schema.description}
      placeholder={words.length ? undefined : "Type, then press Enter"}
      value={words}
      onChange={onChange}
      maxTags={schema.maxItems}
      splitChars={[","]}
      acceptValueOnBlur
      withAsterisk={required}
      disabled={readOnly}
      error={error}
    />
  );
}
