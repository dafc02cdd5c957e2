"use strict";
// Draws the charts of a page from the data beside them. The table behind each has the same figures and stays for whoever wants it.
(() => {
  if (!window.echarts) return;
  const look = getComputedStyle(document.documentElement);
  const colour = (name) => look.getPropertyValue(name).trim();
  const ink = colour("--ink"), grey = colour("--grey"), line = colour("--line");
  const series = [colour("--blue"), "#c07a1e"];
  const size = Math.round(parseFloat(look.fontSize) * 0.75);
  const text = { color: ink, fontSize: size, fontFamily: getComputedStyle(document.body).fontFamily };
  const fixed = (n, digits) => n.toLocaleString("zh-CN", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  // 分 as 万元 on the picture, as 元 where it is pointed at; hundredths of a per cent as per cent.
  const drawn = (unit, n) => (unit === "money" ? n / 1e6 : unit === "share" ? n / 100 : n);
  const short = (unit, n) => (unit === "money" ? fixed(n / 1e6, Math.abs(n) < 1e8 ? 2 : 0) : unit === "share" ? `${fixed(n / 100, 1)}%` : String(n));
  const exact = (unit, n) => (unit === "money" ? `${fixed(n / 100, 2)} 元` : unit === "share" ? `${fixed(n / 100, 2)}%` : String(n));
  const names = { money: "万元", share: "%", count: "项" };
  const still = { animation: false, textStyle: text };
  // The second series is striped, so that nobody needs to tell the colours apart.
  const stripes = { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: -Math.PI / 4, color: "rgba(0, 0, 0, .35)" };
  const tip = (data, at) => [data.categories[at], ...data.series.map((s) => `${s.name} ${exact(s.unit, s.values[at])}`)].join("\n");
  const tooltip = (format) => ({
    trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" }, confine: true, textStyle: text, formatter: format,
  });

  const bars = (data, width) => {
    const unit = data.series[0].unit;
    const room = width / data.categories.length / data.series.length;
    return {
      ...still,
      grid: { left: 8, right: 8, top: 28, bottom: 4, containLabel: true },
      tooltip: tooltip((found) => tip(data, found[0].dataIndex)),
      xAxis: { type: "category", data: data.categories, axisTick: { show: false }, axisLine: { lineStyle: { color: grey } }, 
        axisLabel: { ...text, interval: data.categories.length < 10 ? 0 : "auto" } },
      yAxis: { type: "value", name: names[unit], nameTextStyle: { ...text, align: "right" }, axisLabel: text, splitLine: { lineStyle: { color: line } } },
      series: data.series.map((s, at) => {
        const asLine = data.shape === "line" && at === data.series.length - 1;
        return {
          name: s.name, type: asLine ? "line" : "bar", data: s.values.map((n) => drawn(s.unit, n)), 
          itemStyle: { color: series[at % 2], decal: at % 2 && !asLine ? stripes : undefined }, barMaxWidth: 56, symbol: "diamond", symbolSize: 8, lineStyle: { width: 2, type: "dashed" },
          // Figures over each other tell nothing: where there is no room they are in the table and at the pointer.
          label: { show: !asLine && room > size * 3.2, position: "top", ...text, formatter: (p) => (s.values[p.dataIndex] ? short(s.unit, s.values[p.dataIndex]) : "") },
        };
      }),
    };
  };

  const rows = (data, width) => {
    const high = size * 3, left = size * 8, right = size * 4;
    const most = Math.max(1, ...data.series.flatMap((s) => s.values));
    const each = (make) => data.series.map(make);
    const room = (width - left - right) / data.categories.length > size * 1.6;
    return {
      ...still,
      grid: each((s, at) => ({ left, right, top: 6 + at * high, height: high - 8 })),
      tooltip: tooltip((found) => `${data.series[found[0].seriesIndex].name} ${data.categories[found[0].dataIndex]} ${found[0].value} 项`),
      xAxis: each((s, at) => ({
        type: "category", gridIndex: at, data: data.categories, axisTick: { show: false }, axisLine: { lineStyle: { color: line } },
        axisLabel: { ...text, show: at === data.series.length - 1 },
      })),
      yAxis: each((s, at) => ({
        type: "value", gridIndex: at, min: 0, max: most, axisLabel: { show: false }, splitLine: { show: false }, nameLocation: "middle",
        name: s.name, nameGap: left - 8, nameRotate: 0, nameTextStyle: { ...text, align: "left", verticalAlign: "middle" },
      })),
      series: each((s, at) => ({
        name: s.name, type: "bar", xAxisIndex: at, yAxisIndex: at, data: s.values, itemStyle: { color: series[0] }, barMaxWidth: 22,
        label: { show: room, position: "top", distance: 1, ...text, fontSize: size - 2, formatter: (p) => (p.value ? String(p.value) : "") },
      })),
    };
  };

  for (const plot of document.querySelectorAll("[data-chart]")) {
    const data = JSON.parse(plot.dataset.chart);
    if (!data.series.length || !data.categories.length) continue;
    plot.hidden = false;
    if (data.shape === "rows") plot.style.height = `${data.series.length * size * 3 + size * 2.5}px`;
    const chart = echarts.init(plot, null, { renderer: "canvas" });
    const draw = () => chart.setOption((data.shape === "rows" ? rows : bars)(data, plot.clientWidth), true);
    draw();
    new ResizeObserver(() => { chart.resize(); draw(); }).observe(plot);
    const behind = plot.closest("figure").querySelector("details");
    behind.open = false;
    window.addEventListener("beforeprint", () => { behind.open = true; });
  }
})();
