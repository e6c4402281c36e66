import { nn, optim, type Tensor } from "../../../src/index.ts";

// optim.SGD optim.Optimizer
{
  const w = nn.init.parameter([1], nn.init.constant(4));
  const optimizer: optim.Optimizer = new optim.SGD([w], { lr: 0.1, momentum: 0.9 });
  for (let step = 0; step < 3; step++) {
    optimizer.zeroGrad();
    w.square().sum().backward();
    optimizer.step();
  }
  w; // tensor([0.248], shape [1], requiresGrad)
}

// optim.Adam optim.AdamW optim.RMSprop optim.Adagrad
{
  const after = (make: (w: nn.Parameter) => optim.Optimizer) => {
    const w = nn.init.parameter([1], nn.init.constant(4));
    const optimizer = make(w);
    w.square().sum().backward();
    optimizer.step({ clipNorm: 1 }); // 8
    return w.item();
  };
  after((w) => new optim.Adam([w], { lr: 0.1, beta1: 0.9 })); // 3.9
  after((w) => new optim.AdamW([w], { lr: 0.1, weightDecay: 0.01 })); // 3.896
  after((w) => new optim.RMSprop([w], { lr: 0.1 })); // 3
  after((w) => new optim.Adagrad([w], { lr: 0.1 })); // 3.9
}

// optim.gradNorm optim.clipGradNorm optim.clipGradValue
{
  const w = nn.init.parameter([2], nn.init.constant(1));
  const scaled: Tensor = w.mul(30);
  scaled.sum().backward();
  optim.gradNorm([w]); // 42.426
  optim.clipGradNorm([w], 1); // 42.426
  w.grad; // tensor([0.70711, 0.70711], shape [2])
  optim.clipGradValue([w], 0.5);
  w.grad; // tensor([0.5, 0.5], shape [2])
}

// optim.StepLR optim.ExponentialLR optim.CosineAnnealingLR optim.LambdaLR
{
  const w = nn.init.parameter([1], nn.init.constant(1));
  const rates = (make: (optimizer: optim.Optimizer) => optim.Schedule) => {
    const optimizer = new optim.SGD([w], { lr: 1 });
    const schedule = make(optimizer);
    return [1, 2, 3, 4].map(() => {
      schedule.step();
      return optimizer.lr;
    });
  };
  rates((optimizer) => new optim.StepLR(optimizer, { stepSize: 2, gamma: 0.1 })); // [ 1, 0.1, 0.1, 0.01 ]
  rates((optimizer) => new optim.ExponentialLR(optimizer, { gamma: 0.5 })); // [ 0.5, 0.25, 0.125, 0.0625 ]
  rates((optimizer) => new optim.CosineAnnealingLR(optimizer, { tMax: 4 })); // [ 0.85355, 0.5, 0.14645, 0 ]
  rates((optimizer) => new optim.LambdaLR(optimizer, (step) => 1 / (1 + step))); // [ 0.5, 0.33333, 0.25, 0.2 ]
}

// optim.ReduceLROnPlateau optim.Schedule
{
  const w = nn.init.parameter([1], nn.init.constant(1));
  const optimizer = new optim.SGD([w], { lr: 1 });
  const schedule: optim.Schedule = new optim.ReduceLROnPlateau(optimizer, { factor: 0.5, patience: 0 });
  for (const validLoss of [2, 1, 1.5]) schedule.step(validLoss);
  optimizer.lr; // 0.5
}
