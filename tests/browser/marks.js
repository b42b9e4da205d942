// Puts marks at the ends of what must stay on one page of paper: links, which a PDF knows by page. They move nothing.
// Returns for each of these what it is, its marks, and whether it is longer than a page of this height.
(height) => {
  let count = 0;
  const marked = (element, atEnd) => {
    const mark = document.createElement("a");
    mark.href = `http://mark.test/${++count}`;
    mark.textContent = ".";
    Object.assign(mark.style, { position: "absolute", font: "4px/1 monospace", color: "transparent" });
    if (atEnd) element.append(mark);
    else element.prepend(mark);
    return mark.href;
  };
  const shown = (element) => element.getClientRects().length > 0;
  const kept = (kind, element, marks) => ({ kind, text: element.textContent.trim().slice(0, 60), marks, long: element.offsetHeight > height });
  const kinds = {
    // A card of many findings may end between two of them.
    card: [...document.querySelectorAll(".card:not(table, :has(.find ~ .find ~ .find)), .find, .verdict, pre.code")],
    row: [...document.querySelectorAll("tbody tr")],
    heading: [...document.querySelectorAll("h2, h3, h4, thead tr")],
  };
  document.querySelectorAll("details").forEach((folded) => { folded.open = true; });
  const next = (heading) => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    walker.currentNode = heading.lastChild ?? heading;
    const follows = (node) => !heading.contains(node) && node.data.trim() && shown(node.parentElement) && !node.parentElement.closest(".chip, .unseen, summary, svg");
    for (let node = walker.nextNode(); node; node = walker.nextNode()) if (follows(node)) return node.parentElement;
    return heading;
  };
  return [
    ...kinds.card.filter(shown).map((card) => kept("card", card, [marked(card, false), marked(card, true)])),
    ...kinds.row.filter(shown).map((row) => kept("row", row, [...row.cells].flatMap((cell) => [marked(cell, false), marked(cell, true)]))),
    ...kinds.heading.filter(shown).map((heading) => {
      const [end, after] = [heading.localName === "tr" ? heading.cells[0] : heading, next(heading)];
      return kept("heading", heading, [marked(end, true), marked(after, false)]);
    }),
  ];
}
