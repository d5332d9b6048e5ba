import { createContext, useContext } from "react";

import type { Finding } from "@/api/flow";
import { fieldOf } from "@/flow/checker";
import type { Config, Json } from "@/flow/document";
import { useFlow } from "@/flow/store";

import type { Schema } from "./schema";

/** Something that a text or a rule can read. */
export interface Readable {
  path: string;
  label: string;
  group: string;
  type?: string;
}

/** What every field of a form knows of the whole. */
export interface FormContext {
  /** The step whose form it is. */
  node: string;
  root: Schema;
  readOnly: boolean;
  /** The whole config, for fields that depend on another. */
  config: Config;
  /** Sets one field of it, from within another. */
  put: (key: string, value: Json) => void;
  findings: readonly Finding[];
  /** How many characters the flow's channels show, by pointer. */
  limits: Readonly<Record<string, number>>;
  readables: readonly Readable[];
  /** What only fields may read that send it and show it to nobody. */
  secrets: readonly Readable[];
  variables: readonly string[];
  fresh: () => string;
}

const Context = createContext<FormContext | null>(null);
export const FormProvider = Context.Provider;

export function useForm(): FormContext {
  const form = useContext(Context);
  if (!form) throw new Error("There is no form around this field.");
  return form;
}

/** What every control gets: its schema, where it stands, its value, and how to say another. */
export interface FieldProps {
  name: string;
  schema: Schema & { nullable?: boolean };
  pointer: string;
  value: Json | undefined;
  required: boolean;
  label: string;
  onChange: (value: Json | undefined) => void;
}

/** What the flow's settings say where this field is empty. */
export function useFlowSays({ setting }: Schema): string | undefined {
  const said = useFlow((state) => state.document.settings?.[setting ?? ""]);
  return setting && typeof said === "string" && said ? said : undefined;
}

/** The worst message about a field; about the parts of it too, where it shows them as one. */
export function useTrouble(pointer: string, whole = false): string | undefined {
  const { findings } = useForm();
  const found = findings.filter((each) => {
    const field = fieldOf(each);
    return field === pointer || (whole && field.startsWith(`${pointer}/`));
  });
  return (found.find((each) => each.level === "error") ?? found[0])?.message;
}
