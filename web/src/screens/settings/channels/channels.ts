import type { Model } from "@/api/client";

import { listOf } from "../resource";

export type Channel = Model<"Channel">;
export const channelList = listOf<Channel>("/v1/channels", "channels");

/** Of a secret setting the server says only whether it is set. */
export const isSet = (value: unknown): boolean => typeof value === "object" && value !== null && "set" in value && value.set === true;
