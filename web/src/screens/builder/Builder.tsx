import { Button, Center, Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ReactFlowProvider } from "@xyflow/react";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { useParams } from "wouter";

import { ApiError, sentence } from "@/api/error";
import { type LoadedFlow, nodeTypes, openedFlow } from "@/api/flow";
import { useMayEdit } from "@/api/session";
import { type Actions, actionsOf } from "@/canvas/actions";
import { Canvas } from "@/canvas/Canvas";
import { Palette } from "@/canvas/Palette";
import { createView, useView, ViewProvider } from "@/canvas/view";
import { autosave, forget, kept } from "@/flow/autosave";
import { checker } from "@/flow/checker";
import { merge } from "@/flow/operation";
import { createFlowStore, FlowProvider, type FlowStore, useFlow } from "@/flow/store";
import { Panel } from "@/panel/Panel";
import { ErrorBoundary } from "@/shell/ErrorBoundary";
import { tell } from "@/shell/notice";
import { Empty } from "@/shared/Empty";

import { Blank } from "./Blank";
import { Clashes } from "./Clashes";
import { ActionsProvider } from "./context";
import styles from "./Builder.module.css";
import { Pickers } from "./Pickers";
import says from "./Says.module.css";
import { Sheets } from "./Sheets";
import { Topbar } from "./Topbar";
import { Trouble } from "./Trouble";
import { useColleagues } from "./useColleagues";
import { useKeys } from "./useKeys";

const Overlay = lazy(() => import("./Overlay"));

/** The page of one flow. */
export default function Builder() {
  const { flow = "" } = useParams<{ flow: string }>();
  const types = useQuery(nodeTypes);
  const loaded = useQuery(openedFlow(flow));
  const trouble = types.error ?? loaded.error;
  if (trouble) {
    const gone = trouble instanceof ApiError && trouble.status === 404;
    const again = () => void (types.error ? types.refetch() : loaded.refetch());
    return <Empty title="This flow can’t be opened" text={sentence(trouble)} action={gone ? { label: "Go to your flows", to: "/flows" } : { label: "Try again", run: again }} />;
  }
  if (!types.data || !loaded.data)
    return (
      <Center h="100%">
        <Loader size="sm" />
      </Center>
    );
  return (
    <ErrorBoundary key={flow} failed={<Failed flow={flow} />}>
      <ReactFlowProvider>
        <Opened loaded={loaded.data} types={types.data} />
      </ReactFlowProvider>
    </ErrorBoundary>
  );
}

/** Loading again brings back what wasn't saved, which may be what can't be shown: so there is a way without it. */
function Failed({ flow }: { flow: string }) {
  const again = (without: boolean) => () => {
    if (without) forget(flow);
    window.location.reload();
  };
  return (
    <Empty title="This flow can’t be shown" text="What was saved is safe, and what wasn’t is kept in this browser." action={{ label: "Load again", run: again(false) }}>
      {kept(flow) && (
        <Button variant="subtle" onClick={again(true)}>
          Load it without what wasn’t saved
        </Button>
      )}
    </Empty>
  );
}

function Opened({ loaded, types }: { loaded: LoadedFlow; types: Parameters<typeof createFlowStore>[3] }) {
  const mayEdit = useMayEdit();
  const [store] = useState(() => opened(loaded, types, !mayEdit));
  const [{ view, stop }] = useState(() => createView(store));
  const actions = useMemo(() => actionsOf(store, view), [store, view]);
  useEffect(() => {
    const saving = autosave(store);
    const stopChecking = checker(store);
    if (store.getState().saving === "dirty") void saving.now();
    return () => {
      stopChecking();
      saving.stop();
    };
  }, [store]);
  useEffect(() => stop, [stop]);
  return (
    <FlowProvider value={store}>
      <ViewProvider value={view}>
        <ActionsProvider value={actions}>
          <Page actions={actions} />
        </ActionsProvider>
      </ViewProvider>
    </FlowProvider>
  );
}

function Page({ actions }: { actions: Actions }) {
  useKeys(actions);
  useColleagues();
  const overlay = useView((view) => view.overlay);
  const readOnly = useFlow((state) => state.readOnly);
  return (
    <div className={styles.page} data-read-only={readOnly || undefined}>
      <Topbar />
      {!readOnly && <Palette actions={actions} />}
      <div className={styles.canvas}>
        <Canvas actions={actions} />
        {overlay && (
          <Suspense>
            <Overlay />
          </Suspense>
        )}
        <Blank />
        <div className={says.says}>
          <Trouble />
          <Clashes />
        </div>
      </div>
      <Panel />
      <Pickers />
      <Sheets />
    </div>
  );
}

/** The store of a loaded flow; what a closed window left unsaved is put on top. */
function opened({ flow, etag }: LoadedFlow, types: Parameters<typeof createFlowStore>[3], readOnly: boolean): FlowStore {
  const store = createFlowStore(flow.id, flow.document, etag, types, readOnly);
  const left = readOnly ? null : kept(flow.id);
  if (left) {
    const { document, clashes } = merge(left.saved, left.document, flow.document);
    store.getState().edit(() => document);
    store.getState().set({ clashes });
    if (store.getState().saving === "dirty") tell("What wasn’t saved last time is back.");
  }
  return store;
}
