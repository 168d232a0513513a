// Redoc shows the logo of its maker from another server. Images of this server only.
(() => {
  "use strict";

  const { setAttribute } = Element.prototype;
  const source = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
  const isOwn = (address) => {
    const url = new URL(address, document.baseURI);
    return url.protocol === "data:" || url.origin === location.origin;
  };

  Element.prototype.setAttribute = function (name, value) {
    if (this instanceof HTMLImageElement && name === "src" && !isOwn(value)) return;
    setAttribute.call(this, name, value);
  };
  Object.defineProperty(HTMLImageElement.prototype, "src", {
    ...source,
    set(value) {
      if (isOwn(value)) source.set.call(this, value);
    },
  });
})();
