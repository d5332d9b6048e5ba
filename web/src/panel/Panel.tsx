import { SegmentedControl } from "@mantine/core";
import { lazy, Suspense, useEffect } from "react";

import { useLanguage } from "@/canvas/language";
import { type PanelTab, useView, useViewStore } from "@/canvas/view";

import { FlowForm } from "./FlowForm";
import styles from "./Panel.module.css";
import { Several } from "./Several";

const nodeForm = () => import("./NodeForm");
const NodeForm = lazy(nodeForm);
const Translating = lazy(() => import("./translating/Translating"));
const TestPanel = lazy(() => import("./TestPanel"));

/** The forms come when the canvas stands, before anybody has chosen a step. */
const FORMS_AFTER_MS = 2_000;

/** The flow as a whole: its settings, or its own texts in another language. */
function Flow() {
  const language = useLanguage();
  if (!language) return <FlowForm />;
  return (
    <div className={styles.body}>
      <Suspense>
        <Translating id="" language={language} />
      </Suspense>
    </div>
  );
}

/** The right side: what is selected, and its test. */
export function Panel() {
  const tab = useView((view) => view.panel);
  const selected = useView((view) => view.selected);
  const view = useViewStore();
  const [only] = selected;
  useEffect(() => {
    const soon = setTimeout(() => void nodeForm(), FORMS_AFTER_MS);
    return () => clearTimeout(soon);
  }, []);
  return (
    <aside className={styles.panel} aria-label="Details" data-open={selected.length > 0 || tab === "test" || undefined}>
      <div className={styles.tabs}>
        <SegmentedControl fullWidth data={[{ value: "configure", label: "Configure" }, { value: "test", label: "Test" }]} value={tab} onChange={(next) => view.getState().set({ panel: next as PanelTab })} aria-label="Panel" />
      </div>
      {tab === "test" ? (
        <Suspense>
          <TestPanel />
        </Suspense>
      ) : selected.length > 1 ? (
        <Several />
      ) : only === undefined ? (
        <Flow />
      ) : (
        <Suspense>
          <NodeForm key={only} id={only} />
        </Suspense>
      )}
    </aside>
  );
}
