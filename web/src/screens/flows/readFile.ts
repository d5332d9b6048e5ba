const LIMIT = 5_000_000;

/** The flow document in a file that somebody chose. Throws an Error with words for people. */
export async function readFlowFile(file: File): Promise<unknown> {
  if (file.size > LIMIT) throw new Error(`${file.name} has ${(file.size / 1e6).toFixed(1)} MB. A flow's file has 5 MB at most; is it the right one?`);
  let found: unknown;
  try {
    found = JSON.parse(await file.text());
  } catch {
    throw new Error(`${file.name} isn't JSON. Choose a file that PostDog exported.`);
  }
  if (typeof found !== "object" || found === null || !("nodes" in found)) {
    throw new Error(`${file.name} holds no flow: it has no nodes. Choose a file that PostDog exported.`);
  }
  return found;
}
