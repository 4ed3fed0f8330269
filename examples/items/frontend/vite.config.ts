import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// In development and preview the API is asked for where API_URL says, so the page always
// speaks to its own origin.
const proxy = { "/api": { target: process.env.API_URL ?? "http://127.0.0.1:8000" } };

export default defineConfig({
  plugins: [react()],
  server: { host: "127.0.0.1", proxy },
  preview: { host: "127.0.0.1", proxy },
  build: { assetsInlineLimit: 0 },
});
