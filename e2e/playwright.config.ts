import { defineConfig } from "@playwright/test";
import { findChromium } from "./browser.mjs";

// Chosen once, then inherited by the workers, which read this file again: runs side by side do not meet.
const port = (process.env["FLANNELGRAPH_E2E_PORT"] ??= String(20_000 + (process.pid % 20_000)));
const origin = `http://127.0.0.1:${port}`;
const ci = process.env["CI"] !== undefined;

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.ts",
  outputDir: "../test-results/browser",
  forbidOnly: ci,
  fullyParallel: true,
  workers: 2,
  // A busy machine may take its time; a page that is wrong stays wrong.
  retries: ci ? 2 : 0,
  timeout: 90_000,
  reporter: [["list"], ["json", { outputFile: "../test-results/reports/browser.json" }]],
  use: {
    baseURL: origin,
    browserName: "chromium",
    viewport: { width: 1440, height: 900 },
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    video: "off",
    launchOptions: {
      ...(findChromium() !== undefined && { executablePath: findChromium() }),
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [{ name: "1440x900" }],
  webServer: {
    command: `node node_modules/vite/bin/vite.js preview --host 127.0.0.1 --port ${port} --strictPort`,
    cwd: "..",
    url: origin,
    reuseExistingServer: false,
  },
});
