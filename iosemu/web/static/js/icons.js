// Devices as network engineers draw them, around (0, 0); our own drawings.
import { s } from "./dom.js";

const arrow = (x1, y1, x2, y2) => {
  const along = Math.atan2(y2 - y1, x2 - x1);
  const head = (turn) => `L${x2 - 7 * Math.cos(along + turn)} ${y2 - 7 * Math.sin(along + turn)}`;
  return `M${x1} ${y1}L${x2} ${y2}${head(0.6)}M${x2} ${y2}${head(-0.6)}`;
};

const drawings = {
  router: () => [
    s("path", { class: "face", d: "M-42 -12v24a42 17 0 0 0 84 0v-24z" }),
    s("ellipse", { class: "face", cx: 0, cy: -12, rx: 42, ry: 17 }),
    s("path", { class: "lines", transform: "translate(0 -12) scale(1 .48)",
      d: arrow(-8, -8, -24, -20) + arrow(8, 8, 24, 20) + arrow(25, -21, 9, -9) + arrow(-25, 21, -9, 9) }),
  ],
  switch: () => [
    s("path", { class: "face", d: "M-44 -8l14 -16h74l-14 16z" }),
    s("path", { class: "face", d: "M30 -8l14 -16v28l-14 18z" }),
    s("rect", { class: "face", x: -44, y: -8, width: 74, height: 30 }),
    s("path", { class: "lines", d: arrow(-34, 0, -10, 0) + arrow(20, 6, -2, 6) + arrow(-34, 12, -10, 12) + arrow(20, 18, -2, 18).replace("M20 18", "M20 16").replace("L-2 18", "L-2 16") }),
  ],
  l3switch: () => [
    s("rect", { class: "face", x: -34, y: -34, width: 68, height: 62, rx: 4 }),
    s("circle", { class: "face", cx: 0, cy: -3, r: 12 }),
    s("path", { class: "lines", d: arrow(-14, -3, -27, -3) + arrow(14, -3, 27, -3) + arrow(0, -17, 0, -28) + arrow(0, 11, 0, 22) + arrow(10, -13, 21, -24) + arrow(-10, 7, -21, 18) }),
  ],
  pc: () => [
    s("rect", { class: "face", x: -32, y: -32, width: 64, height: 42, rx: 4 }),
    s("path", { class: "lines", d: "M-10 10v9M10 10v9M-22 20H22" }),
    s("path", { class: "lines", d: "M-22 -20h20M-22 -11h32", opacity: ".55" }),
  ],
  server: () => [
    s("rect", { class: "face", x: -22, y: -34, width: 44, height: 62, rx: 3 }),
    s("path", { class: "lines", d: "M-15 -24h30M-15 -14h30M-15 -4h30" }),
    s("circle", { class: "lines", cx: 0, cy: 16, r: 3 }),
  ],
  sniffer: () => [
    s("circle", { class: "face", cx: -5, cy: -7, r: 23 }),
    s("path", { class: "lines", d: "M12 10L30 28" , "stroke-width": "6" }),
    s("path", { class: "lines", d: "M-20 -7h7l4 -9l7 18l5 -9h7" }),
  ],
  outside: () => [
    s("path", { class: "face", d: "M-26 18a17 17 0 0 1 -4 -33a22 22 0 0 1 40 -9a19 19 0 0 1 24 17a14 14 0 0 1 -4 25z" }),
  ],
};

export const icon = (kind) => (drawings[kind] ?? drawings.outside)();
