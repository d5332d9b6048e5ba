// What was published of a flow.
import { useQuery } from "@tanstack/react-query";

import { ask, type Model } from "@/api/client";
import { flowPath } from "@/api/flow";
import { type FlowDocument, whole } from "@/flow/document";

export type Version = Model<"Version">;

/** The versions, the newest first. */
export function useVersions(flow: string) {
  return useQuery({ queryKey: ["versions", flow], queryFn: async () => (await ask<{ data: Version[] }>("GET", `${flowPath(flow)}/versions`)).data.data });
}

export async function versionDocument(flow: string, number: number): Promise<FlowDocument> {
  return whole((await ask<{ document: FlowDocument }>("GET", `${flowPath(flow)}/versions/${number}`)).data.document);
}
