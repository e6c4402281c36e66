/**
 * A layered drawing of a directed graph without cycles (Sugiyama, Tagawa & Toda 1981): every edge leads to a lower
 * layer; boxes of one layer stand side by side in an order with few crossings, close to what they are joined to.
 * All lengths are in pixels, y grows downwards.
 */

export interface Box {
  readonly width: number;
  readonly height: number;
}

/** Where a box stands: its left upper corner. */
export interface Place {
  x: number;
  y: number;
}

/** From one box to another, as positions in the list of boxes. */
export interface Arrow {
  readonly from: number;
  readonly to: number;
}

/** Straight down from (x, top) to (x, bottom) between the boxes of a layer; between layers the line bends. */
export interface Passage {
  readonly x: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Drawing {
  readonly places: readonly Place[];
  /** For each arrow: where it starts, the layers that it passes, where it ends. */
  readonly routes: readonly (readonly Passage[])[];
  readonly width: number;
  readonly height: number;
}

/** Between neighbours in a layer, and between a layer and the next. */
const GAP_X = 18;
const GAP_Y = 30;
/** The room that a passing arrow takes in a layer. */
const LANE = 8;
const SWEEPS = 24;
/** Lanes should run straight; what goes in hangs loosely on what uses it. */
const STRAIGHT = 4;
const LOOSE = 0.25;

/** One place in a layer: a box, or the lane of an arrow that passes through. */
interface Cell {
  readonly width: number;
  readonly height: number;
  readonly layer: number;
  readonly above: Cell[];
  readonly below: Cell[];
  /** How strongly it draws what it is joined to, and keeps to its place beside its neighbours. */
  pull: number;
  /** The middle. */
  x: number;
}

/** @param boxes in an order in which every arrow leads from an earlier to a later one. */
export function layered(boxes: readonly Box[], arrows: readonly Arrow[]): Drawing {
  const layers = layersOf(boxes.length, arrows);
  const cells = boxes.map((box, i): Cell => newCell(box, layers[i]));
  const lanes = arrows.map((): Cell[] => []);
  const shared = new Map<string, Cell>();
  arrows.forEach(({ from, to }, i) => {
    let last = cells[from];
    for (let layer = last.layer + 1; layer < cells[to].layer; layer++) {
      // Arrows from one box share their lane as far as they go together.
      const key = `${from} ${layer}`;
      const lane = shared.get(key) ?? newCell({ width: LANE, height: 0 }, layer);
      if (!shared.has(key)) join(last, lane);
      shared.set(key, lane);
      lane.pull = STRAIGHT;
      lanes[i].push(lane);
      last = lane;
    }
    join(last, cells[to]);
  });
  for (const cell of cells) if (cell.above.length === 0) cell.pull = LOOSE;
  const rows = ordered([...cells, ...shared.values()]);
  settle(rows);
  return measured(arrows, cells, lanes, rows);
}

function newCell({ width, height }: Box, layer: number): Cell {
  return { width, height, layer, above: [], below: [], pull: 1, x: 0 };
}

function join(upper: Cell, lower: Cell): void {
  upper.below.push(lower);
  lower.above.push(upper);
}

/** As high as what comes before allows; but a box without anything before it right above its first use. */
function layersOf(count: number, arrows: readonly Arrow[]): number[] {
  const layers = new Array<number>(count).fill(0);
  for (let to = 0; to < count; to++) {
    for (const arrow of arrows)
      if (arrow.to === to) layers[to] = Math.max(layers[to], layers[arrow.from] + 1);
  }
  const sources = layers.map((layer) => layer === 0);
  arrows.forEach(({ from }) => {
    if (sources[from]) layers[from] = Infinity;
  });
  for (const { from, to } of arrows) if (sources[from]) layers[from] = Math.min(layers[from], layers[to] - 1);
  return layers;
}

/** The cells of each layer from left to right, with as few crossings as the sweeps find. */
function ordered(cells: readonly Cell[]): Cell[][] {
  let rows: Cell[][] = [];
  for (const cell of cells) (rows[cell.layer] ??= []).push(cell);
  let best = rows;
  let fewest = crossings(rows);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    rows = rows.map((row) => [...row]);
    const downwards = sweep % 2 === 0;
    const turn = downwards ? [...rows.keys()].slice(1) : [...rows.keys()].reverse().slice(1);
    for (const i of turn) {
      const fixed = positions(rows[downwards ? i - 1 : i + 1]);
      const wish = new Map(
        rows[i].map((cell, at) => [cell, mean(fixed, downwards ? cell.above : cell.below) ?? at]),
      );
      rows[i].sort((a, b) => wish.get(a)! - wish.get(b)!);
    }
    const count = crossings(rows);
    if (count < fewest) [best, fewest] = [rows, count];
  }
  return best;
}

function positions(row: readonly Cell[]): Map<Cell, number> {
  return new Map(row.map((cell, i) => [cell, i]));
}

function mean(at: ReadonlyMap<Cell, number>, cells: readonly Cell[]): number | undefined {
  if (cells.length === 0) return undefined;
  return cells.reduce((sum, cell) => sum + at.get(cell)!, 0) / cells.length;
}

/** How many pairs of lines between neighbouring layers cross. */
function crossings(rows: readonly Cell[][]): number {
  let count = 0;
  for (let i = 1; i < rows.length; i++) {
    const upper = positions(rows[i - 1]);
    const ends = rows[i].map((cell) => cell.above.map((c) => upper.get(c)!));
    for (let right = 1; right < ends.length; right++) {
      for (let left = 0; left < right; left++) {
        for (const a of ends[left]) for (const b of ends[right]) if (a > b) count++;
      }
    }
  }
  return count;
}

/** Moves every cell towards the middle of what it is joined to, without changing the order of its layer. */
function settle(rows: readonly Cell[][]): void {
  for (const row of rows)
    spread(
      row,
      row.map(() => 0),
    );
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const row of sweep % 2 === 0 ? rows : [...rows].reverse()) {
      const wishes = row.map(({ above, below, x }) => {
        let [sum, weights] = [0, 0];
        for (const cell of [...above, ...below]) {
          sum += cell.pull * cell.x;
          weights += cell.pull;
        }
        return weights === 0 ? x : sum / weights;
      });
      spread(row, wishes);
    }
  }
}

/**
 * The positions nearest to the wished ones (least squares, weighted by pull) that keep the order and the gaps: with the least distances
 * taken off, an isotonic regression, by pooling neighbours that would overlap.
 */
function spread(row: readonly Cell[], wishes: readonly number[]): void {
  const offsets: number[] = [];
  row.forEach(({ width }, i) => {
    const gap = i === 0 ? 0 : (row[i - 1].width + width) / 2 + GAP_X;
    offsets.push((offsets[i - 1] ?? 0) + gap);
  });
  const pools: { at: number; weight: number; members: number[] }[] = [];
  row.forEach(({ pull }, i) => {
    let pool = { at: wishes[i] - offsets[i], weight: pull, members: [i] };
    for (let before = pools.at(-1); before && before.at > pool.at; before = pools.at(-1)) {
      const weight = before.weight + pool.weight;
      const at = (before.at * before.weight + pool.at * pool.weight) / weight;
      pool = { at, weight, members: [...before.members, ...pool.members] };
      pools.pop();
    }
    pools.push(pool);
  });
  for (const { at, members } of pools) for (const i of members) row[i].x = at + offsets[i];
}

/** Pixels: the drawing begins at (0, 0). */
function measured(
  arrows: readonly Arrow[],
  cells: readonly Cell[],
  lanes: readonly (readonly Cell[])[],
  rows: readonly Cell[][],
): Drawing {
  const left = Math.min(...rows.flat().map(({ x, width }) => x - width / 2));
  const right = Math.max(...rows.flat().map(({ x, width }) => x + width / 2));
  const heights = rows.map((row) => Math.max(...row.map(({ height }) => height)));
  const tops: number[] = [];
  heights.forEach((_, i) => {
    tops.push(i === 0 ? 0 : tops[i - 1] + heights[i - 1] + GAP_Y);
  });
  const places = cells.map(({ x, width, height, layer }) => ({
    x: x - width / 2 - left,
    y: tops[layer] + (heights[layer] - height) / 2,
  }));
  // Arrows that end at one box come in beside each other, in the order of where they come from.
  const lastX = (i: number) => (lanes[i].at(-1) ?? cells[arrows[i].from]).x;
  const bottomOf = (layer: number) => tops[layer] + heights[layer];
  const routes = arrows.map(({ from, to }, i) => {
    const beside = [...arrows.keys()].filter((k) => arrows[k].to === to);
    beside.sort((a, b) => lastX(a) - lastX(b) || a - b);
    const share = (beside.indexOf(i) + 1) / (beside.length + 1);
    const [upper, lower] = [cells[from], cells[to]];
    return [
      { x: upper.x - left, top: places[from].y + upper.height, bottom: bottomOf(upper.layer) },
      ...lanes[i].map(({ x, layer }) => ({ x: x - left, top: tops[layer], bottom: bottomOf(layer) })),
      { x: places[to].x + share * lower.width, top: tops[lower.layer], bottom: places[to].y },
    ];
  });
  return { places, routes, width: right - left, height: (tops.at(-1) ?? 0) + (heights.at(-1) ?? 0) };
}
