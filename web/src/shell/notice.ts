import { notifications } from "@mantine/notifications";

import { sentence } from "@/api/error";

/** Says what went wrong, once for equal sentences. */
export function complain(trouble: unknown): void {
  const message = sentence(trouble);
  notifications.show({ id: message, message, color: "red", autoClose: 8_000, withBorder: true });
}

/** Says that something was done. */
export function tell(message: string): void {
  notifications.show({ id: message, message, color: "iris", autoClose: 3_500, withBorder: true });
}
