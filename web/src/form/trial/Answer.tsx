import { Anchor, Button, Group, Text } from "@mantine/core";
import { IconBookmark } from "@tabler/icons-react";
import { type CSSProperties, useMemo, useState } from "react";

import type { Model } from "@/api/client";
import type { Json } from "@/flow/document";
import { useForm } from "../context";

import { MOST_PARTS, partsOf } from "./parts";
import styles from "./Trial.module.css";

const TELLING = ["content-type", "retry-after", "location", "www-authenticate", "x-request-id"];

interface Props {
  answer: Model<"TriedAnswer">;
  /** The paths that are kept already. */
  kept: readonly string[];
  onKeep: (path: string) => void;
  onExample?: (body: string, status: number) => void;
}

/** What the other side answered; a click on a part keeps it in a variable. */
export function Answer({ answer, kept, onKeep, onExample }: Props) {
  const { readOnly } = useForm();
  const [all, setAll] = useState(false);
  const [noted, setNoted] = useState(false);
  const parts = useMemo(() => (answer.json_body && !answer.cut ? partsOf(JSON.parse(answer.body) as Json, "body") : []), [answer]);
  const headers = Object.entries(answer.headers);
  const shown = headers.filter(([name]) => all || TELLING.includes(name) || name.includes("ratelimit"));
  return (
    <>
      {shown.length > 0 && (
        <dl className={styles.kept} aria-label="Headers">
          {shown.map(([name, text]) => (
            <div key={name} style={{ display: "contents" }}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      )}
      {headers.length > shown.length && (
        <Anchor component="button" type="button" size="xs" ta="left" onClick={() => setAll(true)}>
          All {headers.length} headers
        </Anchor>
      )}
      {parts.length > 0 ? (
        <div>
          <Text size="xs" c="dimmed" mb={4}>
            Choose what to keep{parts.length === MOST_PARTS && "; these are the first parts"}
          </Text>
          <ul className={styles.parts} aria-label="The answer">
            {parts.map((part) => (
              <li key={part.path}>
                <button type="button" style={{ "--depth": part.depth } as CSSProperties} title={part.path} aria-label={`Keep ${part.path}`} disabled={readOnly || kept.includes(part.path)} onClick={() => onKeep(part.path)}>
                  <b>{part.name}</b>
                  <span>{part.words}</span>
                  {kept.includes(part.path) && <i>kept</i>}
                </button>
              </li>
            ))}
          </ul>
        </div>
      ) : answer.body ? (
        <pre className={styles.raw} tabIndex={0} aria-label="The answer">
          {answer.body}
        </pre>
      ) : (
        <Text size="xs" c="dimmed">
          The answer has no body.
        </Text>
      )}
      {answer.cut && (
        <Text size="xs" c="dimmed">
          It goes on: what is shown is cut, what a flow gets is not.
        </Text>
      )}
      {onExample && !answer.cut && (
        <Group>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconBookmark size={14} />}
            disabled={readOnly || noted}
            onClick={() => {
              setNoted(true);
              onExample(answer.body, answer.status);
            }}
          >
            {noted ? "Kept as an example" : "Keep as an example for tests"}
          </Button>
        </Group>
      )}
    </>
  );
}
