// Filters, sorting and details of the findings list. All text goes in as text nodes, never as markup.
(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("data").textContent);
  var table = document.getElementById("findings");
  var form = document.getElementById("filters");
  var rows = table ? Array.prototype.slice.call(table.tBodies) : [];
  var names = ["org", "fam", "sev", "kind", "state", "q"];
  var drawn = [];
  var texts = [];

  function el(tag, text, name) {
    var node = document.createElement(tag);
    if (text !== undefined && text !== null) node.textContent = text;
    if (name) node.className = name;
    return node;
  }

  function section(into, title) {
    into.appendChild(el("h4", title));
  }

  function grid(into, heads, lines, classes) {
    var t = el("table"), head = el("thead"), tr = el("tr"), body = el("tbody");
    heads.forEach(function (h, i) { tr.appendChild(el("th", h, classes[i])); });
    head.appendChild(tr);
    t.appendChild(head);
    lines.forEach(function (line) {
      var row = el("tr");
      line.forEach(function (cell, i) { row.appendChild(el("td", cell, classes[i])); });
      body.appendChild(row);
    });
    t.appendChild(body);
    into.appendChild(t);
  }

  function list(into, lines) {
    var ul = el("ul");
    lines.forEach(function (line) { ul.appendChild(typeof line === "string" ? el("li", line) : line); });
    into.appendChild(ul);
  }

  function lawLine(i) {
    var law = data.laws[i], li = el("li");
    li.appendChild(el("b", law.t));
    if (law.m) { li.appendChild(document.createTextNode(" ")); li.appendChild(el("span", law.m, "mark")); }
    li.appendChild(document.createTextNode("：" + law.g + "（" + law.d + "）"));
    return li;
  }

  function facts(into, pairs) {
    var t = el("table", null, "facts"), body = el("tbody");
    pairs.forEach(function (pair) {
      var tr = el("tr");
      tr.appendChild(el("th", pair[0]));
      tr.appendChild(el("td", pair[1] === "" ? "—" : pair[1]));
      body.appendChild(tr);
    });
    t.appendChild(body);
    into.appendChild(t);
  }

  function detail(f) {
    var td = el("td");
    td.colSpan = 8;
    if (f.ev.length) { section(td, "数据要点"); facts(td, f.ev); }
    if (f.vl.length) {
      section(td, "涉及凭证分录（" + f.vl.length + " 行）");
      grid(td, ["凭证", "行", "日期", "摘要", "科目", "借方(元)", "贷方(元)", "往来单位", "来源文件与行号"], f.vl,
        ["no", "num", "", "", "", "num", "num", "", ""]);
    } else if (f.vo.length) {
      section(td, "涉及凭证"); td.appendChild(el("div", f.vo.join("、"), "mono"));
    }
    if (f.rl.length) {
      section(td, "涉及台账");
      grid(td, ["台账", "编号", "来源文件与行号"], f.rl, ["", "no", ""]);
    }
    if (f.law.length) { section(td, "依据"); list(td, f.law.map(lawLine)); }
    if (f.par.length) {
      section(td, "判断所用参数");
      grid(td, ["参数", "值", "来源", "依据"], f.par.map(function (i) { return data.params[i]; }), ["", "num", "", ""]);
    }
    if (f.no.length) { section(td, "下列情形经核实可以排除"); list(td, f.no.map(function (i) { return data.texts[i]; })); }
    if (data.texts[f.adv]) { section(td, "处理建议"); td.appendChild(el("div", data.texts[f.adv])); }
    if (f.same.length) {
      section(td, "同一事项的其他疑点");
      list(td, f.same.map(function (n) {
        var li = el("li"), a = el("a", n, "mono");
        a.href = "#" + n;
        li.appendChild(a);
        return li;
      }));
    }
    td.appendChild(el("p", "规则 " + f.rule + " · 指纹 " + f.fp, "foot"));
    var tr = el("tr", null, "detail");
    tr.appendChild(td);
    return tr;
  }

  function open(i, yes) {
    var row = rows[i].row;
    if (yes && !drawn[i]) { drawn[i] = detail(data.findings[i]); row.appendChild(drawn[i]); }
    if (drawn[i]) drawn[i].hidden = !yes;
    row.classList.toggle("open", yes);
    row.querySelector(".no a").setAttribute("aria-expanded", String(yes));
  }

  rows = rows.map(function (row, i) { return { row: row, i: i }; });

  function haystack(i) {
    if (texts[i] === undefined) {
      var f = data.findings[i];
      texts[i] = (rows[i].row.rows[0].textContent + " " + JSON.stringify([f.ev, f.vl, f.vo, f.rl])).toLowerCase();
    }
    return texts[i];
  }

  function filters() {
    var set = {};
    names.forEach(function (n) { if (form && form.elements[n] && form.elements[n].value.trim()) set[n] = form.elements[n].value.trim(); });
    return set;
  }

  function apply(write) {
    if (!form) return;
    var set = filters(), words = (set.q || "").toLowerCase().split(/\s+/).filter(Boolean), count = 0;
    rows.forEach(function (r) {
      var d = r.row.dataset;
      var ok = ["org", "fam", "sev", "kind", "state"].every(function (n) { return !set[n] || d[n] === set[n]; }) &&
        words.every(function (w) { return haystack(r.i).indexOf(w) >= 0; });
      if (r.row.hidden === ok) r.row.hidden = !ok;
      if (ok) count += 1;
    });
    names.forEach(function (n) { if (form.elements[n]) form.elements[n].classList.toggle("on", !!set[n]); });
    document.getElementById("shown").textContent = count === rows.length ? "共 " + count + " 条" : "筛选出 " + count + " 条，共 " + rows.length + " 条";
    var none = document.getElementById("none");
    if (none) none.hidden = count > 0;
    if (write) {
      var hash = Object.keys(set).map(function (n) { return n + "=" + encodeURIComponent(set[n]); }).join("&");
      try { history.replaceState(null, "", hash ? "#?" + hash : "#list"); } catch (e) { /* some browsers refuse this on file:// */ }
    }
  }

  function clear() {
    names.forEach(function (n) { if (form.elements[n]) form.elements[n].value = ""; });
    apply(true);
  }

  function follow() {
    var hash = location.hash.slice(1);
    if (hash.charAt(0) === "?") {
      names.forEach(function (n) { if (form.elements[n]) form.elements[n].value = ""; });
      hash.slice(1).split("&").forEach(function (pair) {
        var at = pair.indexOf("="), n = pair.slice(0, at);
        if (names.indexOf(n) >= 0 && form.elements[n]) form.elements[n].value = decodeURIComponent(pair.slice(at + 1));
      });
      apply(false);
      document.getElementById("list").scrollIntoView();
      return;
    }
    var target = hash && document.getElementById(decodeURIComponent(hash));
    if (target && target.classList.contains("f")) {
      if (target.hidden) clear();
      rows.forEach(function (r) { if (r.row === target) open(r.i, true); });
      target.scrollIntoView({ block: "center" });
    }
  }

  var shownOrder = { key: "rank", up: true };
  function sort(key) {
    var up = shownOrder.key === key ? !shownOrder.up : key !== "fen";
    shownOrder = { key: key, up: up };
    function value(r) {
      if (key === "rank") return r.i;
      if (key === "fen") return r.row.dataset.fen === "" ? null : Number(r.row.dataset.fen);
      var cell = { no: 1, org: 2, date: 5 }[key];
      var text = r.row.rows[0].cells[cell].textContent;
      return text === "—" ? null : text;
    }
    var order = rows.map(function (r) { return { r: r, v: value(r) }; });
    order.sort(function (a, b) {
      if (a.v === b.v) return a.r.i - b.r.i;
      if (a.v === null) return 1;
      if (b.v === null) return -1;
      var less = typeof a.v === "string" ? a.v.localeCompare(b.v, "zh") : a.v - b.v;
      return up ? less : -less;
    });
    var parts = document.createDocumentFragment();
    order.forEach(function (o) { parts.appendChild(o.r.row); });
    table.appendChild(parts);
    table.querySelectorAll("[data-sort]").forEach(function (th) {
      if (th.dataset.sort === key) th.setAttribute("aria-sort", up ? "ascending" : "descending");
      else th.removeAttribute("aria-sort");
    });
  }

  document.getElementById("print").addEventListener("click", function () { window.print(); });
  var big = document.getElementById("big");
  function setBig(yes) {
    document.documentElement.classList.toggle("big", yes);
    big.setAttribute("aria-pressed", String(yes));
    try { localStorage.setItem("sanzi-big", yes ? "1" : ""); } catch (e) { /* storage may be closed on file:// */ }
  }
  big.addEventListener("click", function () { setBig(big.getAttribute("aria-pressed") !== "true"); });
  try { if (localStorage.getItem("sanzi-big")) setBig(true); } catch (e) { /* as above */ }

  if (!table) return;

  table.addEventListener("click", function (event) {
    var th = event.target.closest("[data-sort]");
    if (th) { sort(th.dataset.sort); return; }
    var link = event.target.closest("a");
    var row = event.target.closest("tbody.f");
    if (!row || event.target.closest(".detail") || (link && (event.ctrlKey || event.metaKey))) return;
    if (String(window.getSelection && window.getSelection())) return;
    if (link) event.preventDefault();
    rows.forEach(function (r) { if (r.row === row) open(r.i, !row.classList.contains("open")); });
    if (link) { try { history.replaceState(null, "", link.getAttribute("href")); } catch (e) { /* as above */ } }
  });
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  var wait;
  form.addEventListener("input", function () { clearTimeout(wait); wait = setTimeout(function () { apply(true); }, 120); });
  document.getElementById("clear").addEventListener("click", clear);
  document.getElementById("clear2").addEventListener("click", clear);
  document.getElementById("openall").addEventListener("click", function () {
    var yes = this.textContent === "全部展开";
    this.textContent = yes ? "全部收起" : "全部展开";
    rows.forEach(function (r) { if (!r.row.hidden) open(r.i, yes); });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "/" && !/INPUT|SELECT|TEXTAREA/.test(event.target.tagName)) { event.preventDefault(); form.elements.q.focus(); }
  });
  // On paper every listed finding is open; afterwards the page is as it was.
  var before = null;
  window.addEventListener("beforeprint", function () {
    before = rows.map(function (r) { return r.row.classList.contains("open"); });
    rows.forEach(function (r) { if (!r.row.hidden) open(r.i, true); });
  });
  window.addEventListener("afterprint", function () {
    if (before) before.forEach(function (was, i) { if (!was) open(i, false); });
    before = null;
  });
  window.addEventListener("hashchange", follow);
  if (location.hash) follow();
})();
