interface Detail {
  field?: string;
  message: string;
}

interface Envelope {
  error?: { type?: string; message?: string; details?: Detail[]; request_id?: string };
  message?: string;
}

/** What the server refused, in its own words: `type` for us, `message` for people. */
export class ApiError extends Error {
  override name = "ApiError";

  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
    readonly details: readonly Detail[] = [],
    readonly requestId = "",
  ) {
    super(message);
  }

  static async from(response: Response): Promise<ApiError> {
    const text = await response.text().catch(() => "");
    try {
      const { error, message } = JSON.parse(text) as Envelope;
      const said = error?.message ?? message ?? response.statusText;
      return new ApiError(response.status, error?.type ?? "unknown", said, error?.details, error?.request_id);
    } catch {
      return new ApiError(response.status, "unknown", `The server answered ${response.status}. Try again.`);
    }
  }
}

/** The server can't be reached: it is away, or the network is. */
export class Unreachable extends Error {
  override name = "Unreachable";

  constructor() {
    super("The server can't be reached. Your changes stay here and are saved when it is back.");
  }
}

/** A sentence for people, whatever was thrown. */
export function sentence(trouble: unknown): string {
  return trouble instanceof Error ? trouble.message : "Something went wrong. Try again.";
}
