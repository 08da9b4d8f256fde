/** What the reader chose, kept for the next visit; a browser that keeps nothing is fine too. */
export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`flannelgraph.${name}`, value);
  } catch {
    // Storage can be switched off; then the choice lasts as long as the page.
  }
}

export function recall(name: string): string | null {
  try {
    return localStorage.getItem(`flannelgraph.${name}`);
  } catch {
    return null;
  }
}
