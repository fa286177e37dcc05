const AGAIN_MS = 2_000;

/** Snapshots as they come, for as long as the page is open; the connection is made anew whenever it is lost. */
export function watchLive({ onSnapshot, onLost }) {
  const source = new EventSource("/api/live");
  source.addEventListener("message", ({ data }) => onSnapshot(JSON.parse(data)));
  source.addEventListener("error", () => {
    onLost();
    // A browser goes on by itself after a lost connection, but not after an answer that was no stream.
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => watchLive({ onSnapshot, onLost }), AGAIN_MS);
  });
}
