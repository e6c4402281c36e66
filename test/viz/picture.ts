import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { type Box, clientBox, type SvgNode } from "../../src/platform/svg-layout.ts";

interface Element extends SvgNode {
  querySelectorAll(selector: string): ArrayLike<Element>;
  querySelector(selector: string): Element | null;
}

/** An SVG read as XML: throws if it is not well-formed. */
export class Picture {
  readonly root: Element;
  readonly width: number;
  readonly height: number;

  constructor(svg: string) {
    const { JSDOM } = createRequire(import.meta.url)("jsdom");
    this.root = new JSDOM(svg, { contentType: "image/svg+xml" }).window.document.documentElement;
    const [x, y, width, height] = this.root.getAttribute("viewBox")!.split(" ").map(Number);
    assert.deepEqual([x, y], [0, 0]);
    this.width = width;
    this.height = height;
  }

  all(selector: string): Element[] {
    return Array.from(this.root.querySelectorAll(selector));
  }

  /** The texts under the selector, in document order. */
  texts(selector: string): string[] {
    return this.all(selector).map((element) => element.textContent ?? "");
  }

  boxes(selector: string): { text: string; box: Box }[] {
    return this.all(selector).map((element) => ({
      text: element.textContent ?? "",
      box: clientBox(element),
    }));
  }

  /** Fails naming every text that leaves the picture. */
  assertTextInside(): void {
    const outside = this.boxes("text").filter(
      ({ box }) => box.x0 < -0.5 || box.y0 < -0.5 || box.x1 > this.width + 0.5 || box.y1 > this.height + 0.5,
    );
    assert.deepEqual(outside, []);
  }

  /** Fails if two of the texts under the selector lie on each other. */
  assertApart(selector: string): void {
    const boxes = this.boxes(selector);
    for (let i = 0; i < boxes.length; i++) {
      for (let j = 0; j < i; j++) {
        const [a, b] = [boxes[i].box, boxes[j].box];
        const overlap =
          Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0) > 0 && Math.min(a.y1, b.y1) - Math.max(a.y0, b.y0) > 1;
        assert.ok(!overlap, `"${boxes[i].text}" and "${boxes[j].text}" overlap`);
      }
    }
  }
}
