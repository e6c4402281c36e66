import * as library from "../../src/index.ts";
import { ArgumentError, CheckpointError, ShapeError } from "../../src/index.ts";
import { type Anything, assertAllRefused, type Refusal } from "../refusals.ts";

const given = library as unknown as Anything;
const { nn, optim, Generator, ones } = given;

const g = new Generator(1);
const o = { generator: g };
const p = () => Object.assign(ones([2]), { requiresGrad: true });

const refusals: Refusal[] = [
  [() => new optim.SGD(), ArgumentError, /^optim\.SGD: undefined is no list of parameters/],
  [() => new optim.SGD([], { lr: 1 }), ArgumentError, /^optim\.SGD: a parameter list is empty/],
  [() => new optim.SGD([p()]), ArgumentError, /^optim\.SGD: lr/],
  [() => new optim.SGD([p()], {}), ArgumentError, /^optim\.SGD: lr/],
  [() => new optim.SGD([p()], { lr: -1 }), ArgumentError, /^optim\.SGD: lr/],
  [() => new optim.SGD([p()], { lr: Infinity }), ArgumentError, /^optim\.SGD: lr/],
  [() => new optim.SGD([p()], { lr: "0.1" }), ArgumentError, /^optim\.SGD: lr/],
  [
    () => new optim.SGD(new nn.Linear(3, 4, o), { lr: 1 }),
    ArgumentError,
    /^optim\.SGD: a Linear is no list of parameters/,
  ],
  [
    () => new optim.SGD(new nn.Linear(3, 4, o).namedParameters(), { lr: 1 }),
    ArgumentError,
    /^optim\.SGD: a Map is no list of parameters/,
  ],
  [
    () => new optim.SGD([p().mul(2)], { lr: 1 }),
    ArgumentError,
    /^optim\.SGD: a Tensor is no parameter: use parameters\(\)/,
  ],
  [
    () => {
      const q = p();
      return new optim.SGD([q, q], { lr: 1 });
    },
    ArgumentError,
    /^optim\.SGD: a parameter is listed twice/,
  ],
  [
    () => new optim.SGD([p(), 3], { lr: 1 }),
    ArgumentError,
    /^optim\.SGD: 3 is no parameter: use parameters\(\)/,
  ],
  [
    () => new optim.SGD(["a"], { lr: 1 }),
    ArgumentError,
    /^optim\.SGD: "a" is no parameter: use parameters\(\)/,
  ],
  [() => new optim.SGD([p()], { lr: 1, momentum: -1 }), ArgumentError, /^optim\.SGD: momentum/],
  [() => new optim.SGD([p()], { lr: 1, nesterov: true }), ArgumentError, /^optim\.SGD: nesterov/],
  [
    () => new optim.SGD([p()], { lr: 1, momentum: 0.9, nesterov: "yes" }),
    ArgumentError,
    /^optim\.SGD: nesterov/,
  ],
  [
    () => new optim.SGD([p()], { lr: 1, momentun: 0.9 }),
    ArgumentError,
    /^optim\.SGD: there is no option "momentun"/,
  ],
  [
    () => new optim.SGD([{ lr: 1 }], { lr: 1 }),
    ArgumentError,
    /^optim\.SGD: undefined is no list of parameters/,
  ],
  [() => new optim.SGD([{ params: [] }], { lr: 1 }), ArgumentError, /^optim\.SGD: a parameter list is empty/],
  [
    () => new optim.SGD([{ params: [p()], learningRate: 2 }], { lr: 1 }),
    ArgumentError,
    /^optim\.SGD: there is no option "learningRate"/,
  ],
  [() => new optim.Adam([p()], { beta1: 1 }), ArgumentError, /^optim\.Adam: beta1/],
  [
    () => new optim.Adam([p()], { betas: [0.9, 0.99] }),
    ArgumentError,
    /^optim\.Adam: there is no option "betas"/,
  ],
  [() => new optim.Adam([p()], { eps: -1 }), ArgumentError, /^optim\.Adam: eps/],
  [() => new optim.Adam([p()], { weightDecay: NaN }), ArgumentError, /^optim\.Adam: weightDecay/],
  [() => new optim.RMSprop([p()], { alpha: 1 }), ArgumentError, /^optim\.RMSprop: alpha/],
  [() => new optim.Adagrad([p()], { lrDecay: -1 }), ArgumentError, /^optim\.Adagrad: lrDecay/],
  [() => new optim.AdamW([p()], { lr: -1 }), ArgumentError, /^optim\.AdamW: lr/],
  [
    () => new optim.Adam([p()], 0.01),
    ArgumentError,
    /^optim\.Adam: give the options as an object \{ lr, beta1, beta2, eps, weightDecay \}/,
  ],
  [() => new optim.Adam([p()]).step({ clipNorm: -1 }), ArgumentError, /^optim\.Adam: clipNorm/],
  [() => new optim.Adam([p()]).step({ clipNorm: NaN }), ArgumentError, /^optim\.Adam: clipNorm/],
  [
    () => new optim.Adam([p()]).step({ maxNorm: 1 }),
    ArgumentError,
    /^optim\.Adam\.step: there is no option "maxNorm"/,
  ],
  [
    () => new optim.Adam([p()]).step(1),
    ArgumentError,
    /^optim\.Adam\.step: give the options as an object \{ clipNorm, clipValue \}/,
  ],
  [
    () => {
      new optim.Adam([p()]).lr = NaN as never;
    },
    ArgumentError,
    /^optim\.Adam: lr/,
  ],
  [
    () => {
      new optim.Adam([p()]).lr = -1 as never;
    },
    ArgumentError,
    /^optim\.Adam: lr/,
  ],
  [
    () => {
      const q = p();
      q.grad = ones([3]);
      new optim.Adam([q]).step();
    },
    ShapeError,
    /^step: a gradient \[3\] for a parameter of 2 elements: they/,
  ],
  [
    () => new optim.Adam([p()]).loadStateDict(new optim.SGD([p()], { lr: 1 }).stateDict()),
    CheckpointError,
    /^optim\.Adam: the state is of "SGD"/,
  ],
  [() => new optim.Adam([p()]).loadStateDict(), CheckpointError, /^optim\.Adam: the state is of undefined/],
  [() => new optim.Adam([p()]).loadStateDict({}), CheckpointError, /^optim\.Adam: the state is of undefined/],
  [
    () => new optim.Adam([p()]).loadStateDict(new optim.Adam([p(), p()]).stateDict()),
    CheckpointError,
    /^optim\.Adam: the state has groups of 2 parameters, this optimizer/,
  ],
  [
    () => new optim.Adam([p()]).loadStateDict({ name: "Adam" }),
    CheckpointError,
    /^optim\.Adam: the state has groups of undefined parameters, this optimizer/,
  ],
  [
    () => {
      const q = p();
      q.grad = ones([2]);
      const a = new optim.Adam([q]);
      a.step();
      const s = a.stateDict();
      s.slots[0].mean = new Float32Array(3) as never;
      a.loadStateDict(s);
    },
    CheckpointError,
    /^optim\.Adam: the state does not fit: mean of parameter 0 has 3 elements, not 2/,
  ],
  [() => optim.clipGradNorm([p()], NaN), ArgumentError, /^clipGradNorm: maxNorm/],
  [() => optim.clipGradNorm([p()]), ArgumentError, /^clipGradNorm: maxNorm/],
  [
    () => optim.clipGradNorm(new nn.Linear(2, 2, o), 1),
    ArgumentError,
    /^gradNorm: a Linear is no list of parameters/,
  ],
  [() => optim.clipGradNorm([p()], 1, { normType: 0 }), ArgumentError, /^gradNorm: normType/],
  [() => optim.clipGradNorm(p(), 1), ArgumentError, /^gradNorm: a Tensor is no list of parameters/],
  [() => optim.clipGradValue([p()], -1), ArgumentError, /^clipGradValue: value/],
  [() => optim.clipGradValue(new Map(), 1), ArgumentError, /^clipGradValue: a Map is no list of parameters/],
  [() => optim.gradNorm([p()], -2), ArgumentError, /^gradNorm: normType/],
  [() => new optim.StepLR(new optim.Adam([p()]), { stepSize: 0 }), ArgumentError, /^optim\.StepLR: stepSize/],
  [
    () => new optim.StepLR(new optim.Adam([p()])),
    ArgumentError,
    /^optim\.StepLR: give the options as an object \{ stepSize, gamma \}/,
  ],
  [
    () => new optim.StepLR(undefined, { stepSize: 1 }),
    ArgumentError,
    /^optim\.StepLR: the groups of the optimizer/,
  ],
  [
    () => new optim.StepLR([p()], { stepSize: 1 }),
    ArgumentError,
    /^optim\.StepLR: the groups of the optimizer/,
  ],
  [
    () => new optim.StepLR(new optim.Adam([p()]), { stepSize: 1, gamma: -1 }),
    ArgumentError,
    /^optim\.StepLR: gamma/,
  ],
  [
    () => new optim.StepLR(new optim.Adam([p()]), { stepSize: 1, gama: 0.5 }),
    ArgumentError,
    /^optim\.StepLR: there is no option "gama"/,
  ],
  [() => new optim.ExponentialLR(new optim.Adam([p()]), {}), ArgumentError, /^optim\.ExponentialLR: gamma/],
  [
    () => new optim.ExponentialLR(new optim.Adam([p()]), 0.9),
    ArgumentError,
    /^optim\.ExponentialLR: give the options as an object \{ gamma \}/,
  ],
  [
    () => new optim.CosineAnnealingLR(new optim.Adam([p()]), { tMax: 0 }),
    ArgumentError,
    /^optim\.CosineAnnealingLR: tMax/,
  ],
  [
    () => new optim.CosineAnnealingLR(new optim.Adam([p()]), { tMax: 2, etaMin: -1 }),
    ArgumentError,
    /^optim\.CosineAnnealingLR: etaMin/,
  ],
  [
    () => new optim.LambdaLR(new optim.Adam([p()]), () => NaN),
    ArgumentError,
    /^optim\.LambdaLR: the rate of step 0/,
  ],
  [() => new optim.LambdaLR(new optim.Adam([p()])), ArgumentError, /^optim\.LambdaLR: f/],
  [
    () => new optim.LambdaLR(new optim.Adam([p()]), () => -1),
    ArgumentError,
    /^optim\.LambdaLR: the rate of step 0/,
  ],
  [
    () => new optim.ReduceLROnPlateau(new optim.Adam([p()]), { factor: 1 }),
    ArgumentError,
    /^optim\.ReduceLROnPlateau: factor/,
  ],
  [
    () => new optim.ReduceLROnPlateau(new optim.Adam([p()]), { mode: "least" }),
    ArgumentError,
    /^optim\.ReduceLROnPlateau: mode/,
  ],
  [
    () => new optim.ReduceLROnPlateau(new optim.Adam([p()]), { threshold: -1 }),
    ArgumentError,
    /^optim\.ReduceLROnPlateau: threshold/,
  ],
  [
    () => new optim.ReduceLROnPlateau(new optim.Adam([p()]), { minLr: NaN }),
    ArgumentError,
    /^optim\.ReduceLROnPlateau: minLr/,
  ],
  [
    () => new optim.ReduceLROnPlateau(new optim.Adam([p()]), { patiense: 3 }),
    ArgumentError,
    /^optim\.ReduceLROnPlateau: there is no option "patiense"/,
  ],
  [
    () => new optim.ReduceLROnPlateau(new optim.Adam([p()])).step(),
    ArgumentError,
    /^optim\.ReduceLROnPlateau: step\(\)/,
  ],
  [
    () => new optim.ReduceLROnPlateau(new optim.Adam([p()])).step("0.5"),
    ArgumentError,
    /^optim\.ReduceLROnPlateau: step\(\)/,
  ],
  [
    () =>
      new optim.ReduceLROnPlateau(new optim.Adam([p()])).loadState({ name: "StepLR", count: 1, base: [1] }),
    CheckpointError,
    /^optim\.ReduceLROnPlateau: the state is of "StepLR" with 1 groups, not of "ReduceL/,
  ],
  [
    () => new optim.StepLR(new optim.Adam([p()]), { stepSize: 1 }).loadState(),
    CheckpointError,
    /^optim\.StepLR: the state is of undefined with no groups, not of "StepLR" with 1/,
  ],
  [
    () =>
      new optim.StepLR(new optim.Adam([p()]), { stepSize: 1 }).loadState({
        name: "StepLR",
        count: "x",
        base: ["a"],
      }),
    CheckpointError,
    /^optim\.StepLR: the state's count cannot be "x"/,
  ],
];

describe("optim: bad calls", () => {
  it(`${refusals.length} of them are refused, by name and with a remedy`, () => assertAllRefused(refusals));
});
