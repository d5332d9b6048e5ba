import { useState } from "react";

import { type Model, send } from "@/api/client";
import { flowPath, loadFlow, TAB } from "@/api/flow";
import { useFlowStore } from "@/flow/store";
import { complain } from "@/shell/notice";

export type Report = Model<"ImportReport">;
type Format = "po" | "csv";

const TYPES: Record<Format, string> = { po: "text/x-gettext-translation", csv: "text/csv" };

/** A language's texts as a file for translators, and a file of theirs taken into the draft: one step to undo. */
export function useTranslationFiles(language: string) {
  const flow = useFlowStore();
  const [report, setReport] = useState<Report | null>(null);
  const [busy, setBusy] = useState(false);
  const path = (format: Format) => `${flowPath(flow.getState().id)}/translations?${new URLSearchParams({ language, format })}`;

  async function save(format: Format): Promise<void> {
    try {
      const blob = await (await send("GET", path(format), undefined)).blob();
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: `${flow.getState().document.name}.${language}.${format}` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    } catch (trouble) {
      complain(trouble);
    }
  }

  async function take(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    if (!file) return;
    setBusy(true);
    try {
      const { id, etag, saving } = flow.getState();
      if (saving !== "saved") throw new Error("The draft isn’t saved yet. Try again in a moment.");
      const format: Format = file.name.toLowerCase().endsWith(".csv") ? "csv" : "po";
      const answer = await send("POST", path(format), file, { "Content-Type": TYPES[format], "If-Match": etag, "X-Client": TAB });
      setReport((await answer.json()) as Report);
      const loaded = await loadFlow(id);
      flow.getState().edit(() => loaded.flow.document);
      flow.getState().set({ saved: flow.getState().document, etag: loaded.etag, saving: "saved" });
    } catch (trouble) {
      complain(trouble);
    } finally {
      input.value = "";
      setBusy(false);
    }
  }

  return { save, take, report, busy };
}
