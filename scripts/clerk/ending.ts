import {
  ClerkApiError,
  type ClerkFailure,
} from "../../supabase/functions/_clerk_sync/clerk/api_error.ts";
import { printable } from "../command/printable.ts";
import { UsageError } from "../command/usage_error.ts";
import { EndlessListError } from "./place.ts";
import { ProjectError } from "./project_rpc.ts";

/** Why a run ended early: one word, and a sentence for people. Neither holds a key or anything of an answer. */
export interface EarlyEnd {
  word: string;
  message: string;
}

/** Where the two sides are, for the sentence. */
export interface Sides {
  /** Host of the project. */
  project: string;
}

/** What an error means to whoever started the run; null for one that nobody foresaw. */
export function earlyEndOf(error: unknown, { project }: Sides): EarlyEnd | null {
  if (error instanceof ClerkApiError) return ofClerk(error);
  if (error instanceof ProjectError) return ofProject(error, project);
  if (error instanceof EndlessListError) {
    return { word: "clerk_invalid_answer", message: `${error.message}.` };
  }
  return null;
}

const CLERK: Record<ClerkFailure, EarlyEnd> = {
  unauthorized: {
    word: "wrong_clerk_key",
    message: "Clerk does not know this secret key (CLERK_SECRET_KEY).",
  },
  rate_limited: { word: "clerk_rate_limited", message: "Clerk's rate limit leaves no room." },
  unavailable: { word: "clerk_unavailable", message: "Clerk does not answer." },
  invalid_answer: {
    word: "clerk_invalid_answer",
    message: "What answers is not what Clerk's API answers.",
  },
  not_enabled: {
    word: "clerk_not_enabled",
    message: "Clerk has what was asked for switched off in this instance.",
  },
  refused: { word: "clerk_refused", message: "Clerk refused a request." },
  not_found: { word: "clerk_not_found", message: "Clerk does not have what was asked for." },
};

function ofClerk(error: ClerkApiError): EarlyEnd {
  const { word, message } = CLERK[error.failure];
  return { word, message: `${message} ${error.message}.` };
}

function ofProject({ kind, code: told }: ProjectError, project: string): EarlyEnd {
  const code = printable(told, 80);
  if (/^(unauthorized|42501|28.*|PGRST3.*)$/.test(code)) {
    return {
      word: "wrong_project_key",
      message: `${project} does not take this key as its secret key (${code}).`,
    };
  }
  if (/^(42883|PGRST202)$/.test(code)) {
    return {
      word: "project_not_migrated",
      message: `${project} lacks the sync's functions, or what they or a trigger of yours call: ` +
        `npx supabase db push (${code}).`,
    };
  }
  if (kind === "refused") {
    return {
      word: "project_refused",
      message:
        `${project} refused a call: a value, or a trigger or constraint of its own (${code}).`,
    };
  }
  return {
    word: "project_unavailable",
    message:
      `No Data API answers at ${project} as it should: is it up, the URL right, and the key its ` +
      `secret key? (${code}.)`,
  };
}

/** What a command says before it ends with exit code 2: for people, or all that is known of what nobody foresaw. */
export function lastWordsOf(error: unknown): unknown {
  if (error instanceof UsageError) return error.message;
  return earlyEndOf(error, { project: "the project" })?.message ?? error;
}
