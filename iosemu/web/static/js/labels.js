// Where the texts at the ends of cables stand: beside their cable, on nothing else.
const WIDE = 7.6; // of a character, about
export const ROW = 17;

export const meets = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
const holds = (box, [x, y]) => box.left < x && x < box.right && box.top < y && y < box.bottom;

// What lines of text cover whose first stands at (x, y).
export function covers({ x, y, anchor }, texts) {
  const wide = Math.max(...texts.map((text) => text.length)) * WIDE;
  const left = x - { start: 0, middle: wide / 2, end: wide }[anchor];
  return { left: left - 2, top: y - 13, right: left + wide + 2, bottom: y + ROW * (texts.length - 1) + 5 };
}

// What a device covers: the icon, its name and its model.
export function parts({ x, y, name, model }) {
  const half = Math.max(name.length * 10, (model ?? "").length * 7) / 2;
  return [
    { left: x - 46, top: y - 38, right: x + 46, bottom: y + 38 },
    { left: x - half, top: y + 42, right: x + half, bottom: y + 80 },
  ];
}

function* beside(point, count) {
  const [x, y] = point, high = ROW * (count - 1);
  for (const gap of [12, 22, 36, 52]) {
    yield { x: x + gap, y: y - 11 - high, anchor: "start" };
    yield { x: x - gap, y: y - 11 - high, anchor: "end" };
    yield { x: x + gap, y: y + 5 - high / 2, anchor: "start" };
    yield { x: x - gap, y: y + 5 - high / 2, anchor: "end" };
    yield { x: x + gap, y: y + 20, anchor: "start" };
    yield { x: x - gap, y: y + 20, anchor: "end" };
    yield { x, y: y - gap - 2 - high, anchor: "middle" };
    yield { x, y: y + gap + 12, anchor: "middle" };
  }
}

// The nearest place where the texts cover nothing (`taken`), stay within `frame` and have no cable (`wires`, lists of
// points) behind them. `first` is where they stand if that is free; `points`: those of the cable, nearest first.
export function put(texts, first, points, taken, wires, frame) {
  let best;
  const weigh = (place, rank) => {
    const box = covers(place, texts);
    let cost = rank;
    for (const other of taken) if (meets(box, other)) cost += 1000;
    for (const wire of wires) if (wire.some((point) => holds(box, point))) cost += 40;
    if (box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom) cost += 500;
    if (!best || cost < best.cost) best = { ...place, box, cost };
    return cost;
  };
  if (weigh(first, 0) === 0) return best;
  points.forEach((point, rank) => {
    let turn = 1;
    for (const place of beside(point, texts.length)) weigh(place, 6 * rank + turn++);
  });
  return best;
}
