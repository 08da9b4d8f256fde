/** What kind calls a cluster's nodes. Models: kind pkg/cluster/internal/providers/common MakeNodeNamer. */
export function nodeNamer(cluster: string): (role: string) => string {
  const counts = new Map<string, number>();
  return (role) => {
    const count = (counts.get(role) ?? 0) + 1;
    counts.set(role, count);
    return `${cluster}-${role}${count > 1 ? count : ""}`;
  };
}
