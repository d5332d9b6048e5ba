// ISO 8601 durations as people read and set them.

export const UNITS = ["seconds", "minutes", "hours", "days", "weeks"] as const;
export type Unit = (typeof UNITS)[number];

const SECONDS: Record<Unit, number> = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400, weeks: 604_800 };
const FORM = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** Seconds of a duration, null for what is none. */
export function seconds(text: string): number | null {
  const found = FORM.exec(text);
  if (!found || text.endsWith("P") || text.endsWith("T")) return null;
  const [weeks, days, hours, minutes, rest] = found.slice(1).map((each) => Number(each ?? 0));
  return (weeks ?? 0) * SECONDS.weeks + (days ?? 0) * SECONDS.days + (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (rest ?? 0);
}

/** The largest unit that says a duration in a whole number. */
export function amount(text: string): { value: number; unit: Unit } {
  const total = seconds(text) ?? 0;
  const unit = (["days", "hours", "minutes", "seconds"] as const).find((each) => total && total % SECONDS[each] === 0) ?? "minutes";
  return { value: total / SECONDS[unit], unit };
}

/** A duration of so many of a unit, as the server writes it. */
export function duration(value: number, unit: Unit): string {
  const whole = Math.max(1, Math.round(value));
  const letter = { seconds: "S", minutes: "M", hours: "H", days: "D", weeks: "W" }[unit];
  return unit === "days" || unit === "weeks" ? `P${whole}${letter}` : `PT${whole}${letter}`;
}

/** A duration in words: 1 hour 30 minutes. */
export function durationWords(text: string): string {
  let rest = seconds(text);
  if (rest === null) return text;
  const parts: string[] = [];
  for (const unit of ["days", "hours", "minutes", "seconds"] as const) {
    const many = Math.floor(rest / SECONDS[unit]);
    rest -= many * SECONDS[unit];
    if (many) parts.push(`${many} ${many === 1 ? unit.slice(0, -1) : unit}`);
  }
  return parts.join(" ");
}
