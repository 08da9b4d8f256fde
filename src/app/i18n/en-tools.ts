/** Terminal, capture and control plane, in English. */
export const enTools = {
  "dock.terminal": "Terminal",
  "dock.capture": "Capture",
  "dock.control": "Control plane",

  "terminal.first": "first machine",
  "terminal.screen": "Terminal on {place}",
  "terminal.tabs": "Open terminals",
  "terminal.open": "Open a terminal on",
  "terminal.new": "+ terminal on …",
  "terminal.close": "Close this terminal",
  "terminal.none": "No terminal is open. Choose where you want one.",
  "terminal.loading": "Fetching the terminal",
  "terminal.ended": "The shell has ended with status {status}.",
  "terminal.again": "Open it again",
  "terminal.keys": "F6 leaves the terminal · Ctrl-Shift-C copies · Ctrl-V pastes",
  "terminal.side": "Time, and the packets of your commands",
  "terminal.packetsOf": "Packets of",
  "terminal.noPackets":
    "Commands that send packets are listed here; each packet can be watched on the board.",
  "terminal.here": "Open a terminal here",

  "capture.here": "Capture on {device}",

  "clock.label": "The world's clock",
  "clock.pause": "Stop time",
  "clock.go": "Let time go on",
  "clock.now": "Seconds since the world began",
  "clock.speed": "Speed",
  "clock.runOn": "also at the prompt",
} as const;
