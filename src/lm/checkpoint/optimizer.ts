import { fromData } from "../../autograd/create.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import { CheckpointError, describe } from "../../errors.ts";
import type { Slot } from "../../fused/moments.ts";
import type { FloatArray } from "../../kernels/types.ts";
import type { Parameter } from "../../nn/module.ts";
import type { Hyper, Optimizer, ParamGroup } from "../../optim/optimizer.ts";
import { Adagrad, Adam, AdamW, RMSprop, SGD } from "../../optim/optimizers.ts";

/** How an optimizer is described in a checkpoint; its moments stand beside it as `optimizer.<parameter>.<moment>`. */
export interface OptimizerRecord {
  name: string;
  groups: Hyper[];
  /** The names of each group's parameters. */
  parameters: string[][];
  /** Updates of each parameter in that order, null for one that had none. */
  steps: (number | null)[];
}

type Groups = readonly ParamGroup<Hyper>[];
const MAKERS: Readonly<Record<string, (groups: Groups, options: Hyper) => Optimizer>> = {
  SGD: (groups, options) => new SGD(groups, options),
  Adagrad: (groups, options) => new Adagrad(groups, options),
  RMSprop: (groups, options) => new RMSprop(groups, options),
  Adam: (groups, options) => new Adam(groups, options),
  AdamW: (groups, options) => new AdamW(groups, options),
};

/** @throws {CheckpointError} for an optimizer that `load` does not know, or that has a parameter which is not the model's. */
export function describeOptimizer(
  optimizer: Optimizer,
  own: ReadonlyMap<string, Parameter>,
): { record: OptimizerRecord; moments: Map<string, Tensor> } {
  const { name, groups, slots } = optimizer.stateDict();
  if (!Object.hasOwn(MAKERS, name)) {
    throw new CheckpointError(
      `a checkpoint holds one of ${Object.keys(MAKERS).join(", ")}, not ${describe(name)}`,
    );
  }
  const names = new Map<Tensor, string>([...own].map(([name, p]) => [p, name]));
  const parameters = optimizer.groups.map(({ params }) =>
    params.map((p) => {
      const found = names.get(p);
      if (found !== undefined) return found;
      throw new CheckpointError(
        "the optimizer has a parameter that is not the model's; they cannot be saved together",
      );
    }),
  );
  const moments = new Map<string, Tensor>();
  parameters.flat().forEach((parameter, i) => {
    for (const [moment, values] of Object.entries(slots[i] ?? {})) {
      if (typeof values !== "number")
        moments.set(`optimizer.${parameter}.${moment}`, fromData(values, [values.length]));
    }
  });
  return { record: { name, groups, parameters, steps: slots.map((slot) => slot?.step ?? null) }, moments };
}

/** Makes the optimizer again, for the parameters of a model that was loaded. */
export function makeOptimizer(
  own: ReadonlyMap<string, Parameter>,
  { name, groups, parameters, steps }: OptimizerRecord,
  tensors: ReadonlyMap<string, Tensor>,
): Optimizer {
  if (!Object.hasOwn(MAKERS, name)) throw new CheckpointError(`unknown optimizer ${describe(name)}`);
  if (groups.length !== parameters.length || steps.length !== parameters.flat().length) {
    throw new CheckpointError(
      `the optimizer has ${groups.length} groups for ${parameters.length} lists of parameters, and ${steps.length} ` +
        `states for ${parameters.flat().length} parameters`,
    );
  }
  const parameter = (path: string) => {
    const p = own.get(path);
    if (!p) throw new CheckpointError(`the optimizer's parameter ${describe(path)} is not in the model`);
    return p;
  };
  const params = parameters.map((names) => names.map(parameter));
  const optimizer = MAKERS[name](
    groups.map((group, i) => ({ ...group, params: params[i] })),
    groups[0],
  );
  const slots = parameters.flat().map((path, i): Slot | null => {
    const step = steps[i];
    return step === null ? null : { step, ...momentsOf(path, tensors) };
  });
  optimizer.loadStateDict({ name, groups, sizes: params.map((list) => list.length), slots });
  const isWider = (slot: Slot | null, i: number) =>
    params.flat()[i].dtype === "float32" && Object.values(slot ?? {}).some((v) => v instanceof Float64Array);
  if (slots.some(isWider)) {
    console.warn(
      "load: this checkpoint has the moments of float32 parameters in float64, as it was done once; they were rounded, " +
        "so a resume is not bit for bit the run that was saved.",
    );
  }
  return optimizer;
}

function momentsOf(path: string, tensors: ReadonlyMap<string, Tensor>): Record<string, FloatArray> {
  const prefix = `optimizer.${path}.`;
  const moments: Record<string, FloatArray> = {};
  for (const [name, { data }] of tensors) {
    const moment = name.startsWith(prefix) ? name.slice(prefix.length) : "";
    if (!/^\w+$/.test(moment)) continue; // another parameter, whose path begins with this one's
    if (data instanceof Int32Array) throw new CheckpointError(`${name} must be float32 or float64`);
    moments[moment] = data;
  }
  return moments;
}
