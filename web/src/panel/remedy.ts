/** Where a problem is mended that lies outside the flow, by its code. */
const PLACES: Record<string, { to: string; label: string }> = {
  ai_not_configured: { to: "/settings/ai", label: "Open Settings → AI" },
};

export const remedyOf = (code: string) => PLACES[code];
