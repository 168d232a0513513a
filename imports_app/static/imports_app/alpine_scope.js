// Alpine's build without eval finds names only in its own scopes and parses single
// expressions. Here is what the theme's templates take from the window otherwise.
"use strict";

document.addEventListener("alpine:init", () => {
  // The theme's functions, which exist once its own script has run.
  Alpine.data("theme", (...given) => theme(...given));
  Alpine.data("searchForm", () => searchForm());
  Alpine.data("searchCommand", () => searchCommand());

  Alpine.data("page", (firstTab = "") => ({
    activeTab: firstTab && (getCurrentTab() || firstTab),
    sidebarMobileOpen: false,
    sidebarDesktopOpen: localStorage.getItem("sidebarDesktopOpen") !== "0",

    // The address, and no more of the window: links between pages keep the tab.
    window: {
      location: {
        get pathname() { return location.pathname; },
        get search() { return location.search; },
        get hash() { return location.hash; },
        set href(address) { location.href = address; },
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
