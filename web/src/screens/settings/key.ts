/** The word by which flows read something: "Monthly budget" is monthly_budget. */
export function keyOf(label: string, begin = "field"): string {
  const plain = label
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  return /^[a-z_]/.test(plain) ? plain.slice(0, 64) : `${begin}_${plain}`.slice(0, 64);
}
