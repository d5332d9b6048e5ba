import "@/theme/mantine";
import "@/theme/theme.css";

import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { fetchEarly, nodeTypes } from "@/api/flow";
import { queries } from "@/api/query";
import { App } from "@/shell/App";
import { Notices } from "@/shell/Notices";
import { theme } from "@/theme/theme";

// What the builder needs is asked for at once, not one after the other.
const [, page, flow] = window.location.pathname.split("/");
if (page === "flows" && flow) {
  fetchEarly(flow);
  void queries.prefetchQuery(nodeTypes);
  void import("@/screens/builder/Builder");
}

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <Notices />
      <QueryClientProvider client={queries}>
        <App />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
