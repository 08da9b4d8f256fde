import type { enWhy } from "./en-why.ts";

/** 关于 IPVS、网络策略、拒绝与辅助链的说明。 */
export const zhWhy: Readonly<Record<keyof typeof enWhy, string>> = {
  "ipvs.there": "IPVS 把 {before} 转给一台真实服务器：{after}",
  "ipvs.there.why":
    "{name} 是本机内核中的一个 IPVS 虚拟服务，调度算法 {scheduler} 选中了它的一台真实服务器。IPVS 挂在 INPUT 上：这个地址配在 kube-ipvs0 设备上，所以数据包像发给本机那样上来，现在又被送出去。",
  "ipvs.back": "IPVS 把回答改回 Service 的地址：{before} 变成 {after}",
  "ipvs.back.why":
    "回答来自真实服务器 {before}，而客户端问的是 {after}。IPVS 记得这条连接，把去程时的改写还原。",
  "route.virtual.why":
    "{dst} 是一个 Service 的地址，kube-proxy 把它配在了 dummy 设备 kube-ipvs0 上。因此数据包被当作发给 {place} 自己的，上行到 INPUT，IPVS 就在那里等着。",
  "table.ipvs": "{of} 的真实服务器",
  "column.server": "真实服务器",
  "column.weight": "权重",

  "reject.icmp": "发送方立刻得到通知（{kind}）：程序报告“{error}”，不必等到超时。",
  "reject.reset": "发送方立刻收到一个 TCP {kind}：程序报告“{error}”。",
  "drop.silent": "什么也不回：发送方只能一直等到超时。",
  "policy.one.ingress":
    "{pod} 被 NetworkPolicy {policies} 选中，而它的入站规则没有一条放行来自 {src} 的这个数据包。{plugin} 已在 {place} 上把策略写成了规则。",
  "policy.one.egress":
    "{pod} 被 NetworkPolicy {policies} 选中，而它的出站规则没有一条放行去往 {dst} 的这个数据包。{plugin} 已在 {place} 上把策略写成了规则。",
  "policy.many.ingress":
    "{pod} 被多个 NetworkPolicy 选中：{policies}。只要其中一个允许就能通过，但没有一个放行来自 {src} 的这个数据包。{plugin} 已在 {place} 上把它们写成了规则。",
  "policy.many.egress":
    "{pod} 被多个 NetworkPolicy 选中：{policies}。只要其中一个允许就能通过，但没有一个放行去往 {dst} 的这个数据包。{plugin} 已在 {place} 上把它们写成了规则。",
  "policy.none.ingress":
    "{plugin} 为 {pod} 写的规则拒绝进来的流量：这个 Pod 被隔离，没有规则允许来自 {src} 的这个数据包。",
  "policy.none.egress":
    "{plugin} 为 {pod} 写的规则拒绝出去的流量：这个 Pod 被隔离，没有规则允许去往 {dst} 的这个数据包。",
  "policy.deny.ingress":
    "策略 {policies} 有一条动作为 Deny 的入站规则，来自 {src} 的这个数据包正好匹配，后面的规则就不再问了。{plugin} 已在 {place} 上把策略写成了规则。",
  "policy.deny.egress":
    "策略 {policies} 有一条动作为 Deny 的出站规则，去往 {dst} 的这个数据包正好匹配，后面的规则就不再问了。{plugin} 已在 {place} 上把策略写成了规则。",
  "policy.deny.try":
    "在拒绝它的规则之前放一条动作为 Allow 的规则，或者在 {policies} 之前放一个 order 更小的策略。",
  "policy.program.ingress":
    "有 NetworkPolicy 选中了 Pod {dst}。对这样的 Pod，{place} 上的 {plugin} 从队列 {chain} 里亲自查看每条流的第一个数据包：没有入站规则放行来自 {src} 的这一个，程序的裁决是丢弃。",
  "policy.program.egress":
    "有 NetworkPolicy 选中了 Pod {src}。对这样的 Pod，{place} 上的 {plugin} 从队列 {chain} 里亲自查看每条流的第一个数据包：发送方没有出站规则、或接收方没有入站规则放行去往 {dst} 的这一个，程序的裁决是丢弃。",
  "drop.queue": "一条规则把数据包交给了读取队列 {chain} 的程序，程序的裁决是丢弃。",
  "drop.queue.try": "去问那个程序：看它的日志，或看它属于谁。",
  "policy.try":
    "把双方的标签和端口同 {policies} 的规则对照，补上一条放行的规则。kubectl describe 会说明每条规则的含义。",
  "policy.none.try": "列出该命名空间的策略：kubectl get networkpolicy -A。",
  "policy.rejected": "NetworkPolicy {policy} 不允许这个数据包：{place} 拒绝了它",
  "policy.dropped": "NetworkPolicy {policy} 不允许这个数据包：{place} 丢弃了它",
  "badge.policy": "被拒：{policy}",
  "lost.policy": "原因是 NetworkPolicy {policy}，{chain} 的第 {number} 条规则",
  "drop.qdisc":
    "{dev} 的队列规则丢弃了这个数据包：netem 是故意丢的，tbf 等则是队列满了才丢。谁也不会收到通知，发送方只能从等不到应答中察觉。",
  "drop.qdisc.try": "用 tc -s qdisc show dev {dev} 看队列的计数；tc qdisc del dev {dev} root 可以去掉丢包。",
  "legend.colours": "每一层一种颜色，在令牌、设备、时间线和字节上都一样：",
  "legend.token": "数据包：每个首部一条色带，内层缩进",
  "legend.stitched": "缝线边框是一个网络命名空间",
  "legend.pause": "pause 守住 Pod 的命名空间",
  "legend.walked": "走过的路，去程",
  "legend.back": "走过的路，回程",
  "legend.tunnel": "隧道：真实路径之外的想法",
  "legend.service": "Service：每个节点上的规则，自己没有盒子",
  "legend.lost": "丢失的数据包",
  "legend.keys":
    "按键：← → 单步，加 Shift 到下一个地方，空格播放，Ctrl-F 查找，F1 图例，F2 重命名所选，F7 在焦点或数据包所在处抓包，F8 在那里打开终端，F9 重置，Shift-F10 可以弄坏什么。",
  "copy.title": "走自己路的副本（{count} 个）",
  "copy.title.fragment": "走自己路的分片（{count} 个）",
  "copy.unwanted": "{place}：不是给它的，丢弃",
  "copy.taken": "{place}：收下",
  "copy.lost": "{place}：丢失，{reason}",
  "copy.merged": "{place}：与其他分片重新组合",
  "copy.going": "{place}：仍在途中",
  "copy.sign.unwanted": "不是给我的",
  "copy.sign.lost": "丢失：{reason}",
  "copy.badge.copy": "1 → {count} 份",
  "copy.badge.fragment": "切成 {count} 片",
  "copy.told": "另有 {count} 个副本去了别处。",
  "hook.refused": "{hook}：有一条规则不让它通过",
  "hook.refused.why": "{hook} 的规则按顺序逐条询问。最后匹配的那一条让数据包的路到此为止。",

  "rules.member": "在集合 {set}（{of} 个成员）中找到：{text}",
  "helper.markMasq": "{chain} 只打一个标记。稍后 POSTROUTING 看到它就做 MASQUERADE，使回答经由本节点返回。",
  "helper.external": "{chain} 处理来自集群外部的流量：决定源地址是否要做 MASQUERADE。",
  "helper.nodePort": "{chain} 查找 NodePort：发往节点自身地址、且端口属于某个 Service 的流量。",
  "helper.forward": "{chain} 放行 Service 规则已经决定过的流量。",
  "helper.firewall": "{chain} 丢弃从外部访问环回地址的流量。",
  "helper.dockerUser": "{chain} 是 Docker 留给你自己写规则的地方：它先于 Docker 的规则被询问。",
  "helper.flannelFwd": "{chain}：不论 FORWARD 的默认策略是什么，flanneld 都放行 Pod 网络。",
  "helper.flannelMasq":
    "{chain}：flanneld 的 MASQUERADE 规则。Pod 之间地址不变；离开 Pod 网络的换成节点的地址。",
  "helper.postrouting": "{chain} 对带有 kube-proxy 标记的数据包做 MASQUERADE，其余原样通过。",

  "ticket.title": "conntrack {protocol}",
  "ticket.original": "去程",
  "ticket.reply": "回程",
  "ticket.undo": "还原 NAT",
  "ticket.nat": "NAT",
  "ticket.new": "尚未写入表中",
  "ticket.label": "{place} 的 conntrack 条目",
};
