import { carryOver, padded, type Recurrence, slotAfter, slotBefore, timeOf } from "./recurrence.ts";

/**
 * h_t = φ(a_t), a_t = x_t W_ihᵀ + b_ih + h_{t−1} Rᵀ + b_hh, R = W_hh.
 *
 * Back, from the last step to the first, with dh_t what comes from outside and from step t + 1:
 *
 *     da_t     = dh_t ⊙ φ'(a_t)        tanh: 1 − h²    relu: 1 where h > 0    sigmoid: h(1 − h)
 *     dh_{t−1} = da_t R (+ what comes from outside)
 *
 * φ' follows from the value of φ, so nothing is kept but the outputs, which the caller holds anyway.
 */
export function rnnRecurrence(phi: "tanh" | "relu" | "sigmoid"): Recurrence {
  return {
    name: "rnn",
    gates: 1,
    states: 1,
    ownBias: false,
    room: () => 0,

    // The share of step t is put where h_t will stand: the step then works in place.
    share: ({ h, backwards, B, H }) => h + slotAfter({ backwards }, 0) * B * H,

    forward(pass) {
      const { engine, T, B, H, weight, h } = pass;
      const n = B * H;
      for (let k = 0; k < T; k++) {
        const t = timeOf(pass, k);
        const before = { at: h + slotBefore(pass, t) * n, rowStride: H, colStride: 1 };
        const after = h + slotAfter(pass, t) * n;
        engine.gemm(B, before, weight, after, H, true);
        engine.rnnForward(phi, n, after, after);
        carryOver(pass, t, h);
      }
    },

    backward(pass) {
      const { scratch, engine, T, B, H, weight, h, dh, initial } = pass;
      const n = B * H;
      const da = scratch.block(T * n);
      for (let k = T - 1; k >= 0; k--) {
        const t = timeOf(pass, k);
        const [before, after] = [slotBefore(pass, t) * n, slotAfter(pass, t) * n];
        const daT = da + t * n;
        engine.rnnBackward(phi, n, h + after, dh + after, daT);
        for (const b of padded(pass, t)) {
          engine.fill(H, 0, daT + b * H);
          engine.addScaled(H, 1, dh + after + b * H, dh + before + b * H);
        }
        if (k === 0 && !initial) break;
        engine.gemm(B, { at: daT, rowStride: H, colStride: 1 }, weight, dh + before, H, true);
      }
      return { ofInput: da, ofState: da };
    },
  };
}
