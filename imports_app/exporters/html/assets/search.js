// Search over all messages. The index is in scripts, because a page that is opened from
// a disk can't fetch data.
"use strict";

const WORD_FILES = 256;
const MESSAGES = 500;
const SHOWN = 50;
const UNSPACED =
  "\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff";
const RUN = new RegExp(
  `[${UNSPACED}]+|(?:(?![${UNSPACED}])[\\p{L}\\p{N}])+`,
  "gu",
);
const IS_UNSPACED = new RegExp(`[${UNSPACED}]`, "u");

const loaded = new Map();
const values = { words: new Map(), messages: new Map() };
const form = document.getElementById("search");
const input = document.getElementById("words");
const state = document.getElementById("status");
const list = document.getElementById("results");
const more = document.getElementById("more");
let found = [];
let shown = 0;
let latest = 0;

// Called by the files of the index.
globalThis.archive = {
  words: (number, value) => values.words.set(number, value),
  messages: (number, value) => values.messages.set(number, value),
};

function load(kind, number) {
  const name = `search/${kind}-${number}.js`;
  if (!loaded.has(name)) {
    loaded.set(
      name,
      new Promise((resolve) => {
        const script = document.createElement("script");
        script.src = name;
        script.onload = script.onerror = resolve;
        document.head.append(script);
      }),
    );
  }
  return loaded.get(name).then(() => values[kind].get(number) ?? {});
}

function wordsOf(query) {
  const text = query
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replaceAll("ς", "σ")
    .normalize("NFKC");
  const words = new Set();
  for (const [run] of text.matchAll(RUN)) {
    const signs = [...run];
    if (!IS_UNSPACED.test(run) || signs.length === 1) {
      words.add(signs.slice(0, 64).join(""));
    } else {
      for (let at = 0; at + 1 < signs.length; at++) {
        words.add(signs[at] + signs[at + 1]);
      }
    }
  }
  return [...words];
}

function fileOf(word) {
  const [first, second] = [...word];
  return (
    (first.codePointAt(0) * 31 + (second ? second.codePointAt(0) : 0)) % WORD_FILES
  );
}

async function messagesWith(word) {
  const numbers = new Set();
  // Words are in files by their first two characters. A character of a script without
  // spaces may begin a word of any file; a single letter is a word only.
  const isPart = [...word].length === 1 && IS_UNSPACED.test(word);
  const isWhole = [...word].length === 1 && !isPart;
  const files = isPart ? [...Array(WORD_FILES).keys()] : [fileOf(word)];
  for (const file of files) {
    const index = await load("words", file);
    for (const [entry, steps] of Object.entries(index)) {
      if (isWhole ? entry === word : entry.startsWith(word)) {
        let number = 0;
        for (const step of steps) {
          number += step;
          numbers.add(number);
        }
      }
    }
  }
  return numbers;
}

function marked(text, words) {
  const parts = document.createDocumentFragment();
  const lower = text.toLowerCase();
  let end = 0;
  while (end < text.length) {
    let start = text.length;
    let length = 0;
    for (const word of words) {
      const at = lower.indexOf(word, end);
      if (at >= 0 && at < start) {
        start = at;
        length = word.length;
      }
    }
    parts.append(text.slice(end, start));
    if (length === 0) {
      break;
    }
    const mark = document.createElement("mark");
    mark.textContent = text.slice(start, start + length);
    parts.append(mark);
    end = start + length;
  }
  return parts;
}

async function show(words, search) {
  const page = found.slice(shown, shown + SHOWN);
  for (const number of page) {
    const messages = await load("messages", Math.floor(number / MESSAGES));
    if (search !== latest) {
      return;
    }
    const [address, room, author, time, text] = messages[number % MESSAGES];
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = address;
    link.textContent = `${room}, ${author}, ${time}`;
    const excerpt = document.createElement("p");
    excerpt.append(marked(text, words));
    item.append(link, excerpt);
    list.append(item);
  }
  shown += page.length;
  more.hidden = shown >= found.length;
  more.onclick = () => show(words, search);
}

async function run() {
  const search = ++latest;
  const words = wordsOf(input.value);
  list.replaceChildren();
  more.hidden = true;
  shown = 0;
  if (words.length === 0) {
    state.textContent = "Enter a word.";
    return;
  }
  state.textContent = "Searching…";
  const sets = [];
  for (const word of words) {
    sets.push(await messagesWith(word));
  }
  if (search !== latest) {
    return;
  }
  sets.sort((one, other) => one.size - other.size);
  const [first, ...others] = sets;
  found = [...first].filter((number) => others.every((set) => set.has(number)));
  found.sort((one, other) => one - other);
  const noun = found.length === 1 ? "message" : "messages";
  state.textContent = `${found.length.toLocaleString("en")} ${noun}`;
  await show(words, search);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
input.focus();
