"use strict";
(() => {
  const find = (id) => document.getElementById(id);
  const film = find("film");
  const timed = JSON.parse(find("timed").textContent);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  // A page that was opened from a folder may not load <track src>: the captions come with the page.
  const captions = film.addTextTrack("captions", timed.label, timed.language);
  timed.cues.forEach(([start, end, text]) => captions.addCue(new VTTCue(start, end, text)));
  captions.mode = "showing";
  const chapterTrack = film.addTextTrack("chapters", "", timed.language);
  timed.chapters.forEach(([start, end, title]) => chapterTrack.addCue(new VTTCue(start, end, title)));

  const seek = (seconds, play) => {
    film.currentTime = seconds;
    if (play) film.play().catch(() => {});
  };

  const bar = find("bar");
  const segments = timed.chapters.map(([start, end, title]) => {
    const segment = document.createElement("span");
    const played = document.createElement("i");
    segment.style.flexGrow = String(Math.max(end - start, 0.1));
    segment.title = title;
    segment.append(played);
    segment.addEventListener("click", (event) => {
      const box = segment.getBoundingClientRect();
      const share = (event.clientX - box.left) / box.width;
      const forward = getComputedStyle(segment).direction === "rtl" ? 1 - share : share;
      seek(start + forward * (end - start), !film.paused);
    });
    return { segment, played, start, end };
  });
  bar.append(...segments.map((each) => each.segment));

  const sentences = [...document.querySelectorAll(".sentence")];
  const starts = sentences.map((each) => Number(each.dataset.seconds));
  const chapters = [...document.querySelectorAll(".chapters button")];
  const chapterStarts = chapters.map((each) => Number(each.dataset.seconds));
  const spoken = find("spoken");
  const follow = find("follow");
  let currentSentence = -1;
  let currentChapter = -1;

  const lastBefore = (times, now) => {
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] <= now + 0.001) low = middle + 1; else high = middle;
    }
    return low - 1;
  };

  const marked = (items, before, after) => {
    if (before >= 0) items[before].removeAttribute("aria-current");
    if (after >= 0) items[after].setAttribute("aria-current", "true");
    return after;
  };

  const keepInView = (item) => {
    const box = item.getBoundingClientRect();
    const frame = spoken.getBoundingClientRect();
    if (box.top >= frame.top + 24 && box.bottom <= frame.bottom - 24) return;
    const top = spoken.scrollTop + box.top - frame.top - frame.height / 3;
    spoken.scrollTo({ top, behavior: calm.matches ? "auto" : "smooth" });
  };

  const update = () => {
    const now = film.currentTime;
    const sentence = lastBefore(starts, now);
    if (sentence !== currentSentence) {
      currentSentence = marked(sentences, currentSentence, sentence);
      if (sentence >= 0 && follow.checked && !spoken.contains(document.activeElement)) keepInView(sentences[sentence]);
    }
    const chapter = lastBefore(chapterStarts, now);
    if (chapter !== currentChapter) currentChapter = marked(chapters, currentChapter, chapter);
    segments.forEach(({ played, start, end }) => {
      played.style.width = `${100 * Math.min(1, Math.max(0, (now - start) / (end - start || 1)))}%`;
    });
  };
  film.addEventListener("timeupdate", update);
  film.addEventListener("seeking", update);

  document.addEventListener("click", (event) => {
    const target = event.target.closest("a[data-seconds], .chapters button");
    if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    seek(Number(target.dataset.seconds), true);
    if (!target.closest(".spoken")) film.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
  });

  const speed = find("speed");
  speed.addEventListener("change", () => { film.playbackRate = Number(speed.value); });
  film.addEventListener("ratechange", () => {
    if ([...speed.options].some((each) => Number(each.value) === film.playbackRate)) speed.value = String(film.playbackRate);
  });

  const large = find("large");
  const pictures = [...document.querySelectorAll(".enlarge")];
  let shown = 0;
  const enlarge = (index) => {
    shown = (index + pictures.length) % pictures.length;
    const picture = pictures[shown].querySelector("img");
    const caption = pictures[shown].closest("figure").querySelector("figcaption [dir]");
    find("large-title").textContent = caption.textContent;
    find("large-picture").src = picture.src;
    find("large-picture").alt = picture.alt;
    find("large-text").textContent = picture.alt;
    if (!large.open) large.showModal();
  };
  pictures.forEach((button, index) => button.addEventListener("click", () => enlarge(index)));
  find("large-close").addEventListener("click", () => large.close());
  find("large-previous").addEventListener("click", () => enlarge(shown - 1));
  find("large-next").addEventListener("click", () => enlarge(shown + 1));
  find("large-watch").addEventListener("click", () => {
    large.close();
    seek(Number(pictures[shown].dataset.seconds), true);
    film.scrollIntoView({ block: "nearest" });
  });
  large.addEventListener("click", (event) => { if (event.target === large) large.close(); });
  large.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) enlarge(shown + (getComputedStyle(large).direction === "rtl" ? -step : step));
  });

  const fromAddress = () => {
    const found = /^#t=([0-9]+(?:\.[0-9]+)?)$/.exec(location.hash);
    if (found) seek(Number(found[1]), false);
  };
  addEventListener("hashchange", fromAddress);
  fromAddress();
})();
