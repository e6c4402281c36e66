import { generate } from "../array/ndarray.ts";
import { Tensor } from "../autograd/tensor.ts";
import { describe } from "../errors.ts";
import { Generator } from "../random.ts";
import { Cases, Thrown } from "./entries.ts";
import { inWords, isPromise } from "./obstacle.ts";

/** Options of `onInputs`. */
export interface InputOptions {
  /** How many times inputs are drawn; default 4. */
  tries?: number;
  /** Names of the inputs, for messages and for their gradients. */
  names?: readonly string[];
  /**
   * Also compares the gradients that reach those inputs which are tensors and require one. L is a weighted sum of the
   * elements of the result, with weights that are all different.
   */
  gradients?: boolean;
}

/**
 * A probe for answers that are functions, or records of functions: calls them on inputs drawn from a seeded generator.
 * Each call gets inputs of
 * its own, so that a function which changes them spoils nothing; an error that it throws is part of what it answers.
 *
 * @example probe: onInputs((generator) => [generator.uniform(), generator.int(5)], { names: ["p", "n"] })
 */
export function onInputs(
  draw: (generator: Generator) => readonly unknown[],
  { tries = 4, names = [], gradients = false }: InputOptions = {},
): (answer: unknown) => unknown {
  return (answer) => {
    const functions = functionsIn(answer);
    if (!functions) return answer;
    const generator = new Generator("the inputs of exercises");
    const cases = Array.from({ length: tries }, (_, i) => {
      const state = generator.state();
      const results = functions.map(([name, f]) => {
        const inputs = draw(Generator.fromState(state));
        return [name, resultOf(f, inputs, names, gradients)] as const;
      });
      const inputs = draw(generator);
      const shown = inputs.map((input, k) => `${names[k] ? `${names[k]} = ` : ""}${show(input)}`).join(", ");
      const value = typeof answer === "function" ? results[0][1] : Object.fromEntries(results);
      return { where: `input ${i + 1} (${shown})`, value };
    });
    return new Cases(cases);
  };
}

/** A function, or all those of a record of functions. */
function functionsIn(answer: unknown): (readonly [string, CallableFunction])[] | undefined {
  if (typeof answer === "function") return [["", answer as CallableFunction]];
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return undefined;
  const found = Object.entries(answer).filter(
    (pair): pair is [string, CallableFunction] => typeof pair[1] === "function",
  );
  return found.length > 0 ? found : undefined;
}

function resultOf(
  answer: CallableFunction,
  inputs: readonly unknown[],
  names: readonly string[],
  gradients: boolean,
): unknown {
  try {
    const result: unknown = answer(...inputs);
    // What a promise says is not waited for; that it fails later must not stop the kernel.
    if (isPromise(result)) result.then(undefined, () => undefined);
    if (!gradients || !(result instanceof Tensor)) return result;
    if (result.requiresGrad) result.backward(weights(result));
    const reached: [string, Tensor | null][] = [];
    inputs.forEach((input, i) => {
      if (input instanceof Tensor && input.requiresGrad)
        reached.push([`∂L/∂${names[i] ?? `input ${i}`}`, input.grad]);
    });
    return { value: result.detach(), ...Object.fromEntries(reached) };
  } catch (error) {
    return new Thrown(error);
  }
}

function weights({ shape, dtype }: Tensor): Tensor {
  return new Tensor(generate(shape, dtype, (i) => Math.cos(1 + 0.7 * i)));
}

function show(input: unknown): string {
  if (typeof input === "number") return Number.isInteger(input) ? String(input) : input.toPrecision(4);
  if (input instanceof Tensor || typeof input === "function") return inWords(input);
  if (typeof input !== "object" || input === null) return describe(input);
  const text = JSON.stringify(input, rounded);
  return text.length <= 100 ? text : inWords(input);
}

/** To four digits, as far as there are more: an input is shown to be recognised. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
