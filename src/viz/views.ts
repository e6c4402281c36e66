import { formatArray, formatNumber, shownIndices } from "../array/format.ts";
import { toNested } from "../array/ndarray.ts";
import { slice } from "../array/shape.ts";
import { Tensor } from "../autograd/tensor.ts";
import { formatShape } from "../errors.ts";
import { Module } from "../nn/module.ts";
import { type MimeBundle, showAs } from "../show.ts";
import { escapeHtml, formatCount, tableView } from "../text/table.ts";

/** Rows and columns of a matrix that are shown at each end. */
const EDGE = 6;

/** A matrix as a table whose cells are shaded by value; other tensors as text. */
showAs(
  Tensor,
  (x): MimeBundle => {
    const plain = x.toString();
    const origin = x.isLeaf ? ", requiresGrad" : `, from ${x.edge?.node.name}`;
    const caption = `${x.dtype} ${formatShape(x.shape)}${x.requiresGrad ? origin : ""}`;
    const body =
      x.ndim === 2 && x.size > 0 ? matrixTable(x) : `<pre>${escapeHtml(formatArray(x.value))}</pre>`;
    return {
      "text/plain": plain,
      "text/html": `<figure>${body}<figcaption>${escapeHtml(caption)}</figcaption></figure>`,
    };
  },
  (x) => x.toString(),
);

function matrixTable(x: Tensor): string {
  const [rows, columns] = [shownIndices(x.shape[0], EDGE), shownIndices(x.shape[1], EDGE)];
  let largest = 0;
  for (const v of x.data) if (Number.isFinite(v)) largest = Math.max(largest, Math.abs(v));
  const cell = (i: number, j: number): string => {
    if (i < 0 || j < 0) return "<td>…</td>";
    const v = toNested(slice(x.value, [i, j])) as number;
    // Orange above zero, blue below, as in viz.heatmap: distinguishable without red and green, faint enough for both themes.
    const strength = Number.isFinite(v) && largest > 0 ? (0.45 * Math.abs(v)) / largest : 0;
    const colour =
      v >= 0 ? `rgba(217,126,30,${strength.toFixed(3)})` : `rgba(17,110,255,${strength.toFixed(3)})`;
    return `<td style="text-align:right;background:${colour}">${formatNumber(v, 4)}</td>`;
  };
  return `<table>${rows.map((i) => `<tr>${columns.map((j) => cell(i, j)).join("")}</tr>`).join("")}</table>`;
}

/** The parameters of a module: name, shape, count. */
showAs(Module, (module): MimeBundle => {
  const rows = module
    .summary()
    .map((r): (string | number)[] => [r.name, formatShape(r.shape), r.count, r.trainable ? "" : "frozen"]);
  const total = module.parameterCount();
  return tableView(
    `${module.constructor.name}: ${formatCount(total)} parameters`,
    [...rows, ["total", "", total, ""]],
    ["parameter", "shape", "count", ""],
  );
});
