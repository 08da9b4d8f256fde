import type { enFar } from "./en-far.ts";

/** 从远处看大型画板，以及在其中查找。 */
export const zhFar: Record<keyof typeof enFar, string> = {
  "far.label": "所有节点：方向键逐个移动，回车键靠近查看",
  "far.zone": "可用区 {name}",
  "far.switch": "连接在 {name} 上",
  "far.rest": "不属于任何可用区",
  "far.counts": "{nodes} 个节点，{pods} 个 Pod",
  "far.wrong.nodes": "{count} 个节点不可用",
  "far.wrong.pods": "{count} 个 Pod 未就绪",
  "far.ready": "就绪",
  "far.down": "未就绪",
  "far.tile": "{name}：{state}，{pods} 个 Pod 中 {ready} 个就绪",
  "far.asleep": "休眠中：在你走近或有数据包到来之前，它的 Pod 只由 API 得知",
  "far.chosen": "已选中",
  "far.pods": "个 Pod",
  "find.title": "查找节点、Pod 或地址",
  "find.hint": "名称或地址",
  "find.count": "{shown} / {count}",
  "find.more": "还有 {count} 个：请继续输入",
  "find.nothing": "画板上没有这个名称或地址。",
  "find.node": "节点",
  "find.pod": "{node} 上的 Pod",
  "find.switch": "交换机",
};
