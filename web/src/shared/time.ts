const SPANS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** "3 minutes ago", "in 2 days", "just now". */
export function ago(instant: string, now = Date.now()): string {
  const seconds = (Date.parse(instant) - now) / 1000;
  const span = SPANS.find(([, size]) => Math.abs(seconds) >= size);
  return span ? relative.format(Math.trunc(seconds / span[1]), span[0]) : "just now";
}

/** The instant in the reader's own zone and habit. */
export const when = (instant: string): string => absolute.format(new Date(instant));

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const dayAndClock = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });

/** The same in short, for what is mostly of today: "3:35 PM", "Nov 28, 3:35 PM". */
export function shortly(instant: string, now = new Date()): string {
  const then = new Date(instant);
  return (then.toDateString() === now.toDateString() ? clock : dayAndClock).format(then);
}
