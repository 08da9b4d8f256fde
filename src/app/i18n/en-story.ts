/** What is said about hops, in English. Names in braces are filled in; they are set in the typeface of code. */
export const enStory = {
  send: "{program} in {place} sends a packet",
  "send.back": "{program} in {place} answers",
  "send.tcp": "TCP in {place} sends {flags}",
  "send.tcp.back": "TCP in {place} answers with {flags}",
  "send.fin.why":
    "The program has closed its socket. TCP in the kernel tells the other side: nothing more will come from {src}.",
  "send.why":
    "{program} asks the kernel of its own network namespace to send from {src} to {dst}. It says where to, never how: which way to take is the kernel's business.",
  "echo.arrive": "The echo request has arrived in {place}",
  "echo.arrive.why":
    "{dst} is an address of {place}. Nobody has to listen for a ping: the kernel answers it itself, in the receiver's network namespace.",
  "echo.answer": "{place} answers the ping",
  "echo.answer.why":
    "The kernel makes an echo reply: source and destination are swapped, {src} now writes to {dst}. It has to find its own way back, hop by hop.",
  "send.tcp.why":
    "TCP in the kernel sends this by itself, from {src} to {dst}, for the connection of {program}: no program asked for it.",
  consume: "{place} has done with the packet",
  "consume.why": "The packet did what it was sent for: {by} took it.",
  "consume.tun": "A program in {place} reads the packet from its tun device",
  "consume.tun.why":
    "Behind a tun device there is no wire but a program that has it open. It reads the whole packet from {src} to {dst} as data, and nothing in the kernel carries it further: what comes next is up to the program.",
  "send.tun": "A program in {place} writes the packet into its tun device",
  "send.tun.why":
    "To the kernel of {place} it is as if the packet from {src} to {dst} came in by a wire. From here it takes its own way again.",
  "consume.error": "{place} learns why its packet failed",
  "deliver.error": "{program} in {place} is told why its packet failed",
  "error.why":
    "The error from {src} quotes the packet that failed. By that the kernel finds the socket which sent it, and the program is told “{error}”.",
  "error.mtu.why":
    "{src} says that no more than {mtu} bytes fit through the next link. The kernel remembers this for the destination and sends smaller packets from now on.",
  "error.ttl.why":
    "{src} says that the time to live was used up there. The error's own source tells which router that was: so traceroute finds its way.",
  "icmp.error": "{place} reports a problem to the sender",
  "icmp.error.why":
    "An ICMP error goes from {src} back to {dst}. It quotes the first bytes of the packet that failed, so that the sender knows which one it was.",
  "icmp.error.self.why":
    "The sender is on this very machine: the ICMP error goes to its own address {dst} by way of lo. It quotes the first bytes of the packet that failed, so that the kernel finds the program that sent it.",
  "icmp.error.unseen.why":
    "An ICMP message goes back to the sender. It quotes the first bytes of the packet that it is about, so that the sender knows which one it was.",
  deliver: "{program} in {place} receives the packet",
  "deliver.back": "{program} in {place} gets its answer",
  "deliver.udp.why": "A socket bound to UDP port {port} waits for it: the datagram is put into its queue.",
  "deliver.icmp.why":
    "The reply from {src} matches the request that {program} sent. The round trip is complete.",
  "deliver.tunnel": "The tunnel's own UDP socket takes it",
  "deliver.tunnel.why":
    "Port {port} belongs to the kernel's VXLAN code, not to a program. To the host this is an ordinary UDP datagram from {src} to {dst}.",

  "uplink.out": "The frame leaves {place} by {dev}",
  "uplink.out.why":
    "The next hop is {nexthop}, and the neighbour table knows its MAC address: {mac}. That becomes the frame's destination. {dev} is one end of a cable; the other end is in {peer}.",
  "uplink.in": "The frame arrives in {place}",
  "uplink.in.why":
    "{dev} is the end of the cable in {place}. The destination {mac} is its own address, so the frame is accepted and handed to the IP stack.",
  "cable.in": "{dev} brings the frame out of {peer}",
  "cable.in.why":
    "{dev} is the other end of {peer}'s cable. It is plugged into the bridge {bridge}, so the bridge looks at the frame before any IP stack does.",
  "cable.in.routed":
    "{dev} is the other end of {peer}'s cable. It is in no bridge: the frame goes straight up into the IP stack.",
  "cable.out": "{bridge} picks the port {dev}",
  "port.out": "The switch sends it on to {peer}",
  "port.out.why":
    "The forwarding database of {bridge} knows {mac}: it was last seen behind {dev}. The frame goes there, and nowhere else.",
  "port.flood.why":
    "{bridge} does not know where {mac} is, so a copy goes to every port except the one it came from. {dev} is one of them.",
  "port.broadcast.why":
    "{mac} means everybody: a copy goes to every port except the one it came from. {dev} is one of them.",
  "in.broadcast.why":
    "{mac} means everybody, so {dev} accepts the frame too; the stack looks whether it is concerned.",
  "port.in": "The switch hears {peer}",
  "port.in.why":
    "It comes in at the port {dev}, into which {peer} is plugged. The switch sees only Ethernet: a frame from {src} to {mac}. What is wrapped inside does not concern it.",
  "bridge.in": "{dev} hands the frame up into {place}",
  "bridge.in.why":
    "The destination {mac} is the bridge's own address. So the frame is not sent to another port: it goes up, as if {dev} were the host's network card.",
  "bridge.flood": "{dev} takes a copy up into {place}",
  "bridge.flood.why":
    "{mac} means everybody. The bridge copies the frame to all its ports, and up into the host as well.",
  "bridge.out": "{place} sends the frame into {dev}",
  "bridge.out.why":
    "{nexthop} is on the bridge's own network. The neighbour table knows its MAC address, {mac}; with that as destination the frame enters {dev}.",
  "tunnel.out": "{dev} takes the packet",
  "tunnel.out.why":
    "The next hop {nexthop} stands for the other node's end of the tunnel. The neighbour table of {dev} gives its MAC address, {mac}: now the inner frame is complete.",
  "tunnel.in": "The inner frame comes out of {dev}",
  "tunnel.in.why":
    "What was inside appears as if {dev} had just received it from a cable. From here on the tunnel is forgotten: an ordinary frame to {mac}.",
  "nic.out": "{dev} puts the frame on the wire",
  "nic.out.why":
    "{nexthop} is on the same link. The neighbour table knows its MAC address, {mac}, and the frame leaves {place}.",
  "nic.in": "{place} receives the frame on {dev}",
  "nic.in.why":
    "The destination {mac} is the address of {dev}, so the frame is for this machine and goes up into its IP stack.",
  "out.plain.why": "{dev} passes the frame on to {mac}.",
  "lo.out": "The frame goes into lo",
  "lo.out.why":
    "{place} speaks to itself. lo is the loopback device: what goes in comes out again in the same namespace, without a cable and without MAC addresses.",
  "lo.in": "The frame comes out of lo again",
  "lo.in.why": "What went into lo is received at once, by the stack that sent it.",
  "tunnel.out.ip.why":
    "{dev} is a tunnel for IP packets: there is no Ethernet inside it, so no MAC address is asked for. The packet goes in as it is, from its IP header on.",
  "tunnel.in.ip": "The inner packet comes out of {dev}",
  "tunnel.in.ip.why":
    "What was inside appears as if {dev} had just received it. From here on the tunnel is forgotten: an ordinary packet to {dst}.",
  "arp.out.ask.why": "The ARP question goes out of {dev} to everybody on the link, {mac}.",
  "arp.out.answer.why": "The ARP answer goes out of {dev} to the asker alone, {mac}.",
  "arp.out.probe.why": "The question goes out of {dev}, this time only to the address known so far: {mac}.",

  "arp.ask": "{place} asks: who has {asked}?",
  "arp.ask.why":
    "The packet has to go to {asked}, but no MAC address is known for it. So the packet waits, and an ARP question goes to everybody on the link of {dev}.",
  "arp.answer": "{own} is at {mac}",
  "arp.answer.why":
    "{place} owns {own} and answers the asker alone. It has also learnt the asker's own address on the way.",
  "arp.answer.proxy.why":
    "No device of {place} has {own}. It answers all the same, because proxy_arp is on and it knows a way to {own} itself: the asker will send its packets for it to this MAC address, and {place} routes them on.",
  "ndp.out.ask.why":
    "The question goes out of {dev} to {mac}: a group that only those hear whose IPv6 address ends like the one asked for.",
  "ndp.out.answer.why": "The answer of neighbour discovery goes out of {dev} to the asker, {mac}.",
  "ndp.ask.why":
    "The packet has to go to {asked}, but no MAC address is known for it. IPv6 has no ARP: neighbour discovery asks with an ICMPv6 neighbour solicitation, and the packet waits.",
  "ndp.answer.why":
    "{place} owns {own} and says so with a neighbour advertisement. It has also learnt the asker's own address on the way.",
  "ndp.learn.why":
    "Neighbour discovery tells that {own} is at {mac}. That goes into the neighbour table, and what waited for it can go on.",
  "arp.ignore": "{place} does not answer the question",
  "arp.ignore.why":
    "{place} does not have {asked}, so it keeps silent. Nor does it write the asker {own} into its neighbour table: it has nothing to send there.",
  "arp.learn": "{place} learns an address",
  "arp.learn.why":
    "The ARP packet tells that {own} is at {mac}. That goes into the neighbour table, and what waited for it can go on.",

  "route.forward": "{place} routes the packet to {dev}",
  "route.out": "{place} chooses the way out: {dev}",
  "route.outer": "The tunnel's packet needs a route of its own",
  "route.via.why":
    "The longest prefix that fits {dst} is {prefix}: by way of the gateway {gateway}, out of {dev}.",
  "route.default.why":
    "Nothing more precise fits {dst}, so the default route takes it: by way of the gateway {gateway}, out of {dev}.",
  "route.onlink.why":
    "{dst} lies in {prefix}, which is behind {gateway} on {dev}; “onlink” says that the gateway counts as reachable there although no address says so.",
  "route.link.why": "{dst} lies in {prefix}, a network that is directly on {dev}. No gateway is needed.",
  "route.host.why": "{dst} has a route of its own: it is right behind {dev}. No gateway is needed.",
  "route.outer.why":
    "This is the second lookup on this machine: first for the packet inside, now for the one around it.",
  "route.group": "The packet is for a group that {place} is in",
  "route.group.why":
    "{dst} is a multicast address: whoever listens to it takes the packet, and {place} does. A copy for others would go on only where somebody routes multicast.",
  "in.group.why":
    "{mac} is a group of IPv6: {dev} listens to it, because one of its own addresses ends like that.",
  "route.local": "The packet is for {place} itself",
  "route.local.why":
    "{dst} is an address of this very namespace: the table “local” is asked first, and it has it. The packet goes up, not on.",
  "route.local.typed.why":
    "No device of {place} has {dst}. Somebody has put it into the table “local”, which is asked first: that alone makes it this machine's own. The packet goes up, not on.",
  "route.none": "{place} has no route to {dst}",
  "route.none.why":
    "No entry of the routing table covers {dst}, and there is no default route to fall back on.",

  "hook.inner": "The packet passes {hook}",
  "hook.outer": "The outer packet passes {hook}",
  "hook.ttl": "FORWARD: the packet may pass, TTL {before} → {after}",
  "hook.ttl.why":
    "{place} is a router for this packet: it is neither from here nor for here. Every router lowers the time to live by one.",
  "hook.PREROUTING.why":
    "Before the routing decision rules can rewrite the destination; this is where Services get their real address. No rule does so here.",
  "hook.PREROUTING.plain.why":
    "Before the routing decision rules can rewrite the destination (DNAT). No rule does so here.",
  "hook.INPUT.why": "What is meant for this machine itself passes INPUT. No rule refuses it.",
  "hook.FORWARD.why":
    "What passes through this machine passes FORWARD; a policy that refuses to forward would stop it here. No rule does.",
  "hook.forward.why": "A firewall that refuses to forward would stop it here; no rule does.",
  "hook.OUTPUT.why": "What this machine sends itself passes OUTPUT. No rule refuses it.",
  "hook.POSTROUTING.why":
    "The last stop before a device. Here a source address could be rewritten (masquerade). No rule does so: {src} stays as it is.",
  "hook.POSTROUTING.outer.why":
    "The last stop before a device. Here a source address could be rewritten; that of the tunnel, {src}, stays.",
  "hook.outer.why":
    "This is the packet around the frame, from node to node: {src} to {dst}. The one inside is only its content.",
  "hook.port.why": "A firewall that forgets the tunnel's UDP port fails exactly here.",

  wrap: "{dev} wraps the frame in UDP",
  "wrap.why":
    "The forwarding database of {dev} says that {mac} lives behind {remote}. So the whole frame travels there inside a UDP datagram to port {port}, network {vni}.",
  "wrap.ip": "{dev} wraps the packet in another",
  "unwrap.ip": "{dev} unwraps the packet",
  "wrap.ip.why":
    "{dev} is a tunnel: it puts {bytes} bytes of headers around the packet and sends it from {local} to {remote}. On the way nobody looks inside.",
  "unwrap.ip.why":
    "The packet came from {remote}, the other end of {dev}. The outer {bytes} bytes are taken off, and what was inside comes in by {dev}.",
  unwrap: "{dev} unwraps the frame",
  "unwrap.why":
    "The datagram from {remote} carries network {vni}, and that is the number of {dev}. {bytes} bytes of wrapping come off; the frame inside is just as the other node made it.",

  drop: "The packet is dropped in {place}",
  "drop.where": "In Linux the function {where} does this, with the reason {reason}.",
  "drop.other": "The kernel gives up on this packet.",
  "drop.other.try": "Look up the reason's name, and the counters of this namespace.",
  "drop.noroute": "There is no route to {dst} here: no entry fits, not even a default route.",
  "drop.noroute.try":
    "Add a route for {dst} in {place}. If it is a pod, look whether the network plugin still runs on this node.",
  "drop.blackhole": "A route says that packets to {dst} are to be thrown away.",
  "drop.neigh":
    "Nobody answered the ARP question for the next hop, so there is no address to send the frame to.",
  "drop.neigh.try": "Look whether the next hop is up and on this link, and whether its address is right.",
  "drop.ttl": "The time to live has reached zero: the packet has been through too many routers.",
  "drop.ttl.try": "Two routes that point at each other are the usual cause. Follow the routes from here.",
  "drop.ttl.trace.try":
    "traceroute wants just this: its packets may live for 1, 2, 3 … hops, and whoever drops one reports with its own address.",
  "drop.forwarding": "{place} is not a router: the packet is not for it, and net.ipv4.ip_forward is 0.",
  "drop.forwarding.try": "Set net.ipv4.ip_forward to 1 where packets are to pass through.",
  "drop.netfilter": "A firewall rule drops it.",
  "drop.netfilter.try": "List the rules with their counters and look which one grows.",
  "drop.nosocket": "No program listens on this port.",
  "drop.nosocket.try":
    "Look which ports are open in {place}; a closed one is answered with “port unreachable”.",
  "drop.nosocket.trace.try":
    "traceroute wants just this: it chooses a port where nobody listens, and “port unreachable” tells it that the packet has arrived.",
  "drop.otherhost": "The frame's destination is some other machine's address, so this one ignores it.",
  "drop.otherhost.try":
    "That is normal for a copy that was sent to everybody. Else compare the MAC addresses in the neighbour table.",
  "drop.noremote": "The tunnel's forwarding database does not know behind which node this address is.",
  "drop.noremote.try":
    "Where flannel runs, flanneld writes one entry for each other node: look whether it runs and sees that node. By hand it is bridge fdb append.",
  "drop.vni": "A tunnel packet with a network number that no device here has.",
  "drop.vni.try": "Both ends must use the same VNI.",
  "drop.rpfilter":
    "The way back to {src} would leave by another device, and the reverse path filter refuses that.",
  "drop.rpfilter.try": "Set rp_filter to 0 or 2 on this device, or make the routes symmetric.",
  "drop.toobig": "The packet is larger than the next link allows, and it must not be cut in pieces.",
  "drop.toobig.try": "Compare the MTU of the devices on the way; a tunnel takes 50 bytes.",
  "drop.down": "{dev} is down.",
  "drop.down.try": "Set the device up, and the other end of its cable too.",

  "badge.wrap": "+{bytes} bytes, wrapped",
  "badge.unwrap": "−{bytes} bytes, unwrapped",
  "badge.ttl": "TTL {before} → {after}",
  "badge.drop": "dropped: {reason}",

  "table.route": "Routes of {of}",
  "table.local": "Own addresses of {of} (table local)",
  "table.neigh": "Neighbours on {of}",
  "table.fdb": "Forwarding database of {of}",
  "table.address": "Addresses of {of}",
  "table.sysctl": "Settings of {of}",
  "column.to": "To",
  "column.via": "Via",
  "column.dev": "Device",
  "column.address": "Address",
  "column.mac": "MAC",
  "column.state": "State",
  "column.vtep": "Behind node",
  "column.port": "Port",
  "column.name": "Name",
  "column.value": "Value",
} as const satisfies Record<string, string>;
