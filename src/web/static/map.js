"use strict";
// Draws places on a map. Patterns and legend stand in the page; what is told of a place comes from the API and is set as text.
(() => {
  const box = document.querySelector("[data-map]");
  if (!box || !window.L) return;
  const ground = box.querySelector(".ground");
  const note = box.querySelector("[data-note]");
  const modes = Array.from(box.querySelectorAll("[name=mode]"));
  const shapes = new Map();
  let features = [];

  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (className) made.className = className;
    return made;
  };
  const link = (path, text, className) => {
    const made = element("a", text, className);
    made.href = path;
    return made;
  };
  const mode = () => Math.max(0, modes.findIndex((m) => m.checked));
  const style = (feature) => ({
    fillColor: `url(#p-${feature.properties.classes[mode()]})`, fillOpacity: 1, color: "#1c2126", weight: 1.2,
  });

  // What the register, the contracts and the items say, with the way to each of them.
  const card = (p) => {
    const made = element("div", "", "card");
    const head = element("p");
    head.append(link(p.path, p.name || p.number), " ", element("small", p.number, "mono"));
    const facts = element("dl");
    const fact = (name, ...values) => {
      if (!values.some((v) => v)) return;
      const value = element("dd");
      value.append(...values);
      facts.append(element("dt", name), value);
    };
    fact("单位", p.organisation_name);
    fact("类别", [p.kind, p.purpose, p.area].filter((t) => t).join(" · "));
    fact("现状", [p.state, p.idle_since ? `${p.idle_since} 起` : ""].filter((t) => t).join(" "));
    for (const c of p.contracts) {
      const value = element("span");
      value.append(link(c.path, c.number, "mono"), ` ${c.party} ${c.state}`, element("br"),
        element("small", `${c.start || ""} 至 ${c.end || "未写截止"}`));
      fact("合同", value);
    }
    if (p.arrears !== null) fact("拖欠", p.arrears === "0.00" ? "不欠" : element("b", `${p.arrears} 元`, "neg"));
    for (const i of p.items) {
      const value = element("span");
      value.append(element("span", { high: "高", medium: "中" }[i.severity] || "低", `sev ${i.severity}`), " ",
        link(i.path, i.number, "mono"), ` ${i.title}`);
      fact("疑点", value);
    }
    made.append(head, facts);
    return made;
  };

  const colour = () => {
    const at = mode();
    for (const list of box.querySelectorAll(".legend")) list.hidden = list.dataset.mode !== modes[at].value;
    for (const count of box.querySelectorAll("[data-count]")) {
      count.textContent = features.filter((f) => f.properties.classes.includes(count.dataset.count)).length;
    }
    for (const [, shape] of shapes) shape.setStyle(style(shape.feature));
  };

  const draw = (collection) => {
    features = collection.features;
    ground.hidden = false;
    box.querySelector(".modes").hidden = false;
    const map = L.map(ground, {
      center: [30.5, 114.3], zoom: 11, attributionControl: false, zoomControl: false, fadeAnimation: false, zoomAnimation: false, markerZoomAnimation: false,
      maxZoom: 20, scrollWheelZoom: !box.classList.contains("small"),
    });
    L.control.zoom({ zoomInTitle: "放大", zoomOutTitle: "缩小" }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    if (box.dataset.tiles) {
      L.tileLayer(box.dataset.tiles, { maxZoom: 20 }).addTo(map);
      const credit = element("span", box.dataset.credit);
      if (box.dataset.credit) L.control.attribution({ prefix: false }).addAttribution(credit.innerHTML).addTo(map);
    }
    // Seen from afar points would cover each other.
    const radius = () => (map.getZoom() < 17 ? 6 : 9);
    map.on("zoomend", () => { for (const [, shape] of shapes) if (shape.setRadius) shape.setRadius(radius()); });
    // Land first, so that what stands on it can be pointed at.
    const order = (f) => (f.geometry.type === "Point" ? 1 : 0);
    const placed = features.filter((f) => f.geometry).sort((a, b) => order(a) - order(b));
    const layer = L.geoJSON(placed, {
      style,
      pointToLayer: (feature, at) => L.circleMarker(at, { radius: radius() }),
      onEachFeature: (feature, shape) => {
        const p = feature.properties;
        shapes.set(p.id, shape);
        shape.bindPopup(() => card(p), { maxWidth: 320, minWidth: 220, maxHeight: 300, closeButton: true });
        shape.bindTooltip(() => element("span", `${p.name || p.number}${p.area ? ` · ${p.area}` : ""}`), { direction: "top" });
      },
    }).addTo(map);
    const bounds = layer.getBounds();
    if (bounds.isValid()) map.fitBounds(bounds, { padding: [24, 24], maxZoom: 18 });
    const missing = features.length - placed.length;
    note.textContent = `图上 ${placed.length} 处${missing ? `,没有位置的 ${missing} 处只在清单里` : ""}。点一下看详情。`;
    colour();
    for (const button of document.querySelectorAll("[data-locate]")) {
      const shape = shapes.get(button.dataset.locate);
      if (!shape) continue;
      button.hidden = false;
      button.addEventListener("click", () => {
        if (shape.getBounds) map.fitBounds(shape.getBounds(), { padding: [60, 60], maxZoom: 18 });
        else map.setView(shape.getLatLng(), Math.max(map.getZoom(), 18));
        shape.openPopup();
        ground.scrollIntoView({ block: "nearest" });
      });
    }
    // Where a row was pointed at: the place's edge.
    document.addEventListener("focusin", (event) => {
      const row = event.target.closest && event.target.closest("[data-place]");
      for (const [id, shape] of shapes) shape.setStyle({ weight: row && row.dataset.place === id ? 4 : 1.2 });
    });
  };

  for (const m of modes) m.addEventListener("change", colour);
  note.textContent = "正在读取位置…";
  fetch(box.dataset.source, { headers: { Accept: "application/geo+json" }, credentials: "same-origin" })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
    .then(draw)
    .catch(() => { note.textContent = "位置没有读到。请刷新再试;清单不受影响。"; });
})();
