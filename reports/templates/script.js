// Tables of more than ten rows can be sorted by a column, and filtered. Without this script they are whole and in order.
(() => {
  const tools = document.getElementById("table-tools");
  const { lang } = document.documentElement;
  const words = new Intl.Collator(lang, { numeric: true });
  const figure = (text) => parseFloat(text.replaceAll(",", ""));

  const compare = (one, other, numeric) => {
    if (!numeric) return words.compare(one, other);
    const [left, right] = [figure(one), figure(other)];
    // What is no number comes last.
    if (isNaN(left) || isNaN(right)) return isNaN(left) - isNaN(right);
    return left - right;
  };

  const addSorting = (table, rows) => {
    const headers = [...table.tHead.rows[0].cells];
    headers.forEach((header, column) => {
      if (header.classList.contains("files")) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...header.childNodes);
      header.append(button);
      button.addEventListener("click", () => {
        const direction = header.ariaSort === "ascending" ? -1 : 1;
        headers.forEach((other) => { other.ariaSort = null; });
        header.ariaSort = direction === 1 ? "ascending" : "descending";
        const text = (row) => row.cells[column].textContent.trim();
        const numeric = header.classList.contains("num");
        rows.sort((one, other) => direction * compare(text(one), text(other), numeric));
        table.tBodies[0].append(...rows);
      });
    });
  };

  const addFilter = (table, rows) => {
    const added = tools.content.cloneNode(true);
    const [input, output] = [added.querySelector("input"), added.querySelector("output")];
    const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    const show = () => {
      const wanted = input.value.trim().toLowerCase();
      rows.forEach((row) => { row.hidden = !texts.get(row).includes(wanted); });
      const count = rows.filter((row) => !row.hidden).length;
      output.value = tools.dataset.count
        .replace("{shown}", count.toLocaleString(lang))
        .replace("{count}", rows.length.toLocaleString(lang));
    };
    input.addEventListener("input", show);
    show();
    (table.closest(".scroll") ?? table).before(added);
  };

  for (const table of document.querySelectorAll("table.stack:not(.min), table.shelf")) {
    const rows = [...table.tBodies[0].rows];
    if (rows.length <= 10) continue;
    table.classList.add("sortable");
    addSorting(table, rows);
    addFilter(table, rows);
  }
})();
