import { useView, useViewStore } from "@/canvas/view";
import { lazy, Suspense } from "react";

const Publish = lazy(() => import("./Publish"));
const Versions = lazy(() => import("./Versions"));
const Shortcuts = lazy(() => import("./Shortcuts"));
const Languages = lazy(() => import("./Languages"));
const PAGES = { publish: Publish, versions: Versions, shortcuts: Shortcuts, languages: Languages };

/** The dialogs over the builder. */
export function Sheets() {
  const sheet = useView((view) => view.sheet);
  const view = useViewStore();
  if (!sheet) return null;
  const Page = PAGES[sheet];
  return (
    <Suspense>
      <Page onClose={() => view.getState().set({ sheet: null })} />
    </Suspense>
  );
}
