import assert from "node:assert/strict";
import path from "node:path";
import { labUiPackage } from "../../../src/jupyter/lab/ui-source.ts";

type Layout = Record<string, unknown>;

interface Colors {
  text: string;
  faint: string;
  line: string;
  icon: string;
}

describe("jupyter/lab-ui plotly-theme", () => {
  let themedLayout: (layout: Layout, colors: Colors) => Layout;
  const colors: Colors = { text: "#eee", faint: "#333", line: "#555", icon: "#999" };

  before(async () => {
    ({ themedLayout } = await import(path.join(labUiPackage, "src", "plotly-theme.js")));
  });

  it("gives a figure without a background the page's colours, also where it had chosen a grey for both themes", () => {
    for (const paper of [undefined, "transparent", "rgba(0,0,0,0)", "rgba(0, 0, 0, 0)"]) {
      const layout = {
        paper_bgcolor: paper,
        font: { color: "#7a7a7a", size: 13 },
        xaxis: { gridcolor: "#123" },
      };
      const before = structuredClone(layout);
      const themed = themedLayout(layout, colors);
      assert.deepEqual(themed["font"], { color: "#eee", size: 13 });
      assert.equal(themed["paper_bgcolor"], "rgba(0,0,0,0)");
      assert.deepEqual(themed["xaxis"], { gridcolor: "#123" }, "its own grid stays");
      const template = themed["template"] as { layout: Record<string, Record<string, unknown>> };
      assert.equal(template.layout["yaxis"]["gridcolor"], "#333");
      assert.equal(template.layout["modebar"]["color"], "#999");
      assert.deepEqual(layout, before);
    }
  });

  it("leaves a figure with a background of its own as it is, because its colours belong together", () => {
    const own = { paper_bgcolor: "white", font: { color: "black" } };
    assert.equal(themedLayout(own, colors), own);
    const byTemplate = { template: { layout: { paper_bgcolor: "#fff" } } };
    assert.equal(themedLayout(byTemplate, colors), byTemplate);
  });

  it("keeps what the figure's template says of its axes and traces", () => {
    const template = {
      data: { bar: [{ opacity: 0.5 }] },
      layout: { xaxis: { gridcolor: "red", ticks: "inside" } },
    };
    const themed = themedLayout({ template }, colors)["template"] as typeof template;
    assert.deepEqual(themed.data, template.data);
    assert.equal(themed.layout.xaxis.gridcolor, "red");
    assert.equal(themed.layout.xaxis.ticks, "inside");
  });

  it("does not take a background that is not a text for a colour", () => {
    for (const paper of [7, null, ["white"], {}]) assert.ok(themedLayout({ paper_bgcolor: paper }, colors));
  });
});
