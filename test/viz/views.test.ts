import assert from "node:assert/strict";
import { inspect } from "node:util";
import { Generator, lm, nn, tensor, zeros } from "../../src/index.ts";
import { bundleOf, type MimeBundle } from "../../src/show.ts";

const html = (value: unknown) => (bundleOf(value) as MimeBundle)["text/html"] as string;

describe("views", () => {
  it("a matrix is a table shaded by value, with shape and dtype", () => {
    const page = html(
      tensor([
        [1, -2],
        [0, 4],
      ]),
    );
    assert.equal(page.match(/<td/g)!.length, 4);
    assert.match(page, /rgba\(217,126,30,0\.450\)">4</, "the largest has the full shade");
    assert.match(page, /rgba\(17,110,255,0\.225\)">-2</, "negatives another colour");
    assert.match(page, /float32 \[2,2\]/);
  });

  it("values that are not finite have no shade, and do not take that of others", () => {
    const page = html(
      tensor([
        [Number.NaN, Infinity],
        [-2, 1],
      ]),
    );
    assert.match(page, /0\.000\)">NaN<.*0\.000\)">Infinity<.*\(17,110,255,0\.450\)">-2<.*0\.225\)">1</);
    assert.match(html(tensor([[0, 0]])), /0\.000\)">0<.*0\.000\)">0</);
    const large = tensor(new Float32Array(300_000).fill(3)).reshape([600, 500]);
    assert.match(html(large), /0\.450\)">3</);
  });

  it("says where a tensor comes from, and escapes nothing but what it must", () => {
    const x = tensor([[1, 2]], { requiresGrad: true });
    assert.match(html(x), /<figcaption>float32 \[1,2\], requiresGrad<\/figcaption>/);
    assert.match(html(x.mul(2)), /<figcaption>float32 \[1,2\], from mul<\/figcaption>/);
    assert.match(html(x.detach()), /<figcaption>float32 \[1,2\]<\/figcaption>/);
    assert.match(html(tensor([[3, -1]], { dtype: "int32" })), /int32 \[1,2\]/);
    assert.match(html(zeros([0, 3])), /<pre>tensor\(.*\[0,3\]/);
  });

  it("a large matrix is shortened, other ranks are text", () => {
    const page = html(
      tensor(Array.from({ length: 40 }, (_, i) => Array.from({ length: 50 }, (_, j) => i * 50 + j))),
    );
    assert.equal(page.match(/<tr/g)!.length, 13);
    assert.ok(page.includes(">1999<") && !page.includes(">1024<"));
    assert.match(html(tensor([1, 2])), /<pre>tensor\(\[1, 2\]/);
  });

  it("prints in Node as in the notebook", () => {
    const x = tensor(
      [
        [0.5, 1],
        [Number.NaN, 1e-9],
      ],
      { requiresGrad: true },
    );
    assert.equal(inspect(x), "tensor([[ 0.5,    1],\n        [ NaN, 1e-9]], shape [2,2], requiresGrad)");
    assert.equal(inspect(x.sum()), "tensor(NaN, from sum)");
    assert.equal(inspect(tensor([[[1]], [[2]]])), "tensor([[[1]],\n\n        [[2]]], shape [2,1,1])");
  });

  it("a module is the table of its parameters", () => {
    const layer = new nn.Linear(3, 2, { generator: new Generator(1) });
    assert.match(
      inspect(layer),
      /Linear: 8 parameters\n\s+parameter\s+shape\s+count\n\s+weight\s+\[2,3\]\s+6\n/,
    );
    const frozen = nn.Embedding.fromPretrained(tensor([[1, 2]]));
    assert.match(html(frozen), /frozen/);
    const large = new nn.Linear(100, 20, { generator: new Generator(1) });
    assert.match(html(large), /Linear: 2,020 parameters/);
  });

  it("a recurrent state says its shapes", () => {
    const [h, c] = [zeros([2, 4, 8]), zeros([2, 4, 8])];
    assert.equal(inspect(new lm.RecurrentState([h])), "RecurrentState: h [2,4,8]");
    assert.equal(inspect(new lm.RecurrentState([h, c])), "RecurrentState: h [2,4,8], c [2,4,8]");
  });
});
