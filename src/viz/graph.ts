import type { NDArray } from "../array/ndarray.ts";
import { type Edge, type Node, topologicalOrder } from "../autograd/graph.ts";
import { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, AutogradError, describe, expectNumber } from "../errors.ts";
import { type Bare, GraphDrawing, MARGIN, sizeOf, TITLE_HEIGHT } from "./graph-drawing.ts";
import { layered, type Passage } from "./layered.ts";
import { formatNumber } from "./text.ts";

/** Options of `drawGraph`. */
export interface GraphOptions {
  /** A heading above the picture. */
  title?: string;
  /** Names of leaves, for example `model.namedParameters()`; a tensor's own `name` is used for the others. */
  names?: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>;
  /** A graph of more nodes is refused: nobody could read it. */
  maxNodes?: number;
}

const MAX_NODES = 300;
/**
 * Draws how a tensor was computed: a box for every op and every tensor that went in, with names and shapes; data flow
 * from top to bottom. Draw before `backward()`, which releases the graph.
 *
 * @throws {AutogradError} if the tensor has no graph, or it was released.
 * @throws {ArgumentError} if the graph has more than `maxNodes` (300) boxes.
 * @example drawGraph(loss, { names: { W, b } })
 */
export function drawGraph(tensor: Tensor, options: GraphOptions = {}): GraphDrawing {
  if (!(tensor instanceof Tensor)) {
    throw new ArgumentError(`drawGraph: expected a tensor, got ${describe(tensor)}`);
  }
  if (tensor.edge === null) {
    throw new AutogradError(
      "drawGraph: there is no graph: no input requires a gradient, or this was computed in noGrad",
    );
  }
  const limit = expectNumber(options.maxNodes ?? MAX_NODES, "drawGraph: maxNodes", { integer: true, min: 1 });
  const { title = "" } = options;
  const { boxes, arrows } = collect(tensor.edge.node, namesOf(options.names), limit);
  const sized = boxes.map((box) => ({ ...box, ...sizeOf(box) }));
  const { places, routes } = layered(sized, arrows);
  const [dx, dy] = [MARGIN, MARGIN + (title === "" ? 0 : TITLE_HEIGHT)];
  const moved = ({ x, top, bottom }: Passage) => ({ x: x + dx, top: top + dy, bottom: bottom + dy });
  return new GraphDrawing(
    sized.map((box, i) => ({ ...box, x: places[i].x + dx, y: places[i].y + dy })),
    arrows.map((arrow, i) => ({ ...arrow, path: routes[i].map(moved) })),
    title,
  );
}

type ArrayNode = Node<NDArray>;

function namesOf(names: GraphOptions["names"] = {}): Map<ArrayNode, string> {
  const entries = names instanceof Map ? [...names] : Object.entries(names as Record<string, Tensor>);
  const found = new Map<ArrayNode, string>();
  for (const [name, tensor] of entries) {
    if (!(tensor instanceof Tensor)) {
      throw new ArgumentError(`drawGraph: names: ${name} is no tensor but ${describe(tensor)}`);
    }
    if (tensor.edge) found.set(tensor.edge.node, name);
  }
  return found;
}

/** Boxes in the order in which data flow, and the arrows between them. */
function collect(root: ArrayNode, names: ReadonlyMap<ArrayNode, string>, limit: number) {
  const order = topologicalOrder(root).reverse();
  const total = order.reduce((sum, node) => sum + 1 + constantsOf(node).length, 0);
  if (total > limit) {
    throw new ArgumentError(
      `drawGraph: the graph has ${formatNumber(total)} nodes, more than ${formatNumber(limit)}; ` +
        "draw a smaller one (fewer steps of the sequence, one layer), or set maxNodes",
    );
  }
  const boxes: Bare[] = [];
  const arrows: { from: number; to: number }[] = [];
  const places = new Map<ArrayNode, number>();
  const constants = new Map<string, number>();
  for (const node of order) {
    if (node.pullback === null && node.parents.length > 0) {
      throw new AutogradError(
        `drawGraph: the graph through "${node.name}" was released by backward(). ` +
          "Draw it before, or call backward({ retainGraph: true }).",
      );
    }
    const inputs = node.parents.map((parent: Edge<NDArray> | null, i) => {
      if (parent) return places.get(parent.node)!;
      const { name, shape } = node.labels[i]!;
      // The same name and shape is taken for the same tensor; numbers and tensors without a name stand for themselves.
      const key = name === "" || shape.length === 0 ? `${boxes.length}` : `${name} ${shape}`;
      const known = constants.get(key);
      if (known !== undefined) return known;
      constants.set(key, boxes.length);
      boxes.push({ kind: "constant", name, shapes: [shape] });
      return boxes.length - 1;
    });
    const leaf = node.parents.length === 0;
    places.set(node, boxes.length);
    for (const from of inputs) arrows.push({ from, to: boxes.length });
    const own = leaf ? (node.labels[0]?.name ?? "") : node.name;
    boxes.push({ kind: leaf ? "leaf" : "op", name: names.get(node) ?? own, shapes: node.shapes });
  }
  return { boxes, arrows };
}

function constantsOf(node: ArrayNode): unknown[] {
  return node.parents.filter((parent) => parent === null);
}
