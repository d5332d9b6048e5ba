import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { ask, type Model } from "@/api/client";

export type Conversation = Model<"ConversationShown">;
export type Message = Model<"MessageShown">;
export type Show = "queue" | "mine" | "unanswered" | "all";

const PAGE = 100;
const path = (id: string) => `/v1/conversations/${encodeURIComponent(id)}`;

export const CONVERSATIONS = ["conversations"] as const;

export const conversationList = (show: Show, me: string | null) =>
  queryOptions({
    queryKey: [...CONVERSATIONS, "list", show],
    queryFn: async () => {
      const query = new URLSearchParams({ limit: String(PAGE) });
      if (show === "queue") query.set("owner", "QUEUE");
      if (show === "unanswered") query.set("unhandled", "true");
      if (show === "mine") {
        query.set("owner", "AGENT");
        if (me) query.set("agent_id", me);
      }
      return (await ask<{ data: Conversation[]; total: number }>("GET", `/v1/conversations?${query}`)).data;
    },
  });

export const conversation = (id: string) =>
  queryOptions({ queryKey: [...CONVERSATIONS, id], queryFn: async () => (await ask<Conversation>("GET", path(id))).data });

export const thread = (id: string) =>
  queryOptions({
    queryKey: [...CONVERSATIONS, id, "messages"],
    queryFn: async () => (await ask<{ data: Message[] }>("GET", `${path(id)}/messages?limit=${PAGE}`)).data.data.reverse(),
  });

export const colleagues = queryOptions({
  queryKey: ["users"],
  queryFn: async () => (await ask<{ data: Model<"User">[] }>("GET", "/v1/users")).data.data,
});

export const teams = queryOptions({
  queryKey: ["teams"],
  queryFn: async () => (await ask<{ data: Model<"Team">[] }>("GET", "/v1/teams")).data.data,
});

/** What a person does with a conversation; the answer is the conversation as it is then. */
export function useConversationActions(id: string) {
  const client = useQueryClient();
  const onSuccess = () => client.invalidateQueries({ queryKey: CONVERSATIONS });
  const act = useMutation({
    mutationFn: ({ word, body = {} }: { word: "claim" | "resolve" | "return" | "transfer" | "snooze"; body?: object }) =>
      ask<Conversation>("POST", `${path(id)}/${word}`, body),
    onSuccess,
  });
  const say = useMutation({
    mutationFn: (text: string) => ask("POST", `${path(id)}/messages`, { content: { type: "text", text } }),
    onSuccess,
  });
  return { act, say };
}
