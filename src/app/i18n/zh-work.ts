import type { enWork } from "./en-work.ts";

/** 关于场景文档的文字：图库、链接、保存。 */
export const zhWork: Record<keyof typeof enWork, string> = {
  "gallery.open": "场景",
  "probe.prepared": "{count} 个问题",
  "send.refused": "没有发出数据包：{message}",
  "probe.prepared.next": "下一个问题",
  "probe.prepared.first": "这个场景的第一个问题",
  "probe.gone": "{place} 那里没有能问这个问题的程序。",
  "present.start": "演示",
  "present.label": "大字号，只留画板和数据包",
  "edit.history": "编辑步骤",
  "edit.undo": "撤销",
  "edit.undo.label": "撤销（Ctrl-Z）",
  "edit.redo": "重做",
  "edit.redo.label": "重做（Ctrl-Shift-Z）",
  "work.rename": "重命名场景",
  "work.saving": "正在保存……",
  "work.saved": "已保存在本浏览器",
  "work.kept-here": "只在本页面打开期间保留",
  "work.failed": "未保存：浏览器拒绝存储",
  "work.forked": "另一个页面改动了同一个场景。两份都保留：您看到的这一份现在是独立的场景。",
  "present.previous": "上一个问题",
  "present.next": "下一个问题",
  "present.end": "结束演示",
  "present.out": "在 Flannelgraph 中打开",
  "share.open": "分享",
};
