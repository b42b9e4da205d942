// What is wrong with the layout of the page as it is now: sentences, none of them twice.
() => {
  const root = document.documentElement;
  const problems = new Set();
  if (root.scrollWidth > root.clientWidth + 1) problems.add(`the page scrolls sideways: ${root.scrollWidth} px`);

  const named = (element) => `${element.localName}.${[...element.classList].join(".")}`;
  const quoted = (text) => JSON.stringify(text.trim().slice(0, 40));
  const ancestors = function* (element) {
    for (let up = element; up && up !== document.body; up = up.parentElement) yield up;
  };
  const unseen = (element) =>
    !element.checkVisibility({ visibilityProperty: true }) ||
    [...ancestors(element)].some((up) => getComputedStyle(up).clipPath === "inset(50%)");

  const rects = (node, from, to) => {
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, to);
    return [...range.getClientRects()].filter((rect) => rect.width > 0.5 && rect.height > 0.5);
  };

  // A word may be broken only where what stands between two spaces is longer than most of the screen.
  const checkWords = (node, element) => {
    if (element.closest("svg")) return;
    for (const { 0: word, index } of node.data.matchAll(/[\p{L}\p{N}_]+/gu)) {
      const parts = rects(node, index, index + word.length);
      const lines = new Set(parts.map((rect) => Math.round(rect.top / 3)));
      if (lines.size < 2) continue;
      const start = node.data.slice(0, index).search(/\S*$/);
      const end = index + node.data.slice(index).search(/\s|$/);
      const width = rects(node, start, end).reduce((sum, rect) => sum + rect.width, 0);
      if (width < 0.6 * root.clientWidth) problems.add(`${quoted(word)} is broken in ${named(element)}`);
    }
  };

  // Whether a reader sees the edge of a box, so that text must stay within it.
  const edged = (box, style) =>
    ["td", "th", "main"].includes(box.localName) || style.backgroundColor !== "rgba(0, 0, 0, 0)" || parseFloat(style.borderLeftWidth) > 0;

  // The part of a line of text that can be seen, or null. What hides the rest is a problem unless it scrolls.
  const seen = (rect, text, element) => {
    let [left, right, top, bottom] = [rect.left, rect.right, rect.top, rect.bottom];
    for (const up of ancestors(element)) {
      const style = getComputedStyle(up);
      if (style.display === "inline" || style.display === "contents" || up.closest("svg")) continue;
      const box = up.getBoundingClientRect();
      const hides = style.overflowX !== "visible";
      const out = left < box.left - 1.5 || right > box.right + 1.5;
      const scrolls = hides && ["auto", "scroll"].includes(style.overflowX);
      if (out && scrolls && up.localName === "pre") problems.add(`${quoted(text)} is cut by ${named(up)}`);
      else if (out && !scrolls && (hides || edged(up, style))) problems.add(`${quoted(text)} sticks out of ${named(up)}`);
      if (hides && style.overflowY === "hidden" && bottom > box.bottom + 3) problems.add(`${quoted(text)} is cut by ${named(up)}`);
      if (hides) {
        [left, right] = [Math.max(left, box.left), Math.min(right, box.right)];
        [top, bottom] = [Math.max(top, box.top), Math.min(bottom, box.bottom)];
        if (left >= right || top >= bottom) return null;
      }
      if (style.position === "fixed") break;
    }
    // Lines may be closer than the font is high.
    const margin = 0.3 * (bottom - top);
    return { left, right, top: top + margin, bottom: bottom - margin, text };
  };

  const lines = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || element.closest("script,style,title,desc") || unseen(element)) continue;
    checkWords(node, element);
    for (const rect of rects(node, 0, node.data.length)) {
      const line = seen(rect, node.data, element);
      if (line) lines.push({ ...line, owner: node });
    }
  }
  for (const icon of document.querySelectorAll("svg.ic")) {
    if (!unseen(icon)) lines.push({ ...seen(icon.getBoundingClientRect(), "an icon", icon.parentElement), owner: icon });
  }

  lines.sort((one, other) => one.top - other.top);
  lines.forEach((line, at) => {
    for (let next = at + 1; next < lines.length && lines[next].top < line.bottom; next++) {
      const other = lines[next];
      const shared = Math.min(line.right, other.right) - Math.max(line.left, other.left);
      if (other.owner !== line.owner && shared > 2) problems.add(`${quoted(line.text)} lies over ${quoted(other.text)}`);
    }
  });
  return [...problems];
}
