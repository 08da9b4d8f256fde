import type { enWork } from "./en-work.ts";

/** 关于场景文档的文字：图库、链接、保存。 */
export const zhWork: Record<keyof typeof enWork, string> = {
  "gallery.open": "场景",
  "present.start": "演示",
  "present.label": "大字号，只留白板和数据包",
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
  "share.open": "分享",
  "share.title": "分享这个场景",
  "share.text": "整个场景都在链接里 # 之后的部分。不上传任何内容：浏览器不会把这一部分发给任何服务器。",
  "share.moment": "打开时停在此刻：最近发送的数据包的第 {hop} 跳",
  "share.readonly": "只供观看，不带修改工具",
  "share.link": "链接",
  "share.length": "{length} 个字符",
  "share.long": "{length} 个字符：有些邮件和聊天程序会截断超过 8,000 个字符的链接，用文件更稳妥。",
  "share.frame": "嵌入您自己的网页",
  "share.file": "保存为文件",
  "share.place": "链接指定的时刻从 {place} 开始，但这里没有它。",
  "share.problem.gallery": "图库里没有名为 {id} 的场景。",
  "share.problem.link.mangled":
    "这个链接在传递途中损坏了，可能被截断。请再要一次链接，或索取文件。已打开的内容没有变动。",
  "share.problem.link.json": "这个链接里没有场景。已打开的内容没有变动。",
  "share.problem.link.shape": "这个链接里的内容不是场景（{detail}）。已打开的内容没有变动。",
  "share.problem.link.newer":
    "这个链接由另一个版本的 Flannelgraph 生成（格式 {detail}）。已打开的内容没有变动。",
  "share.problem.link.large": "这个链接解开后超过场景允许的大小，因此没有读取。已打开的内容没有变动。",
  "share.problem.file.mangled": "无法读取这个文件。已打开的内容没有变动。",
  "share.problem.file.json": "这个文件不是 JSON：{detail}。已打开的内容没有变动。",
  "share.problem.file.shape": "这个文件里没有场景（{detail}）。已打开的内容没有变动。",
  "share.problem.file.newer":
    "这个文件由另一个版本的 Flannelgraph 生成（版本 {detail}）。已打开的内容没有变动。",
  "share.problem.file.large": "这个文件超过场景允许的大小。已打开的内容没有变动。",
};
