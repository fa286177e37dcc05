import type { Check } from "../check.ts";
import { failure, ok } from "../finding.ts";

const REQUESTS = 20;

/** Whether many requests at once are refused one by one, rather than bringing the function down. */
export const burst: Check = {
  id: "burst",
  title: "error handling, rate limit",
  needs: ["unsigned-refused"],
  async run({ target, ask }) {
    const post = () => ask(target.webhookUrl, { method: "POST", body: "{ not JSON" });
    const replies = await Promise.all(Array.from({ length: REQUESTS }, post));
    const statuses = replies.map((reply) =>
      reply.kind === "answered" ? String(reply.status) : reply.reason
    );
    const wrong = statuses.find((status) => status !== "401" && status !== "429");
    if (wrong) {
      return failure(
        `of ${REQUESTS} broken requests at once one was answered ${wrong}`,
        "Look into the function's log.",
      );
    }
    const limited = statuses.filter((status) => status === "429").length;
    return ok(
      `${REQUESTS} broken requests at once: ${REQUESTS - limited} times 401` +
        (limited ? `, ${limited} times 429` : "; over 100 in flight are turned away with 429"),
    );
  },
};
