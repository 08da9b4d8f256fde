import type { enTools } from "./en-tools.ts";

/** Terminal, capture and control plane, in Simplified Chinese. */
export const zhTools: Record<keyof typeof enTools, string> = {
  "dock.terminal": "终端",
  "dock.capture": "抓包",
  "dock.control": "控制平面",

  "terminal.first": "第一台机器",
  "terminal.screen": "{place} 上的终端",
  "terminal.tabs": "已打开的终端",
  "terminal.open": "在此处打开终端",
  "terminal.new": "+ 打开终端……",
  "terminal.close": "关闭这个终端",
  "terminal.none": "还没有打开终端。请选择一个位置。",
  "terminal.loading": "正在获取终端",
  "terminal.ended": "Shell 已结束，状态码 {status}。",
  "terminal.again": "重新打开",
  "terminal.keys": "F6 离开终端 · Ctrl-Shift-C 复制 · Ctrl-V 粘贴",
  "terminal.side": "时间，以及您的命令所发的数据包",
  "terminal.packetsOf": "数据包来自",
  "terminal.noPackets": "发送数据包的命令会列在这里；每个数据包都可以在板上观看。",
  "terminal.here": "在此打开终端",

  "capture.here": "在 {device} 上抓包",

  "clock.label": "世界时钟",
  "clock.pause": "停止时间",
  "clock.go": "让时间继续",
  "clock.now": "自世界开始以来的秒数",
  "clock.speed": "速度",
  "clock.runOn": "在提示符处也继续",
};
