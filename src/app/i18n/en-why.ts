/** What is said about IPVS, network policies, refusals and helper chains, in English. */
export const enWhy = {
  "ipvs.there": "IPVS sends {before} to a real server: {after}",
  "ipvs.there.why":
    "{name} is a virtual service of IPVS in this kernel; the scheduler {scheduler} picked one of its real servers. IPVS sits at INPUT: the address is on the device kube-ipvs0, so the packet came up as if it were for this machine, and now goes out again.",
  "ipvs.there.typed.why":
    "{name} is a virtual service of IPVS in this kernel; the scheduler {scheduler} picked one of its real servers. IPVS sits at INPUT: the table “local” has {address}, so the packet came up as if it were for this machine, and now goes out again.",
  "ipvs.back": "IPVS gives the answer the Service's address again: {before} becomes {after}",
  "ipvs.back.why":
    "The answer comes from the real server {before}, but the client asked {after}. IPVS remembers the connection and undoes what it did on the way there.",
  "route.virtual.why":
    "{dst} is a Service's address, and kube-proxy has put it on the dummy device kube-ipvs0. So the packet counts as one for {place} itself and goes up to INPUT, where IPVS waits for it.",
  "table.ipvs": "Real servers of {of}",
  "column.server": "Real server",
  "column.weight": "Weight",

  "reject.icmp":
    "The sender is told at once, by {kind}: its program says “{error}” instead of waiting for a time-out.",
  "reject.reset": "The sender is told at once, by a TCP {kind}: its program says “{error}”.",
  "drop.silent": "Nothing is sent back: the sender waits until its time is up.",
  "policy.one.ingress":
    "{pod} is selected by the NetworkPolicy {policies}, and none of its ingress rules lets this packet from {src} in. {plugin} has made rules of it on {place}.",
  "policy.one.egress":
    "{pod} is selected by the NetworkPolicy {policies}, and none of its egress rules lets this packet to {dst} out. {plugin} has made rules of it on {place}.",
  "policy.many.ingress":
    "{pod} is selected by several NetworkPolicies: {policies}. It is enough that one of them allows a packet, but none lets this one from {src} in. {plugin} has made rules of them on {place}.",
  "policy.many.egress":
    "{pod} is selected by several NetworkPolicies: {policies}. It is enough that one of them allows a packet, but none lets this one to {dst} out. {plugin} has made rules of them on {place}.",
  "policy.none.ingress":
    "{plugin}'s rules for {pod} refuse what comes in: the pod is isolated, and nothing allows this packet from {src}.",
  "policy.none.egress":
    "{plugin}'s rules for {pod} refuse what goes out: the pod is isolated, and nothing allows this packet to {dst}.",
  "policy.deny.ingress":
    "The policy {policies} has an ingress rule with the action Deny, and this packet from {src} matches it: what stands after it is not asked. {plugin} has made rules of it on {place}.",
  "policy.deny.egress":
    "The policy {policies} has an egress rule with the action Deny, and this packet to {dst} matches it: what stands after it is not asked. {plugin} has made rules of it on {place}.",
  "policy.deny.try":
    "Put a rule with the action Allow for this packet before the one that denies it, or a policy of lower order before {policies}.",
  "policy.program.ingress":
    "NetworkPolicies select the pod {dst}. Of a pod with policies, {plugin} on {place} sees the first packet of every flow itself, out of queue {chain}: no ingress rule lets this one from {src} in, and its program said drop.",
  "policy.program.egress":
    "NetworkPolicies select the pod {src}. Of a pod with policies, {plugin} on {place} sees the first packet of every flow itself, out of queue {chain}: no egress rule of the sender, or no ingress rule of the receiver, allows this one to {dst}, and its program said drop.",
  "drop.queue": "A rule handed the packet to the program that reads queue {chain}, and that said drop.",
  "drop.queue.try": "Ask that program why: its log, or whose it is.",
  "policy.try":
    "Compare the labels of sender and receiver, and the port, with the rules of {policies}; add a rule that allows it. kubectl describe tells what each rule means.",
  "policy.none.try": "List the policies of the namespace: kubectl get networkpolicy -A.",
  "policy.rejected": "NetworkPolicy {policy} does not allow this packet: {place} rejects it",
  "policy.dropped": "NetworkPolicy {policy} does not allow this packet: {place} drops it",
  "badge.policy": "refused: {policy}",
  "lost.policy": "by NetworkPolicy {policy}, rule {number} of {chain}",
  "drop.qdisc":
    "The queue discipline of {dev} threw the packet away: netem does so on purpose, tbf and others when they are full. Nobody is told: the sender has to notice that no answer comes.",
  "drop.qdisc.try":
    "Look at the queue's counters with tc -s qdisc show dev {dev}; tc qdisc del dev {dev} root takes the loss away.",
  "legend.colours": "One colour for each layer, on the token, the devices, the timeline and the bytes:",
  "legend.token": "the packet: one band for each header, inner ones indented",
  "legend.stitched": "a stitched border is a network namespace",
  "legend.pause": "pause holds a pod's namespace",
  "legend.walked": "the way walked, there",
  "legend.back": "the way walked, back",
  "legend.tunnel": "a tunnel: the idea beside the real way",
  "legend.service": "a Service: rules on every node, no box of its own",
  "legend.copies": "copies under the timeline's dots: under way, not wanted, taken, lost",
  "legend.lost": "a lost packet",
  "legend.keys":
    "Keys: ← → step, Shift with them to the next place, space plays, Ctrl-F finds, F1 legend, F2 renames what is chosen, F7 captures and F8 opens a terminal where the focus or the packet is, F9 reset, Shift-F10 what can be broken.",
  "inspector.where": "Hop {number} of {total} · {place} · {time}",
  "inspector.installed": "installed by {actor}",
  "inspector.installedWhy": "installed by {actor}: {detail}",
  "author.kernel": "the kernel",
  "author.scenario": "the scenario",
  "detail.address": "it follows from an address",
  "detail.frame": "learnt from a frame",
  "detail.tunnel": "learnt from a frame in the tunnel",
  "detail.arp": "learnt by ARP",
  "detail.ndp": "learnt by neighbour discovery",
  "detail.bridge": "the bridge's own address",
  "detail.port": "the port's own address",
  "detail.state": "it was asked whether it is still there",
  "detail.advertisement": "from a router advertisement",
  "inspector.learnt": "learnt by the kernel",
  "inspector.install": "typed, it would be",
  "inspector.check": "check on a real machine",
  "inspector.copy": "Copy",
  "inspector.copied": "Copied",
  "inspector.try": "What to try",
  "inspector.frame": "The frame now · {length} bytes",
  "inspector.frameGrown": "The frame now · {length} bytes, {grown}",
  "inspector.new": "{count} new",
  "inspector.gone": "{count} fewer",
  "inspector.bytes": "Bytes",
  "inspector.field": "{label}: {value}, bytes {from} to {to}",
  "inspector.was": "before: {value}",
  "inspector.newLayer": "new",
  "inspector.steps": "In this hop",
  "inspector.moment": "as it stands at hop {number}",
  "inspector.now": "as it stands now",
  "inspector.changed": "changed by the last hop",
  "inspector.used": "just used",
  "inspector.none": "empty",
  "fact.mac": "MAC",
  "fact.mtu": "MTU",
  "fact.state": "State",
  "fact.master": "Port of",
  "fact.peer": "Other end",
  "fact.vxlan": "VXLAN",
  "fact.hairpin": "Hairpin",
  "fact.containers": "Containers",
  "fact.on": "on",
  "fact.up": "up",
  "fact.down": "down",
  "tone.app": "program",
  "tone.transport": "UDP, ICMP",
  "tone.l3": "IP",
  "tone.l2": "Ethernet",
  "tone.tunnel": "tunnel",
  "tone.nat": "NAT",
  "tone.wire": "wire",
  "tone.drop": "drop",
  "build.needs.cluster": "This needs a cluster: put a node on the board first.",
  "build.needs.docker": "This needs a machine with Docker: put a Docker host on the board first.",
  "build.needs.ends":
    "A cable joins namespaces and bridges with each other, two machines, or a machine or node with a switch.",
  "build.gone": "It is not there any more.",
  "build.last.node": "A cluster keeps at least one control plane.",
  "build.carries.nodes": "The cluster's nodes are plugged into {name}: it stays.",
  "build.whole.cluster": "Take the nodes away one by one, or open an empty board.",
  "build.copy.nothing": "Only API objects can be copied.",
  "build.connect": "Choose the other end of the cable that begins at {name}. Escape cancels.",
  "copy.more": "… and {count} more",
  "copy.title": "Copies on their own way ({count})",
  "copy.title.fragment": "Pieces on their own way ({count})",
  "copy.unwanted": "{place}: not for it, thrown away",
  "copy.taken": "{place}: takes it",
  "copy.lost": "{place}: lost, {reason}",
  "copy.merged": "{place}: put together again with the others",
  "copy.going": "{place}: still on its way",
  "copy.sign.unwanted": "not for me",
  "copy.sign.lost": "lost: {reason}",
  "copy.badge.copy": "1 → {count} copies",
  "copy.badge.fragment": "cut into {count} pieces",
  "copy.over": "Copies that end here: {count}.",
  "copy.told": "{count} copies go elsewhere.",
  "hook.refused": "{hook}: a rule refuses the packet",
  "hook.refused.why":
    "The rules of {hook} are asked in their order. The last one that matched ends the packet's way here.",

  "rules.member": "found in the set {set} ({of} entries): {text}",
  "helper.markMasq":
    "{chain} only writes a mark. POSTROUTING sees it later and masquerades the packet, so that the answer comes back through this node.",
  "helper.external":
    "{chain} is for traffic from outside the cluster: it decides whether the source must be masqueraded.",
  "helper.external.marked":
    "{chain} is for traffic from outside the cluster: it has the packet marked first, and at POSTROUTING this node's address will take the place of the sender's, so that the answer comes back through here.",
  "helper.local":
    "{chain}: externalTrafficPolicy is Local. Only endpoints on this node count, and the sender's address stays as it is.",
  "helper.nodePort":
    "{chain} looks for a NodePort: traffic to the node's own address, at a port that a Service has there.",
  "helper.forward": "{chain} lets through what a Service's rules have already decided about.",
  "helper.firewall": "{chain} throws away what tries to reach loopback addresses from outside.",
  "helper.dockerUser":
    "{chain} is the place that Docker leaves for your own rules: it is asked before Docker's.",
  "helper.flannelFwd":
    "{chain}: flanneld lets the pods' network through, whatever the policy of FORWARD says.",
  "helper.flannelMasq":
    "{chain}: flanneld's rules for masquerading. Between pods addresses stay; what leaves the pods' network gets the node's.",
  "helper.postrouting":
    "{chain} masquerades packets that carry kube-proxy's mark; the others go on as they are.",

  "ticket.title": "conntrack {protocol}",
  "ticket.original": "there",
  "ticket.reply": "back",
  "ticket.undo": "un-NAT",
  "ticket.nat": "NAT",
  "ticket.new": "not yet in the table",
  "ticket.label": "conntrack entry of {place}",
} as const satisfies Record<string, string>;
