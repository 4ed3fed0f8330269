/** Numbers and times as people write and read them. */

const money = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
const whole = new Intl.NumberFormat("en-US");
const ago = new Intl.RelativeTimeFormat("en-US", { numeric: "auto" });
const day = new Intl.DateTimeFormat("en-US", { dateStyle: "medium" });
const moment = new Intl.DateTimeFormat("en-US", { dateStyle: "long", timeStyle: "short" });

export const formatPrice = (cents: number): string => money.format(cents / 100);
export const formatNumber = (number: number): string => whole.format(number);
export const formatMoment = (iso: string): string => moment.format(new Date(iso));

export function formatAgo(iso: string, now: number = Date.now()): string {
  const minutes = Math.round((new Date(iso).getTime() - now) / 60_000);
  if (minutes > -1) return "just now";
  if (minutes > -60) return ago.format(minutes, "minute");
  if (minutes > -60 * 24) return ago.format(Math.round(minutes / 60), "hour");
  if (minutes > -60 * 24 * 7) return ago.format(Math.round(minutes / 60 / 24), "day");
  return day.format(new Date(iso));
}

/** "1,234.50" → 123450; undefined where nothing was typed, null where it is no price. */
export function parsePrice(text: string): number | null | undefined {
  const bare = text.trim().replace(/^\$\s*/, "");
  if (bare === "") return undefined;
  const match = /^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?$/.exec(bare);
  if (match === null) return null;
  const [, dollars = "", cents = ""] = match;
  return Number(dollars.replaceAll(",", "")) * 100 + Number(cents.padEnd(2, "0"));
}

/** "1,200" → 1200; undefined where nothing was typed, null where it is no whole number. */
export function parseQuantity(text: string): number | null | undefined {
  const bare = text.trim();
  if (bare === "") return undefined;
  return /^(\d{1,3}(,\d{3})+|\d+)$/.test(bare) ? Number(bare.replaceAll(",", "")) : null;
}

export const priceField = (cents: number): string => (cents / 100).toFixed(2);
