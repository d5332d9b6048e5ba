import { MutationCache, QueryClient } from "@tanstack/react-query";

import { complain } from "@/shell/notice";

import { ApiError } from "./error";

const FRESH_MS = 10_000;
const TRIES = 2;

/** Lists and lookups. The flow under edit isn't here: it has a store of its own. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      retry: (count, trouble) => !(trouble instanceof ApiError) && count < TRIES,
    },
  },
  mutationCache: new MutationCache({
    onError: (trouble, _variables, _context, mutation) => {
      if (!mutation.meta?.quiet) complain(trouble);
    },
  }),
});
