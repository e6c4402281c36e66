import { DataError } from "../errors.ts";

/** One way on from a state: to state number `to` (−1: the string is complete) with probability p. */
export interface Step {
  readonly to: number;
  readonly p: number;
}

/**
 * The expected number of visits to each state of an absorbing Markov chain that begins in state 0,
 *
 *     v = e₀ + vA   ⇒   v = e₀(I − A)⁻¹        [n], A [n, n]
 *
 * solved exactly (to rounding), component by component: the states of one strongly connected component depend on each
 * other and need a system of equations; all others come before or after and are put in.
 *
 * @throws {DataError} if some strings never end.
 */
export function expectedVisits(steps: readonly (readonly Step[])[]): Float64Array {
  const v = new Float64Array(steps.length);
  v[0] = 1;
  for (const component of components(steps)) {
    const place = new Map(component.map((state, i) => [state, i]));
    const alone = component.length === 1 && !steps[component[0]].some(({ to }) => to === component[0]);
    if (!alone) {
      // (I − A)ᵀ x = what flows in from outside, which is already in v.
      const matrix = identity(component.length);
      component.forEach((state, j) => {
        for (const { to, p } of steps[state]) {
          const i = place.get(to);
          if (i !== undefined) matrix[i][j] -= p;
        }
      });
      const solved = solve(
        matrix,
        component.map((state) => v[state]),
      );
      component.forEach((state, i) => {
        v[state] = solved[i];
      });
    }
    for (const state of component) {
      for (const { to, p } of steps[state]) if (to >= 0 && !place.has(to)) v[to] += v[state] * p;
    }
  }
  if (v.some((visits) => !(visits >= 0 && visits < 1e15))) {
    throw new DataError("expected visits: some strings of this source never end");
  }
  return v;
}

/**
 * The share π of time that an endless chain spends in each state: π = πA, Σπ = 1.
 * @throws {DataError} if it depends on where the chain begins.
 */
export function stationary(steps: readonly (readonly Step[])[]): Float64Array {
  const n = steps.length;
  const matrix = identity(n);
  steps.forEach((row, j) => {
    for (const { to, p } of row) matrix[to][j] -= p;
  });
  // The n equations say one thing too few: their sum is 0 = 0. Σπ = 1 takes the place of the first.
  matrix[0].fill(1);
  return Float64Array.from(solve(matrix, [1, ...new Array<number>(n - 1).fill(0)]), (share) =>
    Math.max(0, share),
  );
}

/** More equations than this would take minutes and a hundred megabytes. */
const MOST_EQUATIONS = 3000;

/** n equations: the identity, to begin with. */
function identity(n: number): Float64Array[] {
  if (n > MOST_EQUATIONS) {
    throw new DataError(
      `${n} states of this source lead to each other; at most ${MOST_EQUATIONS} can be solved for`,
    );
  }
  return Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));
}

/** x with Mx = b, by elimination with row pivots; M and b are overwritten. */
function solve(m: Float64Array[], b: number[]): number[] {
  const n = b.length;
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(m[r][c]) > Math.abs(m[pivot][c])) pivot = r;
    if (!(Math.abs(m[pivot][c]) > 1e-14)) {
      throw new DataError(
        "the equations of this source have no single solution: it never ends, or falls apart",
      );
    }
    [m[c], m[pivot]] = [m[pivot], m[c]];
    [b[c], b[pivot]] = [b[pivot], b[c]];
    for (let r = c + 1; r < n; r++) {
      const factor = m[r][c] / m[c][c];
      if (factor === 0) continue;
      for (let j = c; j < n; j++) m[r][j] -= factor * m[c][j];
      b[r] -= factor * b[c];
    }
  }
  for (let r = n - 1; r >= 0; r--) {
    for (let j = r + 1; j < n; j++) b[r] -= m[r][j] * b[j];
    b[r] /= m[r][r];
  }
  return b;
}

/** The strongly connected components, each before those it leads to (Kosaraju's two passes, without recursion). */
function components(steps: readonly (readonly Step[])[]): number[][] {
  const forward = steps.map((row) => row.map(({ to }) => to).filter((to) => to >= 0));
  const backward = steps.map((): number[] => []);
  forward.forEach((row, from) => {
    for (const to of row) backward[to].push(from);
  });
  let seen = new Uint8Array(steps.length);
  const finished = [...steps.keys()].flatMap((root) => reached(forward, root, seen));
  seen = new Uint8Array(steps.length);
  return finished
    .reverse()
    .map((root) => reached(backward, root, seen))
    .filter((component) => component.length > 0);
}

/** What is reached from `root` and was not seen before, each after all that it leads to. */
function reached(graph: readonly (readonly number[])[], root: number, seen: Uint8Array): number[] {
  if (seen[root]) return [];
  seen[root] = 1;
  const done: number[] = [];
  const open: [node: number, next: number][] = [[root, 0]];
  while (open.length > 0) {
    const top = open[open.length - 1];
    const to = graph[top[0]][top[1]++];
    if (to === undefined) {
      done.push(top[0]);
      open.pop();
    } else if (!seen[to]) {
      seen[to] = 1;
      open.push([to, 0]);
    }
  }
  return done;
}
