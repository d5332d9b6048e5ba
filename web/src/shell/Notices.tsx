import { lazy, Suspense, useSyncExternalStore } from "react";

import { noticed, onNotice } from "./notice";

const Notifications = lazy(async () => ({ default: (await import("@mantine/notifications")).Notifications }));

/** Where notices show, from the first one on. */
export function Notices() {
  const wanted = useSyncExternalStore(onNotice, noticed);
  return wanted ? (
    <Suspense>
      <Notifications position="bottom-center" limit={3} />
    </Suspense>
  ) : null;
}
