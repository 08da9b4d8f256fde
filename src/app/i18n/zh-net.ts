import type { enNet } from "./en-net.ts";

/** 规则、NAT、连接跟踪和会话。 */
export const zhNet: Readonly<Record<keyof typeof enNet, string>> = {
  "nat.service": "Service 的地址 {before} 变成 Pod 的地址：{after}",
  "nat.service.why":
    "没有哪台机器拥有地址 {before}。Service {service} 只是 kube-proxy 写在每个节点上的规则。{place} 是数据包遇到的第一个节点，所以就在这里选出一个端点，把它的地址写进数据包。",
  "nat.nodePort": "节点端口 {before} 变成 Pod 的地址：{after}",
  "nat.nodePort.why":
    "在每个节点上，节点自身地址的端口 {port} 都属于 Service {service}：这是 kube-proxy 写的规则规定的。被访问的节点是 {place}，所以就在这里选出一个端点，把它的地址写进数据包。",
  "nat.outer.why":
    "{before} 是 Service {service} 给外部访问者用的地址。每个节点上 kube-proxy 的规则都认识它，所以 {place} 不把数据包发往那里，而是自己选一个端点。",
  "nat.userspace": "发给 Service {before} 的流量被引到 kube-proxy 自己：{after}",
  "nat.userspace.why":
    "在这种模式下，规则并不选择 Pod。Service {service} 在每个节点上都对应 kube-proxy 的一个端口，这里是 {port}；kube-proxy 在那里接受连接，选出一个 Pod，再向它建立第二条连接。",
  "nat.dest": "{hook}：目的地址 {before} 变成 {after}",
  "nat.dest.why": "nat 表的一条规则改写了新连接的目的地址；conntrack 会记住它。",
  "nat.source": "{hook}：源地址 {before} 变成 {after}",
  "nat.source.why": "nat 表的一条规则改写了新连接的源地址；conntrack 会记住它。",
  "nat.masquerade.why":
    "这条规则做源地址伪装（MASQUERADE）：从这里起，数据包以 {place} 的名义发出，用的是出口设备的地址。这样回答会回到这里，再转换回去。",
  "nat.again": "{hook}：{before} 照旧变成 {after}",
  "nat.again.why":
    "nat 表只在连接的第一个数据包时查询。之后的每个数据包都由 conntrack 条目重复当时的决定，所以它们都到达同一个端点。",
  "nat.back": "按 conntrack 条目反向 NAT：{before} 变回 {after}",
  "nat.back.why":
    "回答来自 {before}，但客户端问的是 {after}，不认识前者。conntrack 条目把转换还原；不查任何规则。",
  "nat.back.dest.why": "回答发给了代替发送者的 {before}。conntrack 条目知道它该给谁：{after}。不查任何规则。",
  "nat.mark.why": "一条规则给数据包打上标记 {after}：这是留给本机后面规则的便条，不会发出去。",
  "hook.bridge.why":
    "数据包还在网桥 {dev} 里：br_netfilter 把它借给 IP 的钩子，因为 net.bridge.bridge-nf-call-iptables 是 1。",
  "deliver.tcp": "{place} 在端口 {port} 收到 {flags}",
  "tcp.syn.why": "有程序监听 TCP 端口 {port}，所以内核用 SYN, ACK 回答。程序稍后才知道。",
  "tcp.synack.why": "对方同意了。再来一个 ACK，连接在两边就都建立了。",
  "tcp.ack.why": "一个确认：它说明什么已经到达，别的什么都不带。",
  "tcp.data.why": "这些字节进入 {program} 的队列；内核对它们作确认。",
  "tcp.fin.why": "{src} 没有更多要说的了。连接的这个方向关闭。",
  "tcp.rst.why": "{src} 拒绝，或者放弃了：连接立刻消失。",

  "drop.rule": "规则 {text}（表 {table}，链中第 {number} 条）一声不响地丢弃了它。",
  "drop.reject": "规则 {text}（表 {table}，链中第 {number} 条）拒绝了数据包，并告诉发送者。",
  "drop.rule.try": "这条规则是 {actor} 写的。看看为什么；用 {command} 删除它，或者在它前面放一条接受的规则。",
  "drop.rule.typed.try": "这条规则是手工输入的。用 {command} 删除它，或者在它前面放一条接受的规则。",
  "drop.policy": "链里没有规则放行它，而表 {table} 中 {chain} 的默认策略是 DROP。",
  "drop.policy.try": "在 {chain} 里加一条接受这个数据包的规则，或把策略设为 ACCEPT。",
  "drop.rejected": "{place} 拒绝了数据包",
  "drop.endpoints":
    "Service {service} 没有端点：没有就绪的 Pod 符合它的选择器。kube-proxy 让数据包立刻被规则 {text} 拒绝。",
  "drop.local":
    "{service} 的 externalTrafficPolicy 为 Local，而 {place} 上没有它的 Pod：kube-proxy 让规则 {text} 把数据包丢弃。",
  "drop.local.try": "改访问运行着 {service} 的 Pod 的节点，或把它的 externalTrafficPolicy 设为 Cluster。",
  "drop.endpoints.try": "对照 Service 的选择器和 Pod 的标签，看 Pod 是否就绪：kubectl get endpointslices。",
  "badge.nat": "{before} → {after}",
  "badge.rule": "在 {chain} 被 DROP",
  "badge.reject": "在 {chain} 被 REJECT",
  "lost.title": "在 {place} 丢失",
  "lost.rule": "{chain} 的第 {number} 条规则：{text}",
  "lost.reason": "{reason}，在 {where} 中",

  "rules.title": "依次匹配的规则",
  "rules.service": "{actor}，为 Service {service}",
  "rules.policy": "链的默认策略",
  "rules.you": "手工输入",
  "rules.last": "最后决定",
  "flow.title": "conntrack 条目，{protocol}",
  "flow.original": "原始方向",
  "flow.reply": "应答方向",
  "flow.here": "这个数据包",
  "flow.new": "即将写入：条目在数据包的最后一个钩子处确认",
  "flow.translated": "已转换",
  "chains.title": "{of} 的 netfilter 规则",
  "chains.set": "{count} 个元素",
  "chains.more": "另有 {count} 个",
  "chains.count": "{packets} 个包",
  "chains.visited": "这一跳遇到",
  "chains.policy": "策略 {policy}",
  "table.conntrack": "{of} 的 conntrack",
  "table.socket": "{of} 的套接字",
  "table.xfrm.policy": "{of} 的 IPsec 策略",
  "table.xfrm.state": "{of} 的 IPsec 状态",
  "column.direction": "方向",
  "column.packets": "数据包",
  "column.protected": "由何保护",
  "column.spi": "SPI",
  "column.algorithm": "算法",
  "wrap.esp": "IPsec 把数据包装进 ESP",
  "unwrap.esp": "IPsec 从 ESP 中取出数据包",
  "wrap.esp.why":
    "{place} 的一条策略规定：这样的数据包只能在保护之下离开。SPI 为 {spi} 的状态持有密钥：{algorithm} 加密整个数据包，再由一个从 {local} 到 {remote} 的新数据包装着它走，多 {bytes} 字节。这里没有隧道设备；沿途谁也读不到、改不了里面的内容。",
  "wrap.esp.transport.why":
    "{place} 的一条策略规定：这样的数据包只能在保护之下离开。SPI 为 {spi} 的状态持有密钥：{algorithm} 保护 IP 头部之后的内容，IP 头部仍在最前面，多 {bytes} 字节。",
  "unwrap.esp.why":
    "SPI {spi} 指明了状态，{place} 与 {remote} 持有同样的密钥：校验值相符，说明途中没有被改动。去掉 {bytes} 字节后，里面的数据包从 {dev} 再次进入：在那里抓包能看到明文。",
  "unwrap.esp.transport.why":
    "SPI {spi} 指明了状态，{place} 与 {remote} 持有同样的密钥：校验值相符，说明途中没有被改动。去掉 {bytes} 字节后，数据包再走一遍 PREROUTING 和 INPUT。",
  "drop.xfrm.nostate":
    "有策略要求从 {src} 到 {dst} 的数据包受保护，却没有带密钥的状态可用。明文不许离开，于是数据包被吞掉，也不通知发送方。",
  "drop.xfrm.nostate.try": "密钥来自 charon 这样的密钥管理程序：看它的日志，再看 UDP 500 和 4500 能否通过。",
  "drop.xfrm.unknown": "保护这个数据包的状态 {place} 没有：这里谁也无法解密。",
  "drop.xfrm.unknown.try": "比较两端的 SPI；其中一端可能重新启动过，丢了密钥。",
  "drop.xfrm.replay": "这个数据包的序号已经见过，或者太旧：可能有人把它录下来又发了一遍。",
  "drop.xfrm.icv": "校验值不符：两端的密钥不同，或者数据包在途中被改动过。",
  "drop.xfrm.keys.try": "比较两端状态的密钥、算法和计数。",
  "drop.xfrm.policy":
    "数据包的形式不合 {place} 的策略：该受保护的却以明文到来，或者受过保护的在这里没有策略。",
  "drop.xfrm.policy.try": "看各个方向（in、fwd、out）要求什么，以及 /proc/net/xfrm_stat 里的计数。",
  "table.policy": "{of} 的路由规则",
  "column.protocol": "协议",
  "column.flow": "原始方向与应答方向",
  "column.program": "程序",
  "column.priority": "优先级",
  "column.action": "动作",
  "column.asked": "哪些数据包",

  "talk.label": "整个会话",
  "talk.turn": "{number}：{there}，回答是 {back}",
  "talk.alone": "{number}：{there}",
  "talk.unasked": "{number}：返回的 {back}",
  "talk.lost": "丢失",
};
