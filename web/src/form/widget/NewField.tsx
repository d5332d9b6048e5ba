import { Button, Group, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { ask } from "@/api/client";

const TYPES = [
  { value: "text", label: "Text" },
  { value: "number", label: "Number" },
  { value: "date", label: "Date" },
  { value: "boolean", label: "Yes or no" },
  { value: "list", label: "List" },
];

/** Makes the contact field that a config names and that nobody has made yet, right where it is named. */
export default function NewField({ name, onMade }: { name: string; onMade: () => void }) {
  const client = useQueryClient();
  const [trouble, setTrouble] = useState("");
  const make = async (type: string) => {
    try {
      await ask("POST", "/v1/fields", { key: name, type });
      await client.invalidateQueries({ queryKey: ["choices", "field"] });
      onMade();
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <div role="group" aria-label={`Create the field ${name}`}>
      <Text size="xs" mt={6} c={trouble ? "red" : "dimmed"}>
        {trouble || `Create field “${name}” as:`}
      </Text>
      <Group gap={4} mt={4}>
        {TYPES.map((type) => (
          <Button key={type.value} size="compact-xs" variant="light" onClick={() => void make(type.value)}>
            {type.label}
          </Button>
        ))}
      </Group>
    </div>
  );
}
