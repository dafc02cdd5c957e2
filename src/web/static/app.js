"use strict";
// Keys: "/" to the search box; arrows and Enter in lists. Everything works without this file too.
document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
  if (event.key === "/" && !typing) {
    const box = document.querySelector("[data-search]");
    if (box) { event.preventDefault(); box.focus(); box.select(); }
    return;
  }
  // A map moves by its arrows, a radio button chooses by them.
  if (typing || document.activeElement.closest(".leaflet-container") || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const links = Array.from(document.querySelectorAll("[data-list] tbody tr a:first-of-type"))
    .filter((a, i, all) => all.findIndex((b) => b.closest("tr") === a.closest("tr")) === i);
  if (!links.length) return;
  event.preventDefault();
  const at = links.findIndex((a) => a.closest("tr").contains(document.activeElement));
  const to = event.key === "ArrowDown" ? Math.min(at + 1, links.length - 1) : Math.max(at - 1, 0);
  links[to].focus();
});

// Lists submit with their choice; files that were chosen or dropped are counted, so that a wrong folder shows before it is sent.
document.addEventListener("change", (event) => {
  const input = event.target;
  if (input.matches("select[data-go]")) input.form.requestSubmit();
  if (input.matches("input[data-all]")) {
    for (const box of document.querySelectorAll(`input[type=checkbox][name="${input.dataset.all}"]`)) box.checked = input.checked;
  }
  if (input.matches("input[type=file][data-send]") && input.files.length) {
    const note = input.form.querySelector("[data-chosen]");
    const size = Array.from(input.files).reduce((sum, f) => sum + f.size, 0);
    if (note) note.textContent = `已选 ${input.files.length} 个文件,共 ${(size / 1048576).toFixed(1)} MB`;
  }
});
for (const zone of document.querySelectorAll("[data-drop]")) {
  const input = zone.querySelector("input[type=file]:not([webkitdirectory])");
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) {
    zone.addEventListener(name, () => zone.classList.remove("over"));
  }
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// Buttons that would send twice, and acts that ask first.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button && button.dataset.wait) {
    setTimeout(() => { button.disabled = true; button.textContent = button.dataset.wait; }, 0);
  }
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button && button.hasAttribute("data-print")) window.print();
});
