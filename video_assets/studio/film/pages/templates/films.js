"use strict";
(() => {
  const find = (id) => document.getElementById(id);
  const STEP = 48;
  const [KEY, TITLE, LANGUAGE, SECONDS, MADE, STATE, WORDS, LINK, POSTER] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const { films: first, states } = JSON.parse(find("data").textContent);
  const plain = (text) => text.normalize("NFKD").replace(/\p{Mn}/gu, "").toLowerCase();
  const numbered = new Intl.Collator(undefined, { numeric: true });
  const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
  const attention = ["refused", "waiting", "stopped", "working"];
  const urgency = (film) => (attention.includes(film[STATE]) ? attention.indexOf(film[STATE]) : attention.length);
  const newest = (a, b) => b[MADE] - a[MADE] || numbered.compare(a[KEY], b[KEY]);
  const orders = {
    attention: (a, b) => urgency(a) - urgency(b) || newest(a, b),
    made: newest,
    title: (a, b) => numbered.compare(a[TITLE], b[TITLE]),
    seconds: (a, b) => b[SECONDS] - a[SECONDS],
  };
  const served = location.protocol.startsWith("http");
  let films = [];
  let texts = new Map();
  let matching = [];
  let shown = STEP;

  const languageName = (tag) => {
    try {
      return new Intl.DisplayNames(["en"], { type: "language" }).of(tag);
    } catch {
      return tag;
    }
  };

  const clock = (seconds) => {
    const whole = Math.floor(seconds);
    const two = (number) => String(number).padStart(2, "0");
    const minutes = Math.floor(whole / 60);
    return minutes < 60 ? `${minutes}:${two(whole % 60)}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
  };

  const make = (name, values = {}, ...children) => {
    const element = Object.assign(document.createElement(name), values);
    element.append(...children);
    return element;
  };

  const card = (film) => {
    const picture = film[POSTER]
      ? make("img", { className: "poster", src: film[POSTER], alt: "", loading: "lazy", decoding: "async" })
      : make("div", { className: "poster none" });
    const frame = make("div", { className: "frame" }, picture);
    if (film[SECONDS]) frame.append(make("span", { className: "length" }, clock(film[SECONDS])));
    const waits = served && film[STATE] === "waiting" ? `_/sections/${film[KEY]}/` : "";
    const link = waits || film[LINK];
    const title = link ? make("a", { href: link }, film[TITLE]) : make("span", {}, film[TITLE]);
    title.dir = "auto";
    if (film[LANGUAGE]) title.lang = film[LANGUAGE];
    const facts = [film[LANGUAGE] && languageName(film[LANGUAGE]), film[MADE] && day.format(film[MADE] * 1000)];
    const about = make("p", { className: "about" }, facts.filter(Boolean).join(" · "));
    const state = make("p", { className: `state ${film[STATE]}` }, states[film[STATE]]);
    const words = make("p", { className: "words" }, film[WORDS]);
    const parts = [frame, make("h2", {}, title), ...(about.textContent ? [about] : []), state, ...(film[WORDS] ? [words] : [])];
    return make("li", {}, make("article", {}, ...parts));
  };

  const draw = () => {
    find("films").replaceChildren(...matching.slice(0, shown).map(card));
    find("more").hidden = matching.length <= shown;
    const told = films.length
      ? `${matching.length} of ${films.length} ${films.length === 1 ? "film" : "films"}`
      : "There is no lesson yet. Put a lesson file into the folder data/lessons.";
    if (find("count").textContent !== told) find("count").textContent = told;
  };

  const search = () => {
    const wanted = plain(find("words").value).split(/\s+/u).filter(Boolean);
    const state = find("state").value;
    matching = films.filter((film) => (!state || film[STATE] === state) && wanted.every((word) => texts.get(film).includes(word)));
    draw();
  };

  const order = () => { films.sort(orders[find("order").value]); };

  const take = (listed) => {
    films = listed;
    order();  // once, as comparing ten thousand titles takes longer than searching them
    texts = new Map(films.map((film) => [film, plain(`${film[TITLE]} ${film[KEY]} ${film[LANGUAGE]} ${film[LANGUAGE] && languageName(film[LANGUAGE])} ${film[WORDS]}`)]));
    search();
  };

  const again = () => { shown = STEP; search(); };
  find("words").addEventListener("input", again);
  find("state").addEventListener("change", again);
  find("order").addEventListener("change", () => { order(); again(); });
  find("search").addEventListener("submit", (event) => event.preventDefault());
  find("more").addEventListener("click", () => {
    const before = shown;
    shown += STEP;
    draw();
    find("films").children[before].querySelector("a, h2")?.focus();
  });

  const refresh = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch("_/films.json", { headers: { "If-None-Match": tag } });
      if (answer.status !== 200) return;
      tag = answer.headers.get("ETag");
      const focused = document.activeElement?.closest?.("#films a")?.getAttribute("href");
      take(await answer.json());
      find("as-of").textContent = new Date().toLocaleString();
      if (focused) [...document.querySelectorAll("#films a")].find((each) => each.getAttribute("href") === focused)?.focus();
    } catch { /* the server was stopped: what is shown is as of the time above */ }
  };
  let tag = "";
  take(first);
  if (served) setInterval(refresh, 5000);
})();
