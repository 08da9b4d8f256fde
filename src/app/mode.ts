const query = new URLSearchParams(typeof location === "undefined" ? "" : location.search);

/** In another page's frame: board, timeline and a way out, nothing else. */
export const IS_EMBEDDED = query.has("embed");

/** To look at, not to change: a link for a class, or an embedded board. */
export const IS_READ_ONLY = IS_EMBEDDED || query.has("read");
