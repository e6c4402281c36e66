import { carryOver, padded, type Recurrence, slotAfter, slotBefore, timeOf } from "./recurrence.ts";

/**
 * With the shares x̃ = x_t W_ihᵀ + b_ih and h̃ = h_{t−1} Rᵀ + b_hh (R = W_hh), each in three parts r z n:
 *
 *     r = σ(x̃_r + h̃_r)    z = σ(x̃_z + h̃_z)    n = tanh(x̃_n + r ⊙ h̃_n)    h_t = (1 − z) ⊙ n + z ⊙ h_{t−1}
 *
 * Back, from the last step to the first, with dh_t what comes from outside and from step t + 1:
 *
 *     da_n     = dh_t ⊙ (1 − z) ⊙ (1 − n²)
 *     da_z     = dh_t ⊙ (h_{t−1} − n) ⊙ z(1 − z)
 *     da_r     = da_n ⊙ h̃_n ⊙ r(1 − r)
 *     dx̃      = [da_r, da_z, da_n]        dh̃ = [da_r, da_z, da_n ⊙ r]
 *     dh_{t−1} = dh_t ⊙ z + dh̃ R (+ what comes from outside)
 *
 * (the elementwise lines are `gruBackward` of the engine). Kept for it: r z n and h̃ of all steps. The reset gate
 * multiplies the product and its bias (PyTorch); with the reset before the product (Cho et al. 2014) `nn.GRU` is
 * composed of ops.
 */
export const gruRecurrence: Recurrence = {
  name: "gru",
  gates: 3,
  states: 1,
  ownBias: true,

  // gates [T, B, 3H], then h̃ [T, B, 3H]; without `whole` h̃ of one step.
  room: (T, BH, whole) => 3 * T * BH + (whole ? 3 * T * BH : 3 * BH),
  share: ({ room }) => room,

  forward(pass) {
    const { engine, T, B, H, weight, bias, h, room, whole } = pass;
    const n = B * H;
    for (let k = 0; k < T; k++) {
      const t = timeOf(pass, k);
      const before = h + slotBefore(pass, t) * n;
      const gates = room + 3 * t * n;
      const gh = room + 3 * T * n + (whole ? 3 * t * n : 0);
      engine.gemm(B, { at: before, rowStride: H, colStride: 1 }, weight, gh, 3 * H, false);
      if (bias !== null) engine.addBias(B, 3 * H, gh, bias);
      engine.gruForward(B, H, gates, gh, gates, before, h + slotAfter(pass, t) * n);
      carryOver(pass, t, h);
    }
  },

  backward(pass) {
    const { scratch, engine, T, B, H, weight, h, room, keep, dh } = pass;
    const n = B * H;
    const gh = room + 3 * T * n;
    const dgx = keep ? scratch.block(3 * T * n) : room; // over what nobody reads again
    const dgh = keep ? scratch.block(3 * T * n) : gh;
    const direct = scratch.block(n);
    for (let k = T - 1; k >= 0; k--) {
      const t = timeOf(pass, k);
      const [before, after] = [slotBefore(pass, t) * n, slotAfter(pass, t) * n];
      const at = 3 * t * n;
      engine.gruBackward(B, H, room + at, gh + at, h + before, dh + after, dgx + at, dgh + at, direct);
      for (const b of padded(pass, t)) {
        for (const share of [dgx, dgh]) engine.fill(3 * H, 0, share + at + 3 * b * H);
        const from = dh + after + b * H;
        engine.memory.copyWithin(direct + b * H, from, from + H);
      }
      if (k === 0 && !pass.initial) break;
      engine.addScaled(n, 1, direct, dh + before);
      engine.gemm(B, { at: dgh + at, rowStride: 3 * H, colStride: 1 }, weight, dh + before, H, true);
    }
    return { ofInput: dgx, ofState: dgh };
  },
};
