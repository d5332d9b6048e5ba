import { Box } from "@mantine/core";
import { type ComponentType, lazy, Suspense } from "react";

import type { FieldProps } from "./context";
import { variants } from "./schema";
import { useForm } from "./context";
import { FieldLookup } from "./widget/FieldLookup";
import { Expression } from "./widget/Expression";
import { Group } from "./widget/Group";
import { Items } from "./widget/Items";
import { Choice, Num, Switched } from "./widget/basic";
import { Line, Lines, LongText, Plain } from "./widget/Text";
import { Lookup, Lookups } from "./widget/Lookup";
import { Mapping } from "./widget/Mapping";
import { Path, VariableName } from "./widget/Path";
import { Duration, Hours, Instant, NativeTime, TimeZone, Weekdays } from "./widget/time";
import { Rule } from "./widget/Rule";
import { Words } from "./widget/Words";
import { Kinds } from "./widget/Kinds";
import { Media } from "./widget/Media";
import { FlowInputs, FlowOutputs } from "./widget/FlowGives";
import { StepChoice } from "./widget/Step";

const Trial = lazy(() => import("./trial/Trial"));

type Control = ComponentType<FieldProps>;

/** The controls by the words of nodes/form.py. A word that isn't here is shown by the value's type. */
const CONTROLS: Record<string, Control> = {
  text: LongText,
  line: Line,
  plain: Plain,
  words: Words,
  variable: VariableName,
  path: Path,
  json_path: Line,
  mapping: Mapping,
  flow_inputs: FlowInputs,
  flow_outputs: FlowOutputs,
  node: StepChoice,
  duration: Duration,
  date: NativeTime,
  time: NativeTime,
  instant: Instant,
  timezone: TimeZone,
  cron: Line,
  hours: Hours,
  hours_key: Lookup,
  weekdays: Weekdays,
  team: Lookup,
  user: Lookup,
  template: Lookup,
  tag: Lookup,
  flow: Lookup,
  channel: Lookup,
  field: FieldLookup,
  channels: Lookups,
  media: Media,
  rule: Rule,
  expression: Expression,
  items: Items,
  choice: Choice,
  switch: Switched,
  number: Num,
};

function controlOf({ schema }: FieldProps, kinds: boolean): Control {
  if (kinds) return Kinds;
  if (schema.ui === "line" && schema.type === "array") return Lines;
  if (schema.ui === "line" && schema.type === "object") return Mapping;
  const control = CONTROLS[schema.ui ?? ""];
  if (control) return control;
  if (schema.enum) return Choice;
  if (schema.format === "postdog-duration") return Duration;
  switch (schema.type) {
    case "array":
      return schema.items?.type === "string" && !schema.items.enum ? Words : schema.items?.enum ? Choice : Items;
    case "object":
      return Group;
    case "boolean":
      return Switched;
    case "integer":
    case "number":
      return Num;
    default:
      return Line;
  }
}

/** One field of a form, with the control that its schema names. */
export function Field(props: FieldProps) {
  const { root } = useForm();
  if (props.schema.const !== undefined) return null;
  const Control = controlOf(props, variants(props.schema, root).length > 0);
  return (
    <>
      {props.schema.trial && (
        <Suspense>
          <Trial {...props} />
        </Suspense>
      )}
      <Box data-pointer={props.pointer}>
        <Control {...props} />
      </Box>
    </>
  );
}
