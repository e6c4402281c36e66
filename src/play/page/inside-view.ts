import { visible } from "../text.ts";
import { type Scale, shareScale, signedScale } from "./colours.ts";
import { byId, make } from "./dom.ts";
import type { PlayState } from "./state.ts";

/** Tokens that fit into the heat map; of a longer text the part around the chosen one is shown. */
const COLUMNS = 120;

/** All vectors at the chosen token as small grids, and one of them over the text as a heat map. */
export function showInside(state: PlayState): void {
  const panels = state.reader.quantities.map(({ label }, quantity) => {
    const button = make("button");
    button.type = "button";
    const canvas = make("canvas");
    canvas.setAttribute("role", "img");
    button.append(make("span", "", label), canvas);
    button.addEventListener("click", () => state.set({ quantity }));
    byId("vectors").append(button);
    return { button, canvas };
  });
  const unit = byId<HTMLInputElement>("unit");
  unit.max = String(state.units);
  unit.addEventListener("input", () => {
    if (unit.value !== "") state.set({ unit: Number(unit.value) - 1 });
  });
  const map = byId<HTMLCanvasElement>("map");
  map.addEventListener("click", (event) => {
    const box = map.getBoundingClientRect();
    const [first] = shownColumns(state);
    const column = Math.floor(((event.clientX - box.left) / box.width) * map.width);
    const row = Math.floor(((event.clientY - box.top) / box.height) * state.units);
    state.set({ unit: row, selected: Math.min(first + column, state.steps.length - 1) });
  });
  state.onChange(() => {
    panels.forEach(({ button, canvas }, quantity) => {
      button.setAttribute("aria-pressed", String(quantity === state.quantity));
      drawGrid(canvas, state, quantity);
    });
    drawMap(map, state);
    drawScale(state);
    if (document.activeElement !== unit) unit.value = String(state.unit + 1);
    const { label } = state.reader.quantities[state.quantity];
    byId("map-heading").textContent = `${label}, over the text`;
    byId("unit-choice").textContent = `unit ${state.unit + 1} of ${label}`;
    const value = state.vector(state.step)?.[state.unit];
    byId("unit-value").textContent =
      value === undefined || !state.step
        ? ""
        : `${signed(value, 3)} at “${visible(state.model, state.step.token)}”`;
  });
}

function scaleOf(state: PlayState, quantity: number): Scale {
  return state.reader.quantities[quantity].gate ? shareScale() : signedScale();
}

/** Fills a canvas of `width` × `height` pixels; `value` undefined stays transparent. */
function paint(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  scale: Scale,
  value: (x: number, y: number) => number | undefined,
): void {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (!context || width === 0 || height === 0) return;
  const image = context.createImageData(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const v = value(x, y);
      if (v !== undefined) image.data.set([...scale.colour(v), 255], 4 * (y * width + x));
    }
  }
  context.putImageData(image, 0, 0);
}

function drawGrid(canvas: HTMLCanvasElement, state: PlayState, quantity: number): void {
  const vector = state.vector(state.step, quantity);
  const columns = columnsOf(state.units);
  const range = state.range(quantity);
  paint(canvas, columns, Math.ceil(state.units / columns), scaleOf(state, quantity), (x, y) => {
    const value = vector?.[y * columns + x];
    return value === undefined ? undefined : value / range;
  });
  const { label } = state.reader.quantities[quantity];
  canvas.setAttribute("aria-label", vector ? `${label}: ${summary(vector)}` : `${label}: nothing yet`);
}

/** Columns of a grid about twice as wide as high, without a gap in its last row if some width near it allows that. */
function columnsOf(units: number): number {
  const ideal = Math.ceil(Math.sqrt(units * 2));
  const near = Array.from({ length: ideal }, (_, i) => ideal + (i % 2 === 0 ? i / 2 : -(i + 1) / 2));
  return near.find((columns) => columns > 0 && units % columns === 0) ?? ideal;
}

/** A number with a sign as wide as a digit. */
function signed(value: number, digits: number): string {
  return value.toFixed(digits).replace("-", "−");
}

/** A vector for those who do not see it. */
function summary(vector: Float32Array): string {
  const mean = vector.reduce((sum, v) => sum + v, 0) / vector.length;
  return `${vector.length} units from ${signed(Math.min(...vector), 2)} to ${signed(Math.max(...vector), 2)}, mean ${signed(mean, 2)}`;
}

function shownColumns({ steps, selected }: PlayState): [first: number, last: number] {
  const first = Math.max(0, Math.min(selected - COLUMNS / 2, steps.length - COLUMNS));
  return [first, Math.min(first + COLUMNS, steps.length)];
}

function drawMap(map: HTMLCanvasElement, state: PlayState): void {
  const [first, last] = shownColumns(state);
  const range = state.range();
  const vectors = state.steps.slice(first, last).map((step) => state.vector(step));
  const width = Math.max(last - first, 40); // a short text keeps narrow columns
  // Each unit has a few lines of pixels, so that the frame around a row can be a thin one.
  const lines = Math.max(2, Math.min(6, Math.floor(384 / state.units)));
  map.style.height = `${state.units * lines}px`;
  const column = state.selected - first;
  const framed = (x: number, y: number) => {
    const within = y % lines;
    return (
      Math.floor(y / lines) === state.unit && (within === 0 || within === lines - 1) && x < vectors.length
    );
  };
  const scale = scaleOf(state, state.quantity);
  paint(map, width, state.units * lines, scale, (x, y) => {
    const value = vectors[x]?.[Math.floor(y / lines)];
    return value === undefined ? undefined : value / range;
  });
  const context = map.getContext("2d");
  if (!context) return;
  context.fillStyle = getComputedStyle(map).color;
  for (let y = 0; y < map.height; y++)
    for (let x = 0; x < width; x++) if (framed(x, y)) context.fillRect(x, y, 1, 1);
  context.globalAlpha = 0.18;
  if (column >= 0) context.fillRect(column, 0, 1, map.height);
  context.globalAlpha = 1;
}

function drawScale(state: PlayState): void {
  const { gate } = state.reader.quantities[state.quantity];
  const range = state.range();
  byId("scale-low").textContent = gate ? "0" : signed(-range, 1);
  byId("scale-high").textContent = gate ? "1" : range.toFixed(1);
  paint(byId<HTMLCanvasElement>("scale"), 120, 10, scaleOf(state, state.quantity), (x) =>
    gate ? x / 119 : (2 * x) / 119 - 1,
  );
}
