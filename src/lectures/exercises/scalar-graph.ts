/** The scalar graph of lecture 03, and backward passes over it, right and wrong. */
export interface ScalarNode {
  readonly name: string;
  readonly value: number;
  /** Inputs, each with the local derivative ∂value/∂input. */
  readonly parents: readonly { readonly node: ScalarNode; readonly local: number }[];
  grad: number;
}

type Backward = (nodes: ScalarNode[]) => void;

/** Nodes come in the order in which they were computed; the last is the loss. */
export const backwardPasses: Readonly<
  Record<
    "right" | "overwrite" | "forwardOrder" | "eachPath" | "noSeed" | "seedOnly" | "seedAfterReversing",
    Backward
  >
> = {
  right(nodes) {
    seed(nodes);
    for (const { grad, parents } of [...nodes].reverse()) {
      for (const { node, local } of parents) node.grad += local * grad;
    }
  },
  overwrite(nodes) {
    seed(nodes);
    for (const { grad, parents } of [...nodes].reverse()) {
      for (const { node, local } of parents) node.grad = local * grad;
    }
  },
  forwardOrder(nodes) {
    seed(nodes);
    for (const { grad, parents } of nodes) {
      for (const { node, local } of parents) node.grad += local * grad;
    }
  },
  eachPath(nodes) {
    seed(nodes);
    const visit = ({ grad, parents }: ScalarNode): void => {
      for (const { node, local } of parents) {
        node.grad += local * grad;
        visit(node);
      }
    };
    visit(nodes[nodes.length - 1]);
  },
  noSeed() {},
  seedOnly: seed,
  seedAfterReversing(nodes) {
    nodes.reverse();
    backwardPasses.forwardOrder(nodes);
  },
};

function seed(nodes: ScalarNode[]): void {
  nodes[nodes.length - 1].grad = 1;
}

/** The gradients that a backward pass leaves in a graph where x reaches the loss on two ways, twice over. */
export function diamond(backward: Backward): Record<string, number> {
  const node = (name: string, value: number, ...parents: [ScalarNode, number][]): ScalarNode => ({
    name,
    value,
    grad: 0,
    parents: parents.map(([node, local]) => ({ node, local })),
  });
  const x = node("x", 0.6);
  const u = node("u", x.value ** 2, [x, 2 * x.value]); // x²
  const v = node("v", u.value * x.value, [u, x.value], [x, u.value]); // u x
  const w = node("w", Math.sin(u.value), [u, Math.cos(u.value)]); // sin u
  const loss = node("L", v.value * w.value, [v, w.value], [w, v.value]); // v w
  const nodes = [x, u, v, w, loss];
  backward(nodes);
  return Object.fromEntries(nodes.map(({ name, grad }) => [`∂L/∂${name}`, grad]));
}
