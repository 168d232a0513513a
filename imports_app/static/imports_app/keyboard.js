// What the theme opens on a click alone, a keyboard opens as well; what it leaves without
// a name gets one, and the names of icons are not read out.
"use strict";

const CLICKABLE = "[x-on\\:click]:not(button, input, select, textarea, [href])";

function reach(element) {
  if (!element.textContent.trim()) return; // a backdrop, which Escape closes
  element.setAttribute("role", "button");
  element.tabIndex = 0;
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    element.click();
  });
}

function silence(icon) {
  const holder = icon.closest("a, button, [role=button]") ?? icon;
  const isAlone = holder.textContent.trim() === icon.textContent.trim();
  if (icon !== holder && isAlone && !holder.title && !holder.ariaLabel) {
    holder.ariaLabel = document.getElementById("main").dataset.more; // actions behind "..."
  }
  if (icon !== holder || icon.matches("span:not([role])")) {
    icon.setAttribute("aria-hidden", "true");
  }
}

function nameSearch(box) {
  const select = box.closest(".select2").previousElementSibling;
  const [label] = select.labels;
  const shown = box.querySelector(".select2-selection__rendered");
  label.id ||= `${select.id}-label`;
  shown.setAttribute("aria-labelledby", label.id);
  box.setAttribute("aria-labelledby", `${label.id} ${shown.id}`);
}

function mend() {
  document.querySelectorAll(CLICKABLE).forEach(reach);
  document.querySelectorAll(".material-symbols-outlined").forEach(silence);
  document.querySelectorAll(".select2-selection").forEach(nameSearch);
}

// After what the theme and jQuery do once the page is there.
addEventListener("load", () => setTimeout(mend));
