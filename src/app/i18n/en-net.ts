/** What is said about rules, NAT, conntrack and conversations, in English. */
export const enNet = {
  "nat.service": "The Service's address {before} becomes a pod's: {after}",
  "nat.service.why":
    "No machine has the address {before}. Service {service} is nothing but rules that kube-proxy wrote on every node. {place} is the first node that the packet meets, so here an endpoint is chosen and its address written into the packet.",
  "nat.nodePort": "Node port {before} becomes a pod's address: {after}",
  "nat.nodePort.why":
    "On every node, port {port} of the node's own address belongs to Service {service}: so say the rules that kube-proxy wrote. {place} is the node that was asked, so here an endpoint is chosen and its address written into the packet.",
  "nat.outer.why":
    "{before} is an address of Service {service} for callers from outside. kube-proxy's rules on every node know it, so {place} does not send the packet there: it chooses an endpoint itself.",
  "nat.userspace": "What is meant for the Service at {before} is led to kube-proxy itself: {after}",
  "nat.userspace.why":
    "In this mode the rules choose no pod. Service {service} has one port of kube-proxy's on every node, here {port}; the program accepts the connection there, chooses a pod, and opens a second connection to it.",
  "nat.dest": "{hook}: the destination {before} becomes {after}",
  "nat.dest.why": "A rule of the table nat rewrites the destination of a new flow; conntrack remembers it.",
  "nat.source": "{hook}: the source {before} becomes {after}",
  "nat.source.why": "A rule of the table nat rewrites the source of a new flow; conntrack remembers it.",
  "nat.masquerade.why":
    "The rule masquerades: from here on the packet goes in the name of {place}, with the address of the device by which it leaves. So the answer comes back here and can be translated back.",
  "nat.again": "{hook}: {before} becomes {after}, as decided before",
  "nat.again.why":
    "The table nat is asked only for the first packet of a flow. For every later one the conntrack entry repeats what was decided then, so all of them reach the same endpoint.",
  "nat.back": "un-NAT by the conntrack entry: {before} becomes {after}",
  "nat.back.why":
    "The answer comes from {before}, but the client has asked {after} and would not know it. The conntrack entry undoes the translation; no rule is asked.",
  "nat.back.dest.why":
    "The answer was sent to {before}, which stood in for the sender. The conntrack entry knows for whom it is: {after}. No rule is asked.",
  "nat.mark.why":
    "A rule put the mark {after} on the packet: a note for later rules on this machine, never sent.",
  "hook.bridge.why":
    "The packet is still inside the bridge {dev}: br_netfilter lends it to the IP hooks, because net.bridge.bridge-nf-call-iptables is 1.",
  "deliver.tcp": "{place} receives {flags} on port {port}",
  "tcp.syn.why":
    "Somebody listens on TCP port {port}, so the kernel answers with SYN, ACK. The program hears of it later.",
  "tcp.synack.why": "The other side agrees. One ACK more, and the connection stands on both sides.",
  "tcp.ack.why": "An acknowledgement: it tells what has arrived, and carries nothing else.",
  "tcp.data.why": "The bytes go into the queue of {program}; the kernel acknowledges them.",
  "tcp.fin.why": "{src} has nothing more to say. Its direction of the connection is closed.",
  "tcp.rst.why": "{src} refuses, or has given up: the connection is gone at once.",

  "drop.rule": "The rule {text} (table {table}, number {number} of its chain) throws it away without a word.",
  "drop.reject":
    "The rule {text} (table {table}, number {number} of its chain) refuses the packet and tells the sender so.",
  "drop.rule.try":
    "{actor} has written this rule. Look why; delete it with {command}, or let a rule before it accept the packet.",
  "drop.rule.typed.try":
    "This rule was typed by hand. Delete it with {command}, or let a rule before it accept the packet.",
  "drop.policy": "No rule of the chain let it pass, and the policy of {chain} in the table {table} is DROP.",
  "drop.policy.try": "Add a rule to {chain} that accepts this packet, or set the policy to ACCEPT.",
  "drop.rejected": "{place} rejects the packet",
  "drop.endpoints":
    "Service {service} has no endpoints: no ready pod matches its selector. kube-proxy lets the packet be refused at once, by the rule {text}.",
  "drop.local":
    "externalTrafficPolicy of {service} is Local, and none of its pods runs on {place}: kube-proxy has the packet dropped, by the rule {text}.",
  "drop.local.try":
    "Ask a node on which a pod of {service} runs, or set its externalTrafficPolicy to Cluster.",
  "drop.endpoints.try":
    "Compare the Service's selector with the labels of the pods, and look whether the pods are ready: kubectl get endpointslices.",
  "badge.nat": "{before} → {after}",
  "badge.rule": "DROP in {chain}",
  "badge.reject": "REJECT in {chain}",
  "lost.title": "Lost in {place}",
  "lost.rule": "by rule {number} of {chain}: {text}",
  "lost.reason": "{reason}, in {where}",

  "rules.title": "Rules that matched, in this order",
  "rules.service": "{actor}, for Service {service}",
  "rules.policy": "the chain's policy",
  "rules.you": "typed by hand",
  "rules.last": "had the last word",
  "flow.title": "conntrack entry, {protocol}",
  "flow.original": "original",
  "flow.reply": "reply",
  "flow.here": "this packet",
  "flow.new": "about to be written: an entry is confirmed at the packet's last hook",
  "flow.translated": "translated",
  "chains.title": "Netfilter rules of {of}",
  "chains.set": "{count} elements",
  "chains.more": "{count} more",
  "chains.count": "{packets} packets",
  "chains.visited": "met at this hop",
  "chains.policy": "policy {policy}",
  "table.conntrack": "conntrack of {of}",
  "table.socket": "Sockets of {of}",
  "table.xfrm.policy": "IPsec policies of {of}",
  "table.xfrm.state": "IPsec states of {of}",
  "column.direction": "Direction",
  "column.packets": "Packets",
  "column.protected": "Protected by",
  "column.spi": "SPI",
  "column.algorithm": "Algorithm",
  "wrap.esp": "IPsec puts the packet into ESP",
  "unwrap.esp": "IPsec takes the packet out of ESP",
  "wrap.esp.why":
    "A policy of {place} says that such packets leave protected only. The state with SPI {spi} has the keys: {algorithm} encrypts the whole packet, and a new one from {local} to {remote} carries it, {bytes} bytes more. There is no tunnel device; on the way nobody can read or change what is inside.",
  "wrap.esp.transport.why":
    "A policy of {place} says that such packets leave protected only. The state with SPI {spi} has the keys: {algorithm} protects what is behind the IP header, which stays in front, {bytes} bytes more.",
  "unwrap.esp.why":
    "The SPI {spi} names the state, and {place} has the same keys as {remote}: the check value fits, so nothing was changed on the way. {bytes} bytes come off, and what was inside comes in by {dev} once more: a capture shows it there in the clear.",
  "unwrap.esp.transport.why":
    "The SPI {spi} names the state, and {place} has the same keys as {remote}: the check value fits, so nothing was changed on the way. {bytes} bytes come off, and the packet goes through PREROUTING and INPUT once more.",
  "drop.xfrm.nostate":
    "A policy wants packets from {src} to {dst} protected, but there is no state with keys for them. In the clear they may not leave: the packet is swallowed, and its sender is not told.",
  "drop.xfrm.nostate.try":
    "Keys come from a key manager such as charon: look at its log, and whether UDP 500 and 4500 get through.",
  "drop.xfrm.unknown":
    "The packet is protected by a state that {place} does not have: nobody here can decrypt it.",
  "drop.xfrm.unknown.try":
    "Compare the SPIs of both ends; one of them may have begun anew and lost its keys.",
  "drop.xfrm.replay":
    "The sequence number of this packet was seen before, or is too old: somebody may have recorded it and sent it again.",
  "drop.xfrm.icv":
    "The check value does not fit: the two ends have different keys, or the packet was changed on the way.",
  "drop.xfrm.keys.try": "Compare keys, algorithms and counters of the state at both ends.",
  "drop.xfrm.policy":
    "The packet did not come in the form that the policies of {place} want: what should have been protected came in the clear, or what was protected has no policy here.",
  "drop.xfrm.policy.try":
    "See what each direction wants (in, fwd, out), and the counters in /proc/net/xfrm_stat.",
  "table.policy": "Rules of routing of {of}",
  "column.protocol": "Protocol",
  "column.flow": "Original and reply",
  "column.program": "Program",
  "column.priority": "Priority",
  "column.action": "Action",
  "column.asked": "Which packets",

  "talk.label": "The whole conversation",
  "talk.turn": "{number}: {there}, answered by {back}",
  "talk.alone": "{number}: {there}",
  "talk.unasked": "{number}: {back}, coming back",
  "talk.lost": "lost",
} as const satisfies Record<string, string>;
