import assert from "node:assert/strict";
import { inspect } from "node:util";
import { bundleOf, DISPLAY, INSPECT, showAs } from "../../src/show.ts";

class Point {
  readonly #x: number;
  constructor(x: number) {
    this.#x = x;
  }
  get x(): number {
    return this.#x;
  }
}
showAs(Point, (p) => ({ "text/plain": `Point ${p.x}`, "text/html": `<b>${p.x}</b>` }));

describe("showAs", () => {
  it("uses the names that kernels and Node look for", () => {
    assert.equal(DISPLAY, Symbol.for("Jupyter.display"));
    assert.equal(INSPECT, inspect.custom);
  });

  it("gives every instance, also of subclasses, its bundle and its printed form", () => {
    class Far extends Point {}
    assert.deepEqual(bundleOf(new Point(3)), { "text/plain": "Point 3", "text/html": "<b>3</b>" });
    assert.equal(inspect(new Point(3)), "Point 3");
    assert.equal(inspect({ a: [new Far(4)] }), "{ a: [ Point 4 ] }");
  });

  it("adds nothing that is seen when an object is listed, compared or copied", () => {
    assert.deepEqual(Object.keys(new Point(1)), []);
    assert.deepEqual(Reflect.ownKeys(new Point(1)), []);
    assert.equal(Object.prototype.propertyIsEnumerable.call(Point.prototype, DISPLAY), false);
  });

  it("can print more cheaply than it shows", () => {
    class Costly {}
    let shown = 0;
    showAs(
      Costly,
      () => ({ "text/plain": `shown ${++shown}` }),
      () => "cheap",
    );
    assert.equal(inspect(new Costly()), "cheap");
    assert.equal(shown, 0);
    assert.deepEqual(bundleOf(new Costly()), { "text/plain": "shown 1" });
  });

  it("prints the class where there is no text yet", () => {
    class Later {}
    showAs(Later, async () => ({ "text/plain": "late" }));
    assert.equal(inspect(new Later()), "[Later]");
  });

  it("tells values without a view", () => {
    for (const value of [null, undefined, 3, "text", {}, { [DISPLAY]: 1 }])
      assert.equal(bundleOf(value), undefined);
    assert.deepEqual(bundleOf({ [DISPLAY]: () => ({ "text/plain": "own" }) }), { "text/plain": "own" });
  });
});
