import { TagsInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { type Contact, tagList, useContactActions } from "./contacts";

/** A contact's tags, which agents change too. */
export function Tags({ contact: it }: { contact: Contact }) {
  const { data: known } = useQuery(tagList);
  const { tag } = useContactActions(it.id);
  return <TagsInput label="Tags" placeholder={it.tags.length ? undefined : "Add a tag"} data={known?.map((each) => each.tag) ?? []} value={tag.isPending ? tag.variables : [...it.tags]} onChange={(tags) => tag.mutate(tags)} />;
}
