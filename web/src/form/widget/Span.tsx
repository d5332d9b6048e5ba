import { Group, Input, NumberInput, Select } from "@mantine/core";
import { type ReactNode, useState } from "react";

import { amount, duration, type Unit, UNITS } from "@/flow/duration";

const SHOWN_UNITS = UNITS.filter((unit) => unit !== "weeks").map((value) => ({ value, label: value }));

interface Props {
  label: string;
  description?: string;
  error?: ReactNode;
  required?: boolean;
  placeholder?: string;
  /** An ISO 8601 duration; empty: none. */
  value: string;
  onChange: (value: string | null) => void;
  disabled?: boolean;
}

/** A number and its unit. */
export function Span({ label, description, error, required, placeholder, value, onChange, disabled }: Props) {
  const said = value ? amount(value) : null;
  const [unit, setUnit] = useState<Unit>(said?.unit ?? "hours");
  const unitNow = said?.unit === "seconds" || (said && said.value && unit !== said.unit) ? said.unit : unit;
  return (
    <Input.Wrapper label={label} description={description} error={error} withAsterisk={required}>
      <Group gap={6} wrap="nowrap" mt={6}>
        <NumberInput
          style={{ flex: 1 }}
          aria-label={label}
          placeholder={placeholder}
          value={said?.value || ""}
          min={1}
          allowDecimal={false}
          clampBehavior="none"
          onChange={(next) => onChange(typeof next === "number" && next > 0 ? duration(next, unitNow) : null)}
          disabled={disabled}
        />
        <Select
          w={120}
          aria-label={`${label}, unit`}
          data={SHOWN_UNITS}
          value={unitNow}
          allowDeselect={false}
          onChange={(next) => {
            setUnit(next as Unit);
            if (said) onChange(duration(said.value, next as Unit));
          }}
          disabled={disabled}
        />
      </Group>
    </Input.Wrapper>
  );
}
