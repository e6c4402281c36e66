import { carryOver, padded, type Recurrence, slotAfter, slotBefore, timeOf } from "./recurrence.ts";

/**
 * The four parts of a_t = x_t W_ihᵀ + b_ih + h_{t−1} Rᵀ + b_hh (R = W_hh) go through σ, σ, tanh, σ and become i, f, g, o;
 *
 *     c_t = f ⊙ c_{t−1} + i ⊙ g        h_t = o ⊙ tanh c_t
 *
 * Back, from the last step to the first, with dh_t and dc_t what comes from outside and from step t + 1:
 *
 *     dc_t    += dh_t ⊙ o ⊙ (1 − tanh² c_t)
 *     da_i     = dc_t ⊙ g ⊙ i(1 − i)
 *     da_f     = dc_t ⊙ c_{t−1} ⊙ f(1 − f)
 *     da_g     = dc_t ⊙ i ⊙ (1 − g²)
 *     da_o     = dh_t ⊙ tanh c_t ⊙ o(1 − o)
 *     dh_{t−1} = da_t R (+ what comes from outside)
 *     dc_{t−1} = dc_t ⊙ f
 *
 * (the elementwise lines are `lstmBackward` of the engine). Kept for it: i f g o, c and tanh c of all steps.
 */
export const lstmRecurrence: Recurrence = {
  name: "lstm",
  gates: 4,
  states: 2,
  ownBias: false,

  // gates [T, B, 4H], then c in T + 1 slots and tanh c in T; without `whole` one of each, which every step overwrites.
  room: (T, BH, whole) => 4 * T * BH + (whole ? (2 * T + 1) * BH : 2 * BH),
  share: ({ room }) => room,

  cell(pass) {
    const { T, B, H, room, whole } = pass;
    const c = room + 4 * T * B * H;
    if (!whole) return { initial: c, final: c };
    const first = slotBefore(pass, timeOf(pass, 0));
    const last = slotAfter(pass, timeOf(pass, T - 1));
    return { initial: c + first * B * H, final: c + last * B * H };
  },

  forward(pass) {
    const { engine, T, B, H, weight, h, room, whole } = pass;
    const n = B * H;
    const c = room + 4 * T * n;
    const tanhC = c + (whole ? (T + 1) * n : n);
    const step = whole ? n : 0;
    for (let k = 0; k < T; k++) {
      const t = timeOf(pass, k);
      const [before, after] = [slotBefore(pass, t), slotAfter(pass, t)];
      const gates = room + 4 * t * n;
      engine.gemm(B, { at: h + before * n, rowStride: H, colStride: 1 }, weight, gates, 4 * H, true);
      engine.lstmForward(B, H, gates, c + before * step, c + after * step, tanhC + t * step, h + after * n);
      carryOver(pass, t, h);
      if (whole) carryOver(pass, t, c);
    }
  },

  backward(pass) {
    const { scratch, engine, T, B, H, weight, room, keep, dh, dc, initial } = pass;
    const n = B * H;
    const c = room + 4 * T * n;
    const tanhC = c + (T + 1) * n;
    const dcAfter = pass.lengths ? scratch.block(n) : dc;
    const da = keep ? scratch.block(4 * T * n) : room; // over the gates, where nobody reads them again
    for (let k = T - 1; k >= 0; k--) {
      const t = timeOf(pass, k);
      const [before, after] = [slotBefore(pass, t), slotAfter(pass, t)];
      const gates = room + 4 * t * n;
      const daT = da + 4 * t * n;
      if (pass.lengths) engine.memory.copyWithin(dcAfter, dc, dc + n);
      engine.lstmBackward(B, H, gates, c + before * n, tanhC + t * n, dh + after * n, dc, daT);
      for (const b of padded(pass, t)) {
        engine.fill(4 * H, 0, daT + 4 * b * H);
        engine.memory.copyWithin(dc + b * H, dcAfter + b * H, dcAfter + (b + 1) * H);
        engine.addScaled(H, 1, dh + after * n + b * H, dh + before * n + b * H);
      }
      if (k === 0 && !initial) break;
      engine.gemm(B, { at: daT, rowStride: 4 * H, colStride: 1 }, weight, dh + before * n, H, true);
    }
    return { ofInput: da, ofState: da };
  },
};
