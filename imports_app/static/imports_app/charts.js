// Adds textures to chart bars and sets text colors for light and dark mode.
(() => {
  "use strict";

  const SIZE = 6;
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // Lines or dots in the bar's color on a transparent background.
  function pattern(chart, texture, ink) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = SIZE;
    const pen = tile.getContext("2d");
    pen.strokeStyle = pen.fillStyle = ink;
    pen.lineWidth = 2;
    if (texture === "hatched" || texture === "slanted") {
      const [from, to] = texture === "hatched" ? [SIZE, 0] : [0, SIZE];
      for (const start of [-SIZE, 0, SIZE]) {
        pen.moveTo(start, from);
        pen.lineTo(start + SIZE, to);
      }
      pen.stroke();
    } else if (texture === "lined" || texture === "barred") {
      if (texture === "lined") pen.fillRect(0, 0, SIZE, SIZE / 3);
      else pen.fillRect(0, 0, SIZE / 3, SIZE);
    } else if (texture === "crossed") {
      pen.fillRect(0, 0, SIZE, SIZE / 6);
      pen.fillRect(0, 0, SIZE / 6, SIZE);
    } else if (texture === "checked") {
      pen.fillRect(0, 0, SIZE / 2, SIZE / 2);
      pen.fillRect(SIZE / 2, SIZE / 2, SIZE / 2, SIZE / 2);
    } else {
      pen.fillRect(0, 0, SIZE / 3, SIZE / 3);
      pen.fillRect(SIZE / 2, SIZE / 2, SIZE / 3, SIZE / 3);
    }
    return chart.ctx.createPattern(tile, "repeat");
  }

  Chart.register({
    id: "looks",
    beforeInit(chart) {
      const soft = () => color("--soft");
      const { scales, plugins } = chart.config.options;
      for (const scale of Object.values(scales ?? {})) if (scale.ticks) scale.ticks.color = soft;
      if (plugins?.legend?.labels) plugins.legend.labels.color = soft;
      for (const dataset of chart.data.datasets) {
        if (dataset.texture === "hollow") dataset.backgroundColor = "transparent";
        else if (dataset.texture !== "solid") {
          dataset.backgroundColor = pattern(chart, dataset.texture, dataset.borderColor);
        }
      }
    },
  });
})();
