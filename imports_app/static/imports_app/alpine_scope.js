// Alpine's CSP build has no access to global names. This file registers the globals that
// the theme's templates use as Alpine data.
"use strict";

document.addEventListener("alpine:init", () => {
  // Functions of the theme, defined by its own script.
  Alpine.data("theme", (...options) => theme(...options));
  Alpine.data("searchForm", () => searchForm());
  Alpine.data("searchCommand", () => searchCommand());

  Alpine.data("page", (firstTab = "") => ({
    activeTab: firstTab && (getCurrentTab() || firstTab),
    sidebarMobileOpen: false,
    sidebarDesktopOpen: localStorage.getItem("sidebarDesktopOpen") !== "0",

    // Only the location: links between pages keep the active tab.
    window: {
      location: {
        get pathname() { return location.pathname; },
        get search() { return location.search; },
        get hash() { return location.hash; },
        set href(url) { location.href = url; },
      },
    },

    init() {
      this.$watch("sidebarDesktopOpen", (isOpen) => {
        localStorage.setItem("sidebarDesktopOpen", isOpen ? "1" : "0");
      });
    },
    sortRecords(event) { sortRecords(event); },
    moveRecords(event) { return moveRecords(event); },
  }));

  Alpine.data("accountMenu", () => ({
    openUserLinks: false,
    close() {
      this.openUserLinks = false;
      this.$refs.account.focus();
    },
  }));
});
