// What scripts add to pages that work without them: live parts, the theme, buttons that copy.
"use strict";

// Parts with data-live="MILLISECONDS" are fetched again with their page and replaced where they changed. A page that
// leads elsewhere is followed; when no part is live any more, this ends.
const liveParts = () => [...document.querySelectorAll("[data-live]")];
const served = new WeakMap(); // a part as the server wrote it: scripts show buttons in it, readers open folds
const pauseOf = (parts) => Math.min(...parts.map((part) => Number(part.dataset.live)));

function keepAlive() {
  const parts = liveParts();
  for (const part of parts) served.set(part, part.outerHTML);
  if (parts.length) setTimeout(again, pauseOf(parts));
}

async function again() {
  const parts = liveParts();
  let pause = pauseOf(parts);
  if (!document.hidden) {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
      if (answer.redirected) return location.replace(answer.url);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!parts.every((part) => page.getElementById(part.id))) return location.reload();
      for (const part of parts) replacePart(part, page.getElementById(part.id));
      setConnection(true);
      if (!liveParts().length) return;
    } catch {
      setConnection(false);
      pause = Math.min(pause * 5, 10000);
    }
  }
  setTimeout(again, pause);
}

// What a reader opened stays open.
function replacePart(old, fresh) {
  const html = fresh.outerHTML;
  if (html === served.get(old)) return;
  served.set(fresh, html);
  for (const box of old.querySelectorAll("details[open][id]")) {
    const same = fresh.querySelector(`#${CSS.escape(box.id)}`);
    if (same) same.open = true;
  }
  showCopies(fresh);
  old.replaceWith(document.adoptNode(fresh));
}

function setConnection(works) {
  const notice = document.getElementById("connection");
  if (notice) notice.hidden = works;
}

function offerTheme() {
  const button = document.getElementById("theme");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    document.cookie = `tarazy_theme=${root.dataset.theme}; Path=/; Max-Age=31536000; SameSite=Lax`;
  });
}

function showCopies(part) {
  for (const button of part.querySelectorAll("button[data-copy]")) button.hidden = !navigator.clipboard;
}

function offerCopies() {
  showCopies(document);
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    const word = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => (button.textContent = word), 1200);
  });
}

// A link into a folded part opens it.
function openTarget() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  target.scrollIntoView();
}

keepAlive();
offerTheme();
offerCopies();
openTarget();
addEventListener("hashchange", openTarget);
