import type { enStory } from "./en-story.ts";

/** What is said about hops, in Simplified Chinese. */
export const zhStory: Record<keyof typeof enStory, string> = {
  send: "{place} 中的 {program} 发出数据包",
  "send.back": "{place} 中的 {program} 作出应答",
  "send.tcp": "{place} 的 TCP 发出 {flags}",
  "send.tcp.back": "{place} 的 TCP 以 {flags} 应答",
  "send.fin.why": "程序关闭了它的套接字。内核里的 TCP 告诉对方：{src} 不会再发数据了。",
  "send.why":
    "{program} 请自己网络命名空间的内核从 {src} 发往 {dst}。它只说目的地，不说怎么走：走哪条路由内核决定。",
  "echo.arrive": "回显请求到达 {place}",
  "echo.arrive.why":
    "{dst} 就是 {place} 的地址。ping 不需要任何程序监听：接收方网络命名空间里的内核自己作答。",
  "echo.answer": "{place} 应答 ping",
  "echo.answer.why":
    "内核生成回显应答：源和目的互换，现在由 {src} 发往 {dst}。它要一跳一跳地自己找到回去的路。",
  "send.tcp.why": "这是内核里的 TCP 为 {program} 的连接自己发的，从 {src} 到 {dst}：没有程序要求它。",
  consume: "{place} 处理完了这个数据包",
  "consume.why": "数据包完成了使命：由 {by} 接收。",
  "consume.tun": "{place} 中的一个程序从 tun 设备读出数据包",
  "consume.tun.why":
    "tun 设备后面没有网线，而是打开它的程序。程序把从 {src} 到 {dst} 的整个数据包当作数据读走，内核不再往下送：接下来怎么办由程序决定。",
  "send.tun": "{place} 中的一个程序把数据包写进 tun 设备",
  "send.tun.why":
    "对 {place} 的内核来说，从 {src} 到 {dst} 的数据包就像从网线上进来一样。从这里起它又走自己的路。",
  "consume.error": "{place} 得知数据包为何失败",
  "deliver.error": "{place} 中的 {program} 得知数据包为何失败",
  "error.why": "来自 {src} 的差错报文引用了失败的数据包。内核据此找到发送它的套接字，程序得到“{error}”。",
  "error.mtu.why":
    "{src} 说下一条链路最多只能通过 {mtu} 字节。内核为这个目的地记住它，从现在起发送更小的数据包。",
  "error.ttl.why":
    "{src} 说生存时间在它那里用完了。差错报文的源地址说明了是哪台路由器：traceroute 就是这样探路的。",
  "icmp.error": "{place} 向发送方报告问题",
  "icmp.error.why":
    "一个 ICMP 差错报文从 {src} 返回 {dst}，并引用出错数据包开头的若干字节，让发送方知道是哪一个包。",
  "icmp.error.self.why":
    "发送方就在本机：ICMP 差错报文经 lo 发往自己的地址 {dst}。它引用出错数据包开头的若干字节，内核据此找到发送它的程序。",
  "icmp.error.unseen.why":
    "一个 ICMP 报文返回发送方。它引用所涉数据包开头的若干字节，让发送方知道是哪一个包。",
  deliver: "{place} 中的 {program} 收到数据包",
  "deliver.back": "{place} 中的 {program} 等到了应答",
  "deliver.udp.why": "有一个套接字绑定在 UDP 端口 {port} 上等着它：数据报被放进该套接字的队列。",
  "deliver.icmp.why": "来自 {src} 的应答与 {program} 发出的请求相符，一次往返完成。",
  "deliver.tunnel": "隧道自己的 UDP 套接字收下它",
  "deliver.tunnel.why":
    "端口 {port} 属于内核的 VXLAN 代码，而不是某个程序。对主机来说，这只是从 {src} 到 {dst} 的普通 UDP 数据报。",

  "uplink.out": "帧经 {dev} 离开 {place}",
  "uplink.out.why":
    "下一跳是 {nexthop}，邻居表里有它的 MAC 地址 {mac}，于是写作帧的目的地址。{dev} 是一根网线的一端，另一端在 {peer}。",
  "uplink.in": "帧到达 {place}",
  "uplink.in.why":
    "{dev} 是网线在 {place} 这一端的接口。目的地址 {mac} 正是它自己的，所以收下帧并交给 IP 协议栈。",
  "cable.in": "{dev} 把帧从 {peer} 带出来",
  "cable.in.why":
    "{dev} 是 {peer} 那根网线的另一端，插在网桥 {bridge} 上，所以先由网桥看这个帧，然后才轮到 IP 协议栈。",
  "cable.in.routed": "{dev} 是 {peer} 那根网线的另一端，没有接在任何网桥上：帧直接进入 IP 协议栈。",
  "cable.out": "{bridge} 选择端口 {dev}",
  "port.out": "交换机把它转给 {peer}",
  "port.out.why": "{bridge} 的转发表认识 {mac}：上次见到它是在 {dev} 后面。帧只去那里，不去别处。",
  "port.flood.why": "{bridge} 不知道 {mac} 在哪里，于是向来路以外的每个端口各发一份，{dev} 是其中之一。",
  "port.broadcast.why": "{mac} 表示所有人：除来路以外每个端口都得到一份副本，{dev} 是其中之一。",
  "in.broadcast.why": "{mac} 表示所有人，所以 {dev} 也收下这个帧，由协议栈看是否与自己有关。",
  "port.in": "交换机收到 {peer} 的帧",
  "port.in.why":
    "它从接着 {peer} 的端口 {dev} 进来。交换机只看以太网：从 {src} 到 {mac} 的一个帧，里面包着什么与它无关。",
  "bridge.in": "{dev} 把帧向上交给 {place}",
  "bridge.in.why":
    "目的地址 {mac} 是网桥自己的地址，所以不转到别的端口，而是向上交，就像 {dev} 是主机的网卡一样。",
  "bridge.flood": "{dev} 把一份副本交给 {place}",
  "bridge.flood.why": "{mac} 表示所有人。网桥把帧复制到所有端口，也向上交给主机一份。",
  "bridge.out": "{place} 把帧送进 {dev}",
  "bridge.out.why":
    "{nexthop} 就在网桥自己的网络上。邻居表里有它的 MAC 地址 {mac}，以此为目的地址进入 {dev}。",
  "tunnel.out": "{dev} 接过数据包",
  "tunnel.out.why":
    "下一跳 {nexthop} 代表另一节点的隧道端点。{dev} 的邻居表给出它的 MAC 地址 {mac}：内层帧至此完整。",
  "tunnel.in": "内层帧从 {dev} 出来",
  "tunnel.in.why": "里面的帧就像 {dev} 刚从线上收到的一样。从这里起不再有隧道：只是一个发往 {mac} 的普通帧。",
  "nic.out": "{dev} 把帧送上线路",
  "nic.out.why": "{nexthop} 在同一链路上，邻居表里有它的 MAC 地址 {mac}，帧离开 {place}。",
  "nic.in": "{place} 在 {dev} 上收到帧",
  "nic.in.why": "目的地址 {mac} 是 {dev} 的地址，所以这个帧是给本机的，交给它的 IP 协议栈。",
  "out.plain.why": "{dev} 把帧发往 {mac}。",
  "lo.out": "帧进入 lo",
  "lo.out.why":
    "{place} 在和自己说话。lo 是环回设备：进去的帧马上在同一个命名空间里出来，不需要网线，也不需要 MAC 地址。",
  "lo.in": "帧又从 lo 出来",
  "lo.in.why": "进入 lo 的帧立刻被收下，收的就是发送它的那个协议栈。",
  "tunnel.out.ip.why":
    "{dev} 是 IP 数据包的隧道：里面没有以太网，所以不需要查 MAC 地址。数据包从 IP 首部开始原样送进去。",
  "tunnel.in.ip": "内层数据包从 {dev} 出来",
  "tunnel.in.ip.why":
    "里面的数据包就像 {dev} 刚刚收到的一样。从这里起不再有隧道：只是一个发往 {dst} 的普通数据包。",
  "arp.out.ask.why": "ARP 请求从 {dev} 发给链路上的所有人（{mac}）。",
  "arp.out.answer.why": "ARP 应答从 {dev} 只发给询问者 {mac}。",
  "arp.out.probe.why": "询问从 {dev} 发出，这次只发给已知的那个地址：{mac}。",

  "arp.ask": "{place} 询问：谁有 {asked}？",
  "arp.ask.why":
    "数据包要去 {asked}，但还不知道它的 MAC 地址。于是数据包等着，先向 {dev} 链路上的所有人发出 ARP 询问。",
  "arp.answer": "{own} 在 {mac}",
  "arp.answer.why": "{place} 拥有 {own}，只回答询问者，同时也记下了询问者的地址。",
  "arp.answer.proxy.why":
    "{place} 的任何设备上都没有 {own}。它仍然代为回答，因为开启了 proxy_arp，而且它自己知道去 {own} 的路由：询问者会把发往该地址的数据包都发到这个 MAC 地址，再由 {place} 路由转发。",
  "ndp.out.ask.why": "询问从 {dev} 发往 {mac}：这个组只有 IPv6 地址末尾与被询问地址相同的机器才会收听。",
  "ndp.out.answer.why": "邻居发现的应答从 {dev} 发给询问者 {mac}。",
  "ndp.ask.why":
    "数据包要去 {asked}，但还不知道它的 MAC 地址。IPv6 没有 ARP：由邻居发现用 ICMPv6 邻居请求来询问，数据包先等着。",
  "ndp.answer.why": "{place} 拥有 {own}，用邻居通告作答，同时也记下了询问者的地址。",
  "ndp.learn.why": "邻居发现说明 {own} 的地址是 {mac}。它被写进邻居表，等待的数据包可以继续走了。",
  "arp.ignore": "{place} 不回答这个询问",
  "arp.ignore.why":
    "{place} 没有 {asked}，所以保持沉默。它也不把询问者 {own} 写进邻居表：它没有什么要发给它。",
  "arp.learn": "{place} 学到一个地址",
  "arp.learn.why": "ARP 报文说明 {own} 的地址是 {mac}。它被写进邻居表，等待的数据包可以继续走了。",

  "route.forward": "{place} 把数据包路由到 {dev}",
  "route.out": "{place} 选定出口：{dev}",
  "route.outer": "隧道的数据包也需要自己的路由",
  "route.via.why": "与 {dst} 匹配的最长前缀是 {prefix}：经网关 {gateway}，从 {dev} 出去。",
  "route.default.why": "没有更精确的条目匹配 {dst}，于是走默认路由：经网关 {gateway}，从 {dev} 出去。",
  "route.onlink.why":
    "{dst} 属于 {prefix}，在 {dev} 上的 {gateway} 后面；“onlink”表示尽管没有相应地址，也认为网关就在这条链路上。",
  "route.link.why": "{dst} 属于 {prefix}，这个网络就在 {dev} 上，不需要网关。",
  "route.host.why": "{dst} 有一条专门的主机路由：它就在 {dev} 后面，不需要网关。",
  "route.outer.why": "这是本机上的第二次查找：第一次为里面的数据包，这一次为外面的数据包。",
  "route.group": "数据包是给 {place} 所在的组的",
  "route.group.why":
    "{dst} 是组播地址：收听它的机器都收下数据包，{place} 就是其一。只有在转发组播的地方，才会有副本继续走。",
  "in.group.why": "{mac} 是一个 IPv6 组：{dev} 收听它，因为自己有一个地址的末尾与之相同。",
  "route.local": "数据包就是给 {place} 的",
  "route.local.why":
    "{dst} 是这个命名空间自己的地址：最先查“local”表，里面有它。数据包向上交，而不是继续转发。",
  "route.local.typed.why":
    "{place} 没有任何设备配着 {dst}。有人把它写进了最先查询的“local”表，仅凭这一点它就算本机的地址。数据包向上交，而不是继续转发。",
  "route.none": "{place} 没有到 {dst} 的路由",
  "route.none.why": "路由表里没有条目覆盖 {dst}，也没有默认路由可用。",

  "hook.inner": "数据包经过 {hook}",
  "hook.outer": "外层数据包经过 {hook}",
  "hook.ttl": "FORWARD：准许通过，TTL {before} → {after}",
  "hook.ttl.why":
    "对这个数据包来说 {place} 是路由器：它既不是从这里发出的，也不是发给这里的。每个路由器都把生存时间减一。",
  "hook.PREROUTING.why":
    "路由决策之前，规则可以改写目的地址；Service 就是在这里换成真实地址的。这里没有规则这样做。",
  "hook.PREROUTING.plain.why": "路由决策之前，规则可以改写目的地址（DNAT）。这里没有规则这样做。",
  "hook.INPUT.why": "发给本机自己的数据包经过 INPUT。没有规则拒绝它。",
  "hook.FORWARD.why": "穿过本机的数据包经过 FORWARD；拒绝转发的策略会在这里拦住它。这里没有这样的规则。",
  "hook.forward.why": "拒绝转发的防火墙会在这里拦住它；这里没有这样的规则。",
  "hook.OUTPUT.why": "本机自己发出的数据包经过 OUTPUT。没有规则拒绝它。",
  "hook.POSTROUTING.why":
    "到达设备前的最后一站。这里可以改写源地址（地址伪装）。没有规则这样做：{src} 保持不变。",
  "hook.POSTROUTING.outer.why": "到达设备前的最后一站。这里可以改写源地址；隧道的源地址 {src} 保持不变。",
  "hook.outer.why": "这是包在外面、从节点到节点的数据包：{src} 到 {dst}。里面的那个只是它的内容。",
  "hook.port.why": "忘了放行隧道 UDP 端口的防火墙，正是在这里出错。",

  wrap: "{dev} 把帧封装进 UDP",
  "wrap.why":
    "{dev} 的转发表说 {mac} 在 {remote} 后面。于是整个帧装在发往端口 {port} 的 UDP 数据报里去那里，网络号 {vni}。",
  "wrap.ip": "{dev} 把数据包装进另一个数据包",
  "unwrap.ip": "{dev} 解开数据包的封装",
  "wrap.ip.why":
    "{dev} 是隧道：它在数据包外加上 {bytes} 字节的头部，从 {local} 发往 {remote}。沿途没有设备查看里面的内容。",
  "unwrap.ip.why":
    "数据包来自隧道 {dev} 的另一端 {remote}。去掉外层的 {bytes} 字节后，里面的包从 {dev} 进入。",
  unwrap: "{dev} 解开封装",
  "unwrap.why":
    "来自 {remote} 的数据报带着网络号 {vni}，正是 {dev} 的号码。去掉 {bytes} 字节的封装，里面的帧与另一节点发出时一模一样。",

  drop: "数据包在 {place} 被丢弃",
  "drop.where": "在 Linux 中由函数 {where} 丢弃，原因是 {reason}。",
  "drop.other": "内核放弃了这个数据包。",
  "drop.other.try": "查一查这个原因的名称，以及这个命名空间的计数器。",
  "drop.noroute": "这里没有到 {dst} 的路由：没有匹配的条目，连默认路由也没有。",
  "drop.noroute.try": "在 {place} 为 {dst} 添加路由。如果它是 Pod，请看网络插件是否还在该节点上运行。",
  "drop.blackhole": "有一条路由规定丢弃发往 {dst} 的数据包。",
  "drop.neigh": "没有人回答对下一跳的 ARP 询问，所以不知道帧该发给哪个地址。",
  "drop.neigh.try": "看看下一跳是否启用、是否在这条链路上、地址是否正确。",
  "drop.ttl": "生存时间减到了零：数据包经过了太多路由器。",
  "drop.ttl.try": "常见原因是两条路由互相指向对方。从这里起逐台检查路由。",
  "drop.ttl.trace.try":
    "traceroute 要的正是这个：它发出的数据包只能活 1、2、3……跳，谁丢弃了它，谁就用自己的地址报告。",
  "drop.forwarding": "{place} 不是路由器：数据包不是给它的，而 net.ipv4.ip_forward 为 0。",
  "drop.forwarding.try": "在需要转发的地方把 net.ipv4.ip_forward 设为 1。",
  "drop.netfilter": "一条防火墙规则丢弃了它。",
  "drop.netfilter.try": "列出规则和计数器，看看哪一条在增长。",
  "drop.nosocket": "没有程序监听这个端口。",
  "drop.nosocket.try": "看看 {place} 里哪些端口是打开的；关闭的端口会回答“端口不可达”。",
  "drop.nosocket.trace.try":
    "traceroute 要的正是这个：它故意选一个没有人监听的端口，收到“端口不可达”就知道数据包已经到达。",
  "drop.otherhost": "帧的目的地址是别的机器，所以这里忽略它。",
  "drop.otherhost.try": "对发给所有人的副本来说这是正常的。否则请比较邻居表里的 MAC 地址。",
  "drop.noremote": "隧道的转发表不知道这个地址在哪个节点后面。",
  "drop.noremote.try":
    "在有 flannel 的地方，flanneld 会为其他每个节点写一个条目：看看它是否在运行、是否看得到那个节点。手工添加用 bridge fdb append。",
  "drop.vni": "隧道数据包的网络号在这里没有对应的设备。",
  "drop.vni.try": "两端必须使用相同的 VNI。",
  "drop.rpfilter": "返回 {src} 的路会从另一个设备出去，反向路径过滤不允许这样。",
  "drop.rpfilter.try": "把这个设备的 rp_filter 设为 0 或 2，或者让路由对称。",
  "drop.toobig": "数据包比下一条链路允许的大，而且不许分片。",
  "drop.toobig.try": "比较沿途设备的 MTU；隧道要占用 50 字节。",
  "drop.down": "{dev} 已关闭。",
  "drop.down.try": "启用这个设备，以及线另一端的设备。",

  "badge.wrap": "+{bytes} 字节，已封装",
  "badge.unwrap": "−{bytes} 字节，已解封",
  "badge.ttl": "TTL {before} → {after}",
  "badge.drop": "丢弃：{reason}",

  "table.route": "{of} 的路由",
  "table.local": "{of} 自己的地址（local 表）",
  "table.neigh": "{of} 上的邻居",
  "table.fdb": "{of} 的转发表",
  "table.address": "{of} 的地址",
  "table.sysctl": "{of} 的设置",
  "column.to": "目的",
  "column.via": "经由",
  "column.dev": "设备",
  "column.address": "地址",
  "column.mac": "MAC",
  "column.state": "状态",
  "column.vtep": "所在节点",
  "column.port": "端口",
  "column.name": "名称",
  "column.value": "值",
};
