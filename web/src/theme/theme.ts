import { createTheme, type MantineColorsTuple } from "@mantine/core";

const iris: MantineColorsTuple = [
  "#f4f4ff", "#e9e9ff", "#d4d5ff", "#b5b6fb", "#9192f0", "#7475e4", "#5b5bd6", "#4f4fc4", "#4343a8", "#37378a",
];

/** From text to the deepest ground: cool greys that don't turn blue. */
const dark: MantineColorsTuple = [
  "#edeef0", "#c3c6cc", "#9ba0a8", "#62676f", "#363a41", "#2b2e34", "#222428", "#191a1d", "#131416", "#0e0f11",
];

const gray: MantineColorsTuple = [
  "#f8f8fa", "#f1f1f4", "#e7e8ec", "#dddee4", "#c9cbd3", "#a6a9b4", "#686c77", "#5c606b", "#3a3d45", "#1e2025",
];

const CLOSE = { "aria-label": "Close" };

const TURN: Record<string, string> = { previous: "The page before", next: "The next page" };

const FONT = "'Inter Variable', -apple-system, 'Segoe UI', Roboto, sans-serif";

export const theme = createTheme({
  colors: { iris, dark, gray },
  primaryColor: "iris",
  primaryShade: { light: 6, dark: 6 },
  autoContrast: true,
  black: "#1e2025",
  fontFamily: FONT,
  fontFamilyMonospace: "ui-monospace, 'SF Mono', Menlo, Consolas, monospace",
  headings: { fontFamily: FONT, fontWeight: "620", sizes: { h1: { fontSize: "1.5rem" }, h2: { fontSize: "1.125rem" }, h3: { fontSize: "0.9375rem" } } },
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  defaultRadius: "md",
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "12px", xl: "20px" },
  cursorType: "pointer",
  focusRing: "auto",
  components: {
    Tooltip: { defaultProps: { openDelay: 350, fz: "xs", color: "dark.6", withArrow: false } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
    Modal: { defaultProps: { closeButtonProps: CLOSE, overlayProps: { backgroundOpacity: 0.32 }, centered: true, radius: "lg", transitionProps: { duration: 140, transition: "pop" } } },
    Drawer: { defaultProps: { closeButtonProps: CLOSE, overlayProps: { backgroundOpacity: 0.2 } } },
    // Without the placeholder the first item has the focus: a menu may hold nothing but items.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false, menuItemTabIndex: 0, shadow: "md", radius: "md", transitionProps: { duration: 90 } } },
    Pagination: { defaultProps: { getControlProps: (control: string) => ({ "aria-label": TURN[control] }), getItemProps: (page: number) => ({ "aria-label": `Page ${page}` }) } },
    Popover: { defaultProps: { shadow: "md", radius: "md", transitionProps: { duration: 90 } } },
    Button: { defaultProps: { size: "sm" } },
    Badge: { defaultProps: { tt: "none", fw: 560, variant: "light" } },
  },
});
