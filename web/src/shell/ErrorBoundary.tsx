import { Component, type ReactNode } from "react";

import { Empty } from "@/shared/Empty";

interface Props {
  children: ReactNode;
  /** What is shown instead. */
  failed?: ReactNode;
}

/** Keeps a page's failure to the page: what was saved is safe, and loading again starts anew. */
export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return this.props.failed ?? (
      <Empty
        title="This page stopped working"
        text="What was saved is safe. Load the page again to go on."
        action={{ label: "Load again", run: () => window.location.reload() }}
      />
    );
  }
}
