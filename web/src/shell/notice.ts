import { sentence } from "@/api/error";

// What shows notices comes with the first of them: it is no part of what every page loads.
let wanted = false;
const waiting = new Set<() => void>();

/** Whether there has been a notice; for useSyncExternalStore. */
export const noticed = () => wanted;
export function onNotice(listener: () => void): () => void {
  waiting.add(listener);
  return () => waiting.delete(listener);
}

function show(message: string, color: string, autoClose: number): void {
  wanted = true;
  waiting.forEach((listener) => listener());
  void import("@mantine/notifications").then(({ notifications }) => notifications.show({ id: message, message, color, autoClose, withBorder: true }));
}

/** Says what went wrong, once for equal sentences. */
export function complain(trouble: unknown): void {
  show(sentence(trouble), "red", 8_000);
}

/** Says that something was done. */
export function tell(message: string): void {
  show(message, "iris", 3_500);
}
