// Refreshes an operation's page while it runs and opens confirmation dialogs.
(() => {
  "use strict";

  const LONGEST_PAUSE = 15000;
  const live = document.getElementById("live");
  const said = document.getElementById("live-said");
  const lost = document.getElementById("live-lost");
  const shown = new Map(); // last HTML from the server by section; scripts change the page
  let pause = Number(live.dataset.pace);
  let timer;

  function swap(section) {
    const old = document.getElementById(section.id);
    if (shown.get(section.id) === section.innerHTML) return;
    shown.set(section.id, section.innerHTML);
    const open = [...old.querySelectorAll("details[open]")].map((one) => one.id);
    const focused = old.contains(document.activeElement) ? focusOf(old) : null;
    old.replaceChildren(...section.childNodes);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (focused) old.querySelector(focused)?.focus({ preventScroll: true });
  }

  function focusOf(section) {
    const { id, tagName } = document.activeElement;
    const href = document.activeElement.getAttribute("href");
    if (id) return `#${CSS.escape(id)}`;
    return href ? `a[href="${CSS.escape(href)}"]` : tagName;
  }

  function show(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("live");
    if (!fresh) throw new Error("no such page"); // such as the login page
    for (const section of fresh.children) swap(section);
    for (const [name, value] of Object.entries(fresh.dataset)) live.dataset[name] = value;
    if (said.textContent !== live.dataset.said) said.textContent = live.dataset.said;
    document.title = live.dataset.title;
  }

  async function refresh() {
    try {
      const headers = { "If-None-Match": live.dataset.etag };
      const response = await fetch(live.dataset.url, {
        headers, cache: "no-store", signal: AbortSignal.timeout(10000),
      });
      if (response.status === 200) show(await response.text());
      else if (response.status !== 304) throw new Error(response.status);
      lost.hidden = true;
      pause = Number(live.dataset.pace);
    } catch {
      lost.hidden = false;
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
    schedule();
  }

  function schedule() {
    clearTimeout(timer);
    if (pause && !document.hidden) timer = setTimeout(refresh, pause);
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (pause && !document.hidden) refresh();
  });

  document.addEventListener("click", (event) => {
    const dialog = document.getElementById(event.target.closest("[data-opens]")?.dataset.opens);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
    }
    event.target.closest("[data-closes]")?.closest("dialog").close();
  });

  for (const section of live.children) shown.set(section.id, section.innerHTML);
  schedule();
})();
