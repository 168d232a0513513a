// Makes the theme's click-only elements work with the keyboard, adds missing accessible
// names and hides icons from screen readers.
"use strict";

const CLICKABLE = "[x-on\\:click]:not(button, input, select, textarea, [href])";

function makeFocusable(element) {
  if (!element.textContent.trim()) return; // a backdrop; Escape closes it
  element.setAttribute("role", "button");
  element.tabIndex = 0;
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    element.click();
  });
}

function hideIcon(icon) {
  const holder = icon.closest("a, button, [role=button]") ?? icon;
  const isAlone = holder.textContent.trim() === icon.textContent.trim();
  if (icon !== holder && isAlone && !holder.title && !holder.ariaLabel) {
    holder.ariaLabel = document.getElementById("main").dataset.more; // the "..." menu
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

function improveAccessibility() {
  document.querySelectorAll(CLICKABLE).forEach(makeFocusable);
  document.querySelectorAll(".material-symbols-outlined").forEach(hideIcon);
  document.querySelectorAll(".select2-selection").forEach(nameSearch);
}

// Runs after the load handlers of the theme and jQuery.
addEventListener("load", () => setTimeout(improveAccessibility));
