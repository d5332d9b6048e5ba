import { Button, Pagination, SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { IconPlus, IconRoute2, IconSearch } from "@tabler/icons-react";
import { useState } from "react";

import { useMayEdit } from "@/api/session";
import { Empty } from "@/shared/Empty";
import { Loaded } from "@/shared/Loaded";
import { Page } from "@/shared/Page";

import { FlowRows } from "./FlowRows";
import { flowList, PAGE } from "./flows";
import { NewFlow } from "./NewFlow";

const TYPING_MS = 150;

/** All flows of the workspace. */
export default function Flows() {
  const [search, setSearch] = useState("");
  const [archived, setArchived] = useState(false);
  const [page, setPage] = useState(1);
  const [making, setMaking] = useState(false);
  const [wanted] = useDebouncedValue(search.trim(), TYPING_MS);
  const list = useQuery(flowList(wanted, archived, page));
  const mayEdit = useMayEdit();
  const create = mayEdit && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>
      New flow
    </Button>
  );
  return (
    <Page
      title="Flows"
      actions={
        <>
          <TextInput
            aria-label="Search flows"
            placeholder="Search"
            leftSection={<IconSearch size={15} />}
            value={search}
            onChange={(event) => {
              setSearch(event.target.value);
              setPage(1);
            }}
            w={200}
          />
          <SegmentedControl
            aria-label="Which flows"
            size="sm"
            value={archived ? "archived" : "active"}
            onChange={(value) => {
              setArchived(value === "archived");
              setPage(1);
            }}
            data={[
              { value: "active", label: "Active" },
              { value: "archived", label: "Archived" },
            ]}
          />
          {create}
        </>
      }
    >
      <Loaded query={list} what="The flows">
        {({ data: flows, total }) =>
          flows.length ? (
            <>
              <FlowRows flows={flows} mayEdit={mayEdit} />
              {total > PAGE && <Pagination mt="md" total={Math.ceil(total / PAGE)} value={page} onChange={setPage} />}
            </>
          ) : wanted || archived ? (
            <Nothing search={wanted} />
          ) : (
            <First create={create} />
          )
        }
      </Loaded>
      {making && <NewFlow onClose={() => setMaking(false)} />}
    </Page>
  );
}

function Nothing({ search }: { search: string }) {
  return search ? (
    <Empty title={`No flow is called “${search}”`} text="Search for a part of the name." />
  ) : (
    <Empty title="Nothing is archived" text="A flow that you archive starts for nobody any more and is kept here." />
  );
}

function First({ create }: { create: React.ReactNode }) {
  return (
    <Empty
      picture={<IconRoute2 size={44} stroke={1.2} color="var(--accent)" />}
      title="Draw your first conversation"
      text="A flow says what happens when somebody writes to you: what is answered, what is asked, and when a person takes over. Begin from a ready-made one, change the texts, try it, publish it."
    >
      {create}
    </Empty>
  );
}
