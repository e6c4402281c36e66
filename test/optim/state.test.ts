import assert from "node:assert/strict";
import { CheckpointError, Generator, optim, randn, type Tensor, tensor } from "../golden/core.ts";

type Make = (params: readonly Tensor[]) => optim.Optimizer;

const optimizers: Record<string, Make> = {
  SGD: (p) => new optim.SGD(p, { lr: 0.1 }),
  "SGD with momentum": (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9, dampening: 0.1 }),
  Nesterov: (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9, nesterov: true }),
  Adagrad: (p) => new optim.Adagrad(p, { lr: 0.1, lrDecay: 0.01 }),
  RMSprop: (p) => new optim.RMSprop(p, { lr: 0.01, momentum: 0.5 }),
  Adam: (p) => new optim.Adam(p, { lr: 0.05, weightDecay: 0.01 }),
  AdamW: (p) => new optim.AdamW(p, { lr: 0.05 }),
};

const parameters = (dtype: "float32" | "float64" = "float32"): Tensor[] =>
  [[3, 4], [5]].map((shape, i) => randn(shape, new Generator(`p${i}`), { dtype, requiresGrad: true }));

/** Steps `from` … `to` − 1 of a descent on Σ p⁴ + p², whose gradients depend on where p is. */
function descend(optimizer: optim.Optimizer, params: readonly Tensor[], from: number, to: number): void {
  for (let step = from; step < to; step++) {
    optimizer.zeroGrad();
    for (const p of params)
      p.square()
        .add(p.square().square())
        .mul(1 + step)
        .sum()
        .backward();
    optimizer.step();
  }
}

const bits = (params: readonly Tensor[]) => params.map((p) => [...p.data]);
const one = () => [tensor([1], { requiresGrad: true })];

describe("optim: state", () => {
  for (const [name, make] of Object.entries(optimizers)) {
    for (const dtype of ["float32", "float64"] as const) {
      it(`${name} in ${dtype}: saved and loaded after 3 of 6 steps, it is the run that was not`, () => {
        const whole = parameters(dtype);
        descend(make(whole), whole, 0, 6);
        const begun = parameters(dtype);
        const first = make(begun);
        descend(first, begun, 0, 3);
        const state = first.stateDict();
        const copies = begun.map((p) => tensor(p.toArray(), { dtype, requiresGrad: true }));
        const second = make(copies);
        second.loadStateDict(state);
        descend(first, begun, 3, 4); // what was saved is a copy
        descend(second, copies, 3, 6);
        assert.deepEqual(bits(copies), bits(whole));
      });
    }
  }

  it("loading brings the options of the groups back, and takes moments away where the state has none", () => {
    const [a, b] = parameters();
    const groups = [{ params: [a], lr: 0.5 }, { params: [b] }];
    const saved = new optim.Adam(groups, { lr: 0.1 }).stateDict();
    assert.deepEqual(saved.slots, [null, null]);
    const other = new optim.Adam([{ params: [a] }, { params: [b] }], { lr: 0.9 });
    descend(other, [a, b], 0, 1);
    other.loadStateDict(saved);
    assert.deepEqual(
      other.groups.map(({ lr }) => lr),
      [0.5, 0.1],
    );
    assert.deepEqual(other.stateDict().slots, [null, null]);
  });

  it("refuses a state of another optimizer or of other parameters, and changes nothing", () => {
    const params = parameters();
    const adam = new optim.Adam(params);
    descend(adam, params, 0, 1);
    const state = adam.stateDict();
    const before = JSON.stringify(adam.stateDict());
    const refused: [object, RegExp][] = [
      [{ ...state, name: "SGD" }, /^optim\.Adam: the state is of "SGD"/],
      [
        { ...state, sizes: [1, 1] },
        /^optim\.Adam: the state has groups of 1,1 parameters, this optimizer needs 2/,
      ],
      [{ ...state, slots: [null] }, /^optim\.Adam: the state has groups of 2 parameters/],
      [
        { ...state, slots: [state.slots[1], state.slots[0]] },
        /^optim\.Adam: .*mean of parameter 0 has 5 elements, not 12/,
      ],
    ];
    for (const [bad, message] of refused) {
      assert.throws(
        () => adam.loadStateDict(bad as optim.OptimizerState),
        (error: Error) => error instanceof CheckpointError && message.test(error.message),
      );
    }
    const odd = { ...state, groups: [{ ...state.groups[0], beta1: 2 }] };
    assert.throws(() => adam.loadStateDict(odd), /^ArgumentError: optim\.Adam: beta1 .*< 1, got 2/);
    assert.equal(JSON.stringify(adam.stateDict()), before);
  });
});

describe("optim: parameters and options", () => {
  it("each group has its own options; setting lr sets them all", () => {
    const [a, b] = [tensor([1], { requiresGrad: true }), tensor([1], { requiresGrad: true })];
    const sgd = new optim.SGD([{ params: [a], lr: 0.5 }, { params: [b] }], { lr: 0.1 });
    const step = () => {
      sgd.zeroGrad();
      a.add(b).backward();
      sgd.step();
    };
    step();
    assert.deepEqual([a.item(), b.item(), sgd.lr], [0.5, Math.fround(0.9), 0.5]);
    sgd.lr = 0.25;
    step();
    assert.deepEqual([a.item(), b.item()], [0.25, Math.fround(Math.fround(0.9) - 0.25)]);
  });

  it("skips a parameter without gradient: neither its value nor its step count changes", () => {
    const params = parameters();
    const adam = new optim.Adam(params);
    params[0].square().sum().backward();
    const before = bits(params)[1];
    adam.step();
    assert.deepEqual(bits(params)[1], before);
    assert.deepEqual(
      adam.stateDict().slots.map((slot) => slot?.step ?? null),
      [1, null],
    );
    adam.zeroGrad();
    assert.deepEqual(
      params.map((p) => p.grad),
      [null, null],
    );
  });

  it("prints its name and options, those of each group", () => {
    const [a, b] = [...one(), ...one()];
    assert.equal(
      String(new optim.Adam([a, b])),
      "Adam(2 parameters, lr: 0.001, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0)",
    );
    assert.equal(
      String(new optim.SGD([{ params: [a] }, { params: [b], lr: 0.5 }], { lr: 0.1, momentum: 0.9 })),
      "SGD(1 parameter, lr: 0.1, momentum: 0.9, dampening: 0, weightDecay: 0, nesterov: false\n" +
        "  1 parameter, lr: 0.5, momentum: 0.9, dampening: 0, weightDecay: 0, nesterov: false)",
    );
  });

  it("a graph that was recorded before a step is refused by name", () => {
    const [p] = one();
    const loss = p.square().sum();
    p.square().sum().backward();
    new optim.SGD([p], { lr: 0.1 }).step();
    assert.throws(() => loss.backward(), /^AutogradError: backward: .*optimizer's step/);
  });

  it("refuses what is no parameter and options out of range or unknown, by name", () => {
    const [p] = one();
    const refused: [() => unknown, RegExp][] = [
      [() => new optim.SGD([], { lr: 0.1 }), /optim\.SGD: a parameter list is empty/],
      [() => new optim.SGD([p, p], { lr: 0.1 }), /optim\.SGD: a parameter is listed twice/],
      [() => new optim.SGD([{ params: [p] }, { params: [p] }], { lr: 0.1 }), /listed twice/],
      [() => new optim.SGD([p.square()], { lr: 0.1 }), /optim\.SGD: a Tensor is no parameter/],
      [() => new optim.SGD([p], {} as never), /optim\.SGD: lr must be .*got NaN/],
      [() => new optim.SGD([p], { lr: -1 }), /optim\.SGD: lr .*≥ 0, got -1/],
      [() => new optim.SGD([p], { lr: 0.1, nesterov: true }), /nesterov needs a momentum above 0/],
      [
        () => new optim.Adam([p], { learningRate: 1 } as never),
        /optim\.Adam: there is no option "learningRate"; there are lr, beta1, beta2, eps, weightDecay$/,
      ],
      [
        () => new optim.AdamW([{ params: [p], weigthDecay: 1 }] as never),
        /optim\.AdamW: there is no option "weigthDecay"; did you mean "weightDecay"\?$/,
      ],
      [() => new optim.Adam([p], { beta2: 1 }), /optim\.Adam: beta2 .*< 1, got 1/],
      [() => new optim.RMSprop([p], { alpha: 1.5 }), /optim\.RMSprop: alpha .*got 1\.5/],
      [() => new optim.Adagrad([p], { eps: -1e-8 }), /optim\.Adagrad: eps .*got -1e-8/],
    ];
    for (const [call, message] of refused) assert.throws(call, message);
  });
});

describe("optim: state of schedules", () => {
  const schedules: Record<string, (o: optim.SGD) => optim.Schedule> = {
    StepLR: (o) => new optim.StepLR(o, { stepSize: 2, gamma: 0.5 }),
    ExponentialLR: (o) => new optim.ExponentialLR(o, { gamma: 0.9 }),
    CosineAnnealingLR: (o) => new optim.CosineAnnealingLR(o, { tMax: 4, etaMin: 0.01 }),
    LambdaLR: (o) => new optim.LambdaLR(o, (step) => 1 / (1 + step)),
    ReduceLROnPlateau: (o) => new optim.ReduceLROnPlateau(o, { patience: 1, factor: 0.5, cooldown: 1 }),
  };
  const metrics = [3, 2, 2.5, 2.4, 2.6, 2.7, 2.8, 2.9, 3];
  const run = (schedule: optim.Schedule, from: number, to: number) =>
    metrics.slice(from, to).map((metric) => {
      schedule.step(metric);
      return schedule.lr;
    });

  for (const [name, make] of Object.entries(schedules)) {
    it(`${name}: saved and loaded in the middle, it is the run that was not`, () => {
      const optimizer = () => new optim.SGD(one(), { lr: 0.8 });
      const expected = run(make(optimizer()), 0, metrics.length);
      assert.ok(new Set(expected).size > 1);
      for (let at = 0; at <= metrics.length; at++) {
        const first = optimizer();
        const before = make(first);
        const rates = run(before, 0, at);
        const state = JSON.parse(JSON.stringify(before.state())) as optim.ScheduleState;
        const second = optimizer();
        second.lr = first.lr; // the rate stands in the optimizer's own state
        const after = make(second);
        second.lr = first.lr;
        after.loadState(state);
        assert.deepEqual([...rates, ...run(after, at, metrics.length)], expected, `after ${at} steps`);
      }
    });
  }

  it("refuses a state of another schedule or another number of groups, and options out of range", () => {
    const sgd = new optim.SGD(one(), { lr: 0.8 });
    const schedule = new optim.StepLR(sgd, { stepSize: 2 });
    const other = new optim.ExponentialLR(sgd, { gamma: 0.9 }).state();
    assert.throws(() => schedule.loadState(other), /^CheckpointError: optim\.StepLR: .*"ExponentialLR"/);
    assert.throws(() => schedule.loadState({ ...schedule.state(), base: [1, 2] }), /with 2 groups, not of 1/);
    assert.throws(() => new optim.StepLR(sgd, { stepSize: 0 }), /optim\.StepLR: stepSize .*got 0/);
    assert.throws(() => new optim.ExponentialLR(sgd, { gamma: 0 }), /optim\.ExponentialLR: gamma .*got 0/);
    assert.throws(() => new optim.ReduceLROnPlateau(sgd, { factor: 1 }), /factor .*< 1, got 1/);
    assert.throws(() => new optim.ReduceLROnPlateau(sgd).step(), /step\(\) needs the metric/);
    const lambda = new optim.LambdaLR(sgd, (step) => (step === 0 ? 1 : -1));
    assert.throws(() => lambda.step(), /optim\.LambdaLR: the rate of step 1 .*got -0\.8/);
  });
});
