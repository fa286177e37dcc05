import type { Element } from "../clerk/kinds.ts";
import { ProjectError } from "../project/rpc.ts";

/** What became of some rows. */
export interface Counts {
  applied: number;
  unchanged: number;
}

/** What became of a page. */
export interface PageOutcome extends Counts {
  /** Objects that the database refuses, by Clerk id and SQLSTATE. */
  rejected: { id: string; code: string }[];
}

/** Hands rows to the database, all or none; rejects with a ProjectError. */
export type Send = (elements: Element[]) => Promise<Counts>;

/** Hands a page over. One that the database refuses is halved, until what it refuses is alone: the rest goes on. */
export async function submit(elements: Element[], send: Send): Promise<PageOutcome> {
  try {
    return { ...await send(elements), rejected: [] };
  } catch (error) {
    if (!(error instanceof ProjectError) || error.kind !== "refused") throw error;
    const [only, ...others] = elements;
    if (!only) throw error;
    if (others.length === 0) {
      const rejected = [{ id: only.p_external_id, code: error.code }];
      return { applied: 0, unchanged: 0, rejected };
    }
    const middle = Math.ceil(elements.length / 2);
    const first = await submit(elements.slice(0, middle), send);
    const second = await submit(elements.slice(middle), send);
    return {
      applied: first.applied + second.applied,
      unchanged: first.unchanged + second.unchanged,
      rejected: [...first.rejected, ...second.rejected],
    };
  }
}
