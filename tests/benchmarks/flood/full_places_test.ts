import assert from "node:assert/strict";
import { fullPlaces } from "./full_places.ts";

const ignore = Deno.build.os !== "linux";

Deno.test(
  "a webhook that is full of the largest bodies grows by less than they are",
  { ignore },
  async () => {
    const { atRestMb, peakMb, sentMb } = await fullPlaces(new AbortController().signal);
    assert.ok(sentMb >= 100, `${sentMb} MB sent`);
    assert.ok(peakMb - atRestMb < sentMb, `${atRestMb} MB at rest, ${peakMb} MB at most`);
  },
);
