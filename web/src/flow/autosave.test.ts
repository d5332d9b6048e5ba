import { expect, test } from "vitest";

import { ApiError } from "@/api/error";

import { whyRefused } from "./autosave";

const refused = (field: string) => new ApiError(400, "flow_invalid", `${field}: Must have at most 200 entries.`, [{ field, message: "Must have at most 200 entries." }]);

test.each(["notes", "/notes", "document.notes.3.text", "/document/notes/3"])("%s is told by the name that people know", (field) => {
  expect(whyRefused(refused(field))).toBe("Notes: must have at most 200 entries.");
});

test("what has no name that people know is told as it came", () => {
  expect(whyRefused(refused("schema"))).toBe("schema: Must have at most 200 entries.");
  expect(whyRefused(new Error("Nobody is there."))).toBe("Nobody is there.");
});
