import { Box, CloseButton, Group as Row, Switch, Text } from "@mantine/core";

import { isObject } from "@/flow/document";

import { type FieldProps, useForm } from "../context";
import { starter } from "../schema";
import { SchemaForm } from "../SchemaForm";
import styles from "./Group.module.css";
import { Items } from "./Items";

/** Fields of their own; what may be left out has a switch. */
export function Group(props: FieldProps) {
  const { schema, pointer, value, label, onChange } = props;
  const { root, fresh, readOnly } = useForm();
  if (schema.type === "array") return <Items {...props} />;
  const there = isObject(value);
  if (schema.nullable && !there) {
    return <Switch label={label} description={schema.description} checked={false} onChange={() => onChange(starter({ ...schema, default: undefined }, root, fresh))} disabled={readOnly} />;
  }
  return (
    <Box className={styles.group}>
      <Row justify="space-between" mb="xs" wrap="nowrap">
        <Text size="sm" fw={600}>
          {label}
        </Text>
        {schema.nullable && <CloseButton size="sm" aria-label={`Remove ${label}`} onClick={() => onChange(null)} disabled={readOnly} />}
      </Row>
      <SchemaForm schema={schema} value={there ? value : {}} pointer={pointer} onChange={onChange} />
    </Box>
  );
}
