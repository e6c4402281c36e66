import * as library from "../../src/index.ts";
import { ArgumentError, AutogradError, ShapeError } from "../../src/index.ts";
import { type Anything, assertAllRefused, type Refusal } from "../refusals.ts";

const given = library as unknown as Anything;
const {
  Generator,
  tensor,
  ones,
  zeros,
  ids,
  fromData,
  kernels,
  gradcheck,
  noGrad,
  full,
  eye,
  arange,
  linspace,
  rand,
  randn,
} = given;

const g = new Generator(1);
const p = () => Object.assign(ones([2]), { requiresGrad: true });

const refusals: Refusal[] = [
  [() => tensor(), ArgumentError, /^tensor/],
  [() => tensor("1"), ArgumentError, /^tensor/],
  [() => tensor([1, null]), ArgumentError, /^tensor/],
  [() => tensor([[1], [1, 2]]), ShapeError, /^tensor: rows are ragged, all need the length 1 of the first/],
  [() => tensor([true]), ArgumentError, /^tensor/],
  [
    () => tensor([1], { dtype: "f32" }),
    ArgumentError,
    /^dtype must be "float32" or "float64" or "int32", got "f32"/,
  ],
  [() => tensor([1], { requires_grad: true }), ArgumentError, /^tensor: there is no option "requires_grad"/],
  [
    () => tensor([1], { dtype: "int32", requiresGrad: true }),
    AutogradError,
    /^requiresGrad: int32 has no gradient: use float32/,
  ],
  [() => ids([1.5]), ArgumentError, /^tensor: an int32/],
  [() => ids([2 ** 31]), ArgumentError, /^tensor: an int32/],
  [() => tensor(ones([2])), ArgumentError, /^tensor/],
  [() => tensor([1n]), ArgumentError, /^tensor/],
  [() => zeros(3), ShapeError, /^a shape/],
  [() => zeros([-1]), ShapeError, /^a shape/],
  [() => zeros([1.5]), ShapeError, /^a shape/],
  [() => zeros([NaN]), ShapeError, /^a shape/],
  [() => zeros([2 ** 40]), ShapeError, /^1099511627776 elements are more than fit into one array/],
  [
    () => zeros([2 ** 20, 2 ** 20, 2 ** 20, 2 ** 20]),
    ShapeError,
    /^1\.2089258196146292e\+24 elements are more than fit into one array/,
  ],
  [() => full([2], "1"), ArgumentError, /^tensor/],
  [() => full([2], 1.5, { dtype: "int32" }), ArgumentError, /^tensor: an int32/],
  [() => eye(-1), ShapeError, /^a shape/],
  [() => arange(0, 3, 0), ArgumentError, /^arange: step/],
  [() => arange(NaN), ArgumentError, /^arange: end/],
  [() => linspace(0, 1, -1), ArgumentError, /^linspace: steps/],
  [() => linspace(NaN, 1, 3), ArgumentError, /^linspace: start and end/],
  [() => rand([2], undefined), ArgumentError, /^rand: the generator/],
  [() => randn([2], Math.random), ArgumentError, /^randn: the generator/],
  [() => fromData(new Float32Array(3), [2]), ShapeError, /^fromData: shape \[2\] needs 2/],
  [() => fromData([1, 2], [2]), ArgumentError, /^fromData: the data/],
  [() => fromData(new Uint8Array(2), [2]), ArgumentError, /^fromData: the data/],
  [
    () => ones([2]).sum().backward(),
    AutogradError,
    /^backward: nothing to differentiate: no input requires a gradient, or this was co/,
  ],
  [
    () => {
      const q = p();
      const l = q.sum();
      l.backward();
      l.backward();
    },
    AutogradError,
    /^backward: the graph through "sum" was released by an earlier backward\(\)\. Compute/,
  ],
  [
    () => p().sum().backward({ createGraph: true }),
    AutogradError,
    /^backward: createGraph is refused: the library has no second derivatives/,
  ],
  [
    () =>
      p()
        .mul(2)
        .backward(ones([3])),
    ShapeError,
    /^backward: gradient/,
  ],
  [() => p().mul(2).backward(1), ShapeError, /^backward: a tensor of shape \[2\] has no default gradient/],
  [
    () => {
      ids([1]).requiresGrad = true as never;
    },
    AutogradError,
    /^requiresGrad: int32 has no gradient: use float32/,
  ],
  [
    () => {
      p().mul(2).requiresGrad = false as never;
    },
    AutogradError,
    /^requiresGrad: only a leaf can change it/,
  ],
  [() => ones([2]).retainGrad(), AutogradError, /^retainGrad: this tensor/],
  [() => ones([2]).item(), ShapeError, /^item: needs exactly one element, got shape \[2\]/],
  [
    () =>
      ones([2, 3])
        .t()
        .changeData(() => {}),
    AutogradError,
    /^changeData: this is a view/,
  ],
  [
    () => ones([2]).to("float16"),
    ArgumentError,
    /^dtype must be "float32" or "float64" or "int32", got "float1/,
  ],
  [
    () => gradcheck((x: { sum(): unknown }) => x.sum(), [p()]),
    ArgumentError,
    /^gradcheck: input 0 is float32/,
  ],
  [() => gradcheck(() => 3, [p()]), ArgumentError, /^gradcheck: input 0 is float32/],
  [
    () => gradcheck((x: { sum(): unknown }) => x.sum(), []),
    ArgumentError,
    /^gradcheck: give the inputs as a list: gradcheck\(f, \[x\]\)/,
  ],
  [() => noGrad(async () => 1), AutogradError, /^noGrad: the function/],
  [() => kernels.use("gpu"), ArgumentError, /^kernels\.use: there are no kernels "gpu"/],
  [() => kernels.use(undefined), ArgumentError, /^kernels\.use: there are no kernels "undefined"/],
  [() => new Generator(NaN), ArgumentError, /^Generator: seed/],
  [() => new Generator(1.5), ArgumentError, /^Generator: seed/],
  [() => new Generator(2 ** 53), ArgumentError, /^Generator: seed/],
  [() => new Generator(), ArgumentError, /^Generator: seed/],
  [() => g.int(0), ArgumentError, /^Generator\.int: the bound/],
  [() => g.choice([]), ArgumentError, /^Generator\.choice: the list is empty/],
  [() => g.choice(), ArgumentError, /^Generator\.choice: undefined is no list/],
  [() => g.permutation(-1), ArgumentError, /^Generator\.permutation: n/],
  [() => g.permutation(1.5), ArgumentError, /^Generator\.permutation: n/],
  [() => g.categorical([-1, 2]), ArgumentError, /^Generator\.categorical: weight 0 is -1,/],
  [() => g.categorical([0, 0]), ArgumentError, /^Generator\.categorical: the 2 weights sum to 0/],
  [() => g.categorical([]), ArgumentError, /^Generator\.categorical: the 0 weights sum to 0/],
  [() => Generator.fromState({}), ArgumentError, /^Generator\.fromState:/],
  [() => Generator.fromState(null), ArgumentError, /^Generator\.fromState:/],
  [() => g.fork(), ArgumentError, /^Generator\.fork: the label/],
];

describe("autograd: bad calls", () => {
  it(`${refusals.length} of them are refused, by name and with a remedy`, () => assertAllRefused(refusals));
});
