import { AutogradError } from "../errors.ts";

/** What a drawing says of a value. */
export interface Label {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * Reverse-mode automatic differentiation on any kind of value V that can be added.
 * The graph knows nothing of arrays: an op leaves behind a node that can turn the gradients of its outputs into
 * the gradients of its inputs (its pullback, the transposed Jacobian applied to a vector).
 */
export interface Node<V> {
  /** Name of the op, for messages and drawings. */
  readonly name: string;
  /** Where the gradient of each input goes on to; null for an input that needs none. Emptied when released. */
  parents: readonly (Edge<V> | null)[];
  /**
   * Gradients of the outputs (null: that output was not used) → gradients of the inputs. `keep`: it will be called
   * again, so what it saved must stay. Null when released.
   */
  pullback: ((dys: readonly (V | null)[], keep: boolean) => readonly (V | null)[]) | null;
  /** Throws if what the pullback saved is no longer what the op computed with. Null when released. */
  verify: (() => void) | null;
  /** For drawings. Of an op: its inputs that need no gradient, null in the place of the others. Of a leaf: itself. */
  readonly labels: readonly (Label | null)[];
  /** Shapes of the outputs. */
  readonly shapes: readonly (readonly number[])[];
  /** Called with the complete gradient of an output: leaves store it, so do tensors with `retainGrad()`. */
  readonly sinks: Map<number, (dy: V) => void>;
}

/** One output of a node. */
export interface Edge<V> {
  readonly node: Node<V>;
  readonly output: number;
}

/**
 * Runs the chain rule from one output back to all leaves.
 *
 * Nodes are visited after everything that used their outputs, so each gradient is complete (a sum over all uses)
 * before it is passed on. The order comes from an explicit stack: a recursive walk overflows on an RNN that was
 * unrolled over thousands of steps.
 *
 * @param retainGraph keep the pullbacks, so that `backward` can run again; by default they are released.
 * @throws {AutogradError} if the graph was released by an earlier call; then nothing has been changed.
 */
export function backward<V>(
  root: Edge<V>,
  seed: V,
  add: (a: V, b: V) => V,
  retainGraph: boolean = false,
): void {
  const gradients = new Map<Node<V>, (V | null)[]>();
  const accumulate = ({ node, output }: Edge<V>, dy: V): void => {
    const slots = gradients.get(node) ?? new Array<V | null>(node.shapes.length).fill(null);
    gradients.set(node, slots);
    const before = slots[output];
    slots[output] = before === null ? dy : add(before, dy);
  };
  const order = topologicalOrder(root.node);
  for (const node of order) {
    if (node.pullback === null && node.parents.length > 0) {
      throw new AutogradError(
        `backward: the graph through "${node.name}" was released by an earlier backward(). ` +
          "Compute the loss again, or call backward({ retainGraph: true }) the first time.",
      );
    }
    node.verify?.();
  }
  accumulate(root, seed);
  for (const node of order) {
    const dys = gradients.get(node);
    gradients.delete(node);
    if (!dys) continue;
    for (const [output, sink] of node.sinks) {
      const dy = dys[output];
      if (dy !== null) sink(dy);
    }
    const dxs = node.pullback?.(dys, retainGraph) ?? [];
    node.parents.forEach((parent, i) => {
      const dx = dxs[i];
      if (parent && dx !== null) accumulate(parent, dx);
    });
    if (!retainGraph && node.parents.length > 0) {
      node.pullback = null;
      node.verify = null;
      node.parents = released;
    }
  }
}

/** A released node keeps a parent list that is not empty, so that it is not taken for a leaf. */
const released: readonly null[] = [null];

/** Every node before its parents: reversed depth-first postorder, without recursion. */
export function topologicalOrder<V>(root: Node<V>): Node<V>[] {
  const order: Node<V>[] = [];
  const seen = new Set<Node<V>>([root]);
  const stack: { node: Node<V>; next: number }[] = [{ node: root, next: 0 }];
  for (;;) {
    const top = stack[stack.length - 1];
    if (!top) break;
    if (top.next < top.node.parents.length) {
      const parent = top.node.parents[top.next++]?.node;
      if (parent && !seen.has(parent)) {
        seen.add(parent);
        stack.push({ node: parent, next: 0 });
      }
    } else {
      order.push(top.node);
      stack.pop();
    }
  }
  return order.reverse();
}
