// Formats sizes, rates and remaining times of an upload in the page's language.
"use strict";

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
}

// Same format as Django's filesizeformat.
function fileSize(bytes) {
  const units = ["bytes", "KB", "MB", "GB", "TB"];
  let power = 0;
  for (; bytes >= 1024 && power < units.length - 1; power += 1) bytes /= 1024;
  const digits = power ? 1 : 0;
  const number = bytes.toLocaleString(document.documentElement.lang, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return `${number}\u00a0${units[power]}`;
}

function timeLeft(seconds, texts) {
  if (seconds < 60) return fill(texts.seconds, { n: Math.max(1, Math.round(seconds)) });
  if (seconds < 5400) return fill(texts.minutes, { n: Math.round(seconds / 60) });
  return fill(texts.hours, { n: Math.round(seconds / 3600) });
}

// The rate over the last five seconds.
class Rate {
  #samples = [];

  add(bytes) {
    const now = performance.now();
    this.#samples.push([now, bytes]);
    while (this.#samples[0][0] < now - 5000) this.#samples.shift();
  }

  // Bytes per second; undefined until there are enough samples.
  get value() {
    const [start, before] = this.#samples[0];
    const [end, after] = this.#samples.at(-1);
    return end - start > 500 ? ((after - before) * 1000) / (end - start) : undefined;
  }
}
