/** The page's whole life, as a person at a desk and one with a phone would lead it. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { CATALOGUE } from "./catalogue.js";
import { add, assertAccessible, deleteAll, eventually, launch, open, screenshot } from "./stack.js";

const INVALID = /status of 422/;
const AWAY = /ERR_FAILED|ERR_CONNECTION|status of 503/;

let browser;
before(async () => {
  await deleteAll();
  browser = await launch();
});
after(() => browser?.close());

const rows = (page) => page.getByRole("listitem").filter({ has: page.getByRole("heading", { level: 2 }) });
const names = (page) => page.locator(".row__name").allTextContents();
const focused = (page) => page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent);
const address = (page) => new URL(page.url()).pathname + new URL(page.url()).search;
const at = (page, expected) => eventually(() => address(page), (now) => now === expected, `address ${expected}`);

const apart = (boxes) =>
  boxes.every((a, i) =>
    boxes
      .slice(i + 1)
      .every((b) => a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y),
  );

describe("an empty stockroom", () => {
  test("says so, takes the first item, and names what is wrong with it", async () => {
    const { page, close } = await open(browser);
    await page.goto("/");
    await page.getByRole("heading", { name: "The shelves are empty" }).waitFor();
    await screenshot(page, "01-empty");
    await assertAccessible(page, "the empty list");

    await page.getByRole("button", { name: "Add the first item" }).click();
    await at(page, "/items/new");
    const dialog = page.getByRole("dialog", { name: "Add item" });
    await dialog.waitFor();
    assert.equal(await focused(page), "item-name");

    await dialog.getByLabel("Price").fill("twelve");
    await dialog.getByRole("button", { name: "Add item" }).click();
    await dialog.getByText("Give the item a name.").waitFor();
    await dialog.getByText("Give a price such as 12.50.").waitFor();
    await eventually(() => focused(page), (id) => id === "item-name", "focus on the first wrong field");
    assert.equal(await dialog.getByLabel("Name").getAttribute("aria-invalid"), "true");
    assert.equal(await dialog.getByLabel("In stock").getAttribute("aria-invalid"), "false");
    await screenshot(page, "02-invalid");
    await assertAccessible(page, "the form with errors");

    await dialog.getByLabel("Name").fill("n".repeat(121));
    await dialog.getByLabel("Price").fill("1,249.50");
    await dialog.getByRole("button", { name: "Add item" }).click();
    await dialog.getByText("Keep the name to 120 characters.").waitFor();

    await dialog.getByLabel("Name").fill("  Oak writing desk ");
    await dialog.getByLabel("Description").fill("Solid oak, hand-oiled.");
    await dialog.getByLabel("In stock").fill("7");
    await dialog.getByRole("button", { name: "Add item" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByText("“Oak writing desk” was added.").waitFor();
    await eventually(() => names(page), (all) => all.join() === "Oak writing desk", "the new row");
    assert.match(await rows(page).first().innerText(), /\$1,249\.50/);
    assert.match(await rows(page).first().innerText(), /7 in stock/);
    await at(page, "/");
    await screenshot(page, "03-added");
    await close([INVALID]);
  });

  test("is filled from the keyboard alone", async () => {
    const { page, close } = await open(browser);
    await page.goto("/");
    await rows(page).first().waitFor();
    await page.keyboard.press("Tab");
    assert.equal((await focused(page)).trim(), "Skip to content");
    await page.getByRole("button", { name: "Add item" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.type("Typed lamp");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.type("5");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await eventually(() => names(page), (all) => all[0] === "Typed lamp", "the new row");
    await eventually(() => focused(page), (text) => text === "Add item", "focus back on the button");
    await close();
  });
});

describe("a full stockroom", () => {
  before(async () => {
    await deleteAll();
    for (const item of CATALOGUE) await add(item);
  });

  test("is turned page by page, and the address says where one is", async () => {
    const { page, close } = await open(browser);
    await page.goto("/");
    await eventually(() => rows(page).count(), (count) => count === 10, "ten rows");
    await page.getByText("1–10 of 25").waitFor();
    await screenshot(page, "04-list");
    await assertAccessible(page, "the list");
    const first = await names(page);

    await page.getByRole("link", { name: "Next page" }).click();
    await at(page, "/?page=2");
    await page.getByText("11–20 of 25").waitFor();
    assert.equal(await page.getByRole("link", { name: "Page 2" }).getAttribute("aria-current"), "page");
    assert.ok((await names(page)).every((name) => !first.includes(name)));

    await page.getByRole("link", { name: "Page 3" }).click();
    await page.getByText("21–25 of 25").waitFor();
    await page.reload();
    await page.getByText("21–25 of 25").waitFor();
    await page.goBack();
    await page.getByText("11–20 of 25").waitFor();
    await page.goBack();
    await page.getByText("1–10 of 25").waitFor();

    await page.goto("/?page=999");
    await at(page, "/?page=3");
    await page.getByText("21–25 of 25").waitFor();
    await close();
  });

  test("is searched while one types", async () => {
    const { page, close } = await open(browser);
    await page.goto("/?page=2");
    await page.getByText("11–20 of 25").waitFor();
    const search = page.getByRole("searchbox", { name: "Search items" });
    await search.pressSequentially("LAMP", { delay: 10 });
    await at(page, "/?q=LAMP");
    await eventually(() => names(page), (all) => all.length > 0 && all.every((name) => /lamp/i.test(name)), "lamps");
    await page.getByRole("status").filter({ hasText: "found for “LAMP”" }).waitFor();
    await screenshot(page, "05-search");
    await page.reload();
    assert.equal(await search.inputValue(), "LAMP");

    await search.fill("100%_no such thing");
    await page.getByRole("heading", { name: "Nothing found for “100%_no such thing”" }).waitFor();
    await screenshot(page, "06-no-results");
    await assertAccessible(page, "a search without results");
    await page.getByRole("button", { name: "Show all items" }).click();
    await page.getByText("1–10 of 25").waitFor();
    assert.equal(await search.inputValue(), "");
    await at(page, "/");
    await close();
  });

  test("shows the answer to the last question, not to the slowest", async () => {
    const { page, close } = await open(browser);
    let release;
    const held = new Promise((resolve) => {
      release = resolve;
    });
    await page.route(/\/api\/items\?.*q=mug/, async (route) => {
      await held;
      await route.continue().catch(() => {});
    });
    await page.goto("/");
    await rows(page).first().waitFor();
    const search = page.getByRole("searchbox");
    const asked = page.waitForRequest(/q=mug/);
    await search.fill("mug");
    await asked;
    await search.fill("kettle");
    await eventually(() => names(page), (all) => all.length > 0 && all.every((name) => /kettle/i.test(name)), "kettles");
    release();
    await page.unrouteAll({ behavior: "wait" });
    assert.ok((await names(page)).every((name) => /kettle/i.test(name)));
    await close();
  });

  test("is edited, and unsaved words are not lost by accident", async () => {
    const { page, close } = await open(browser);
    await page.goto("/");
    await page.getByRole("button", { name: "Edit Oak writing desk", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Edit item" });
    assert.equal(await dialog.getByLabel("Price").inputValue(), "649.00");
    await dialog.getByLabel("Name").fill("Oak standing desk");
    await page.keyboard.press("Escape");
    await dialog.getByText("Discard your changes?").waitFor();
    await screenshot(page, "07-discard");
    await dialog.getByRole("button", { name: "Keep editing" }).click();
    assert.equal(await dialog.getByLabel("Name").inputValue(), "Oak standing desk");
    await dialog.getByLabel("In stock").fill("0");
    await screenshot(page, "08-edit");
    await assertAccessible(page, "the form");
    await dialog.getByRole("button", { name: "Save changes" }).click();
    await page.getByText("“Oak standing desk” was saved.").waitFor();
    await eventually(() => names(page), (all) => all.includes("Oak standing desk"), "the new name");
    assert.match(await rows(page).filter({ hasText: "Oak standing desk" }).innerText(), /Out of stock/);
    await page.reload();
    await page.getByRole("heading", { name: "Oak standing desk" }).waitFor();
    await close();
  });

  test("loses an item only when that is confirmed", async () => {
    const { page, close } = await open(browser);
    const sole = await add({ name: "Only for deleting", price_cents: 1 });
    await page.goto("/?q=only+for+deleting");
    const remove = page.getByRole("button", { name: "Delete Only for deleting" });
    await remove.click();
    const dialog = page.getByRole("alertdialog");
    await eventually(() => focused(page), (text) => text === "Cancel", "focus on the harmless button");
    await screenshot(page, "09-delete");
    await assertAccessible(page, "the question");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await eventually(
      () => page.evaluate(() => document.activeElement?.getAttribute("aria-label")),
      (label) => label === "Delete Only for deleting",
      "focus back on the button",
    );
    await remove.click();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await page.getByText("“Only for deleting” was deleted.").waitFor();
    await page.getByRole("heading", { name: /^Nothing found/ }).waitFor();
    await eventually(() => focused(page), (text) => text === "Items", "focus on the heading");
    const gone = await page.request.get(`/api/items/${sole.id}`);
    assert.equal(gone.status(), 404);
    await close();
  });

  test("goes to the page before when the last item of the last page is deleted", async () => {
    const { page, close } = await open(browser);
    await page.goto("/?page=3");
    for (let left = 5; left > 0; left -= 1) {
      await eventually(() => rows(page).count(), (count) => count === left, `${left} rows`);
      await rows(page).first().getByRole("button", { name: /^Delete/ }).click();
      await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
      await page.getByRole("alertdialog").waitFor({ state: "detached" });
    }
    await at(page, "/?page=2");
    await page.getByText("11–20 of 20").waitFor();
    await close();
  });
});

describe("when the API is away", () => {
  test("the page says so, and comes back", async () => {
    const { page, close } = await open(browser);
    await page.route("**/api/**", (route) => route.abort("connectionrefused"));
    await page.goto("/");
    await page.getByRole("heading", { name: "The items could not be loaded" }).waitFor();
    await screenshot(page, "10-error");
    await assertAccessible(page, "the error");
    await page.unrouteAll();
    await page.getByRole("button", { name: "Try again" }).click();
    await rows(page).first().waitFor();

    await page.route("**/api/**", (route) => route.fulfill({ status: 503, contentType: "text/html", body: "<h1>503</h1>" }));
    await page.getByRole("link", { name: "Next page" }).click();
    await page.getByText("This list may be out of date.").waitFor();
    assert.ok((await rows(page).count()) > 0, "the list stays");
    await screenshot(page, "11-stale");
    await assertAccessible(page, "the stale list");

    await page.getByRole("button", { name: "Add item" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Kept words");
    await dialog.getByLabel("Price").fill("1");
    await dialog.getByRole("button", { name: "Add item" }).click();
    await dialog.getByText("What you typed is still here.").waitFor();
    assert.equal(await dialog.getByLabel("Name").inputValue(), "Kept words");
    await page.unrouteAll();
    await dialog.getByRole("button", { name: "Add item" }).click();
    await page.getByText("“Kept words” was added.").waitFor();
    await page.getByText("This list may be out of date.").waitFor({ state: "detached" });
    await close([AWAY]);
  });
});

describe("addresses", () => {
  test("open where they point, typed, linked or reloaded", async () => {
    const { page, close } = await open(browser);
    const item = await add({ name: "Linked item", description: "Found by its address.", price_cents: 4200, quantity: 2 });
    assert.equal((await page.goto(`/items/${item.id}?q=nothing-matches-this`)).status(), 200);
    const dialog = page.getByRole("dialog", { name: "Edit item" });
    await eventually(() => dialog.getByLabel("Name").inputValue(), (name) => name === "Linked item", "the item");
    await page.reload();
    assert.equal(await dialog.getByLabel("Description").inputValue(), "Found by its address.");
    await dialog.getByRole("button", { name: "Close" }).click();
    await at(page, "/?q=nothing-matches-this");

    assert.equal((await page.goto("/items/new")).status(), 200);
    await page.getByRole("dialog", { name: "Add item" }).waitFor();
    assert.equal((await page.goto("/anything/at/all")).status(), 200);
    await page.getByRole("heading", { name: "There is no such page" }).waitFor();
    await page.getByRole("link", { name: "Go to the items" }).click();
    await rows(page).first().waitFor();

    await page.goto("/items/999999999");
    await page.getByRole("dialog").getByText("There is no such item.").waitFor();
    await close([/status of 404/]);
  });
});

describe("on a phone", () => {
  before(() => add({ name: "Everything at once ".repeat(6).trim(), description: "w".repeat(300), price_cents: 99_999_999, quantity: 1_000_000 }));

  for (const [width, height] of [
    [390, 844],
    [360, 640],
  ]) {
    test(`${width} by ${height}: nothing sticks out, everything can be tapped`, async () => {
      const { page, close } = await open(browser, { width, height, phone: true });
      await page.goto("/");
      await rows(page).first().waitFor();
      const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
      assert.ok(await fits(), "the list is wider than the phone");
      const small = await page.evaluate(() =>
        [...document.querySelectorAll("button, a:not(.skip), input")]
          .map((element) => [element.getAttribute("aria-label") ?? element.textContent, element.getBoundingClientRect()])
          .filter(([, box]) => box.width < 32 || box.height < 40)
          .map(([label]) => label),
      );
      assert.deepEqual(small, [], "too small to tap");
      for (const row of await rows(page).all()) {
        const boxes = await Promise.all([".row__price", ".stock", ".row__actions"].map((part) => row.locator(part).boundingBox()));
        assert.ok(apart(boxes), `parts lie upon each other in: ${await row.innerText()}`);
      }
      await screenshot(page, `12-phone-${width}`);
      await assertAccessible(page, "the list on a phone");
      await page.getByRole("button", { name: "Add item" }).tap();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("button", { name: "Add item" }).tap();
      await dialog.getByText("Give the item a name.").waitFor();
      assert.ok(await fits(), "the form is wider than the phone");
      await screenshot(page, `13-phone-form-${width}`);
      await dialog.getByRole("button", { name: "Cancel" }).tap();
      await dialog.waitFor({ state: "detached" });
      await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
      await screenshot(page, `14-phone-end-${width}`);
      await close([INVALID]);
    });
  }
});

describe("in the dark", () => {
  test("everything keeps its contrast", async () => {
    const { page, close } = await open(browser, { dark: true });
    await page.goto("/");
    await rows(page).first().waitFor();
    await screenshot(page, "15-dark");
    await assertAccessible(page, "the dark list");
    await page.getByRole("button", { name: "Add item" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Add item" }).click();
    await page.getByText("Give the item a price.").waitFor();
    await screenshot(page, "16-dark-form");
    await assertAccessible(page, "the dark form");
    await close([INVALID]);
  });
});
