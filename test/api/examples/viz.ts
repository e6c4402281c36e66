import { Generator, lm, nn, tensor, viz } from "../../../src/index.ts";

// viz.lossCurve viz.perplexity viz.gradientNorms viz.Figure
{
  const steps = [1, 2, 3].map((step) => `${step},1,${step * 100},${3 / step},1,0.1`);
  const history = lm.History.fromCSV({ steps: ["step,epoch,tokens,loss,gradNorm,lr", ...steps].join("\n") });
  const figure = viz.lossCurve(history, { baselines: { unigram: 2.9 } });
  figure instanceof viz.Figure; // true
  figure.toJSON().data.length > 0; // true
  viz.perplexity(history).alt.length > 0; // true
  viz.gradientNorms(history, { clip: 1 }).data.length > 0; // true
}

// viz.line viz.lines
{
  viz.line([0, 1, 2], [0, 1, 4], { xLabel: "x", yLabel: "x²" }).data[0].type; // 'scatter'
  viz.lines({ linear: [1, 2, 3], squares: [1, 4, 9] }).data.map(({ name }) => name); // [ 'linear', 'squares' ]
}

// viz.bars
{
  viz.bars({ the: 12, harbour: 5 }).data[0].type; // 'bar'
  viz.bars(new nn.Linear(3, 2, { generator: new Generator(1) })).alt; // 'bars of parameters. weight 6, bias 2; 8 in all.'
}

// viz.heatmap
{
  viz.heatmap(tensor([[1, -1], [0, 2]]), { x: ["a", "b"], values: true }).data[0].type; // 'heatmap'
}

// viz.histogram viz.binsOf
{
  viz.binsOf([0, 0.1, 0.9, 1], { bins: 2 }); // { edges: [ 0, 0.5, 1 ], counts: [ 2, 2 ], outside: 0, notFinite: 0 }
  viz.histogram([0, 0.1, 0.9, 1], { bins: 2 }).data[0].type; // 'bar'
}

// viz.scatter2d viz.pca
{
  const { scores, share } = viz.pca([[0, 0], [1, 1], [2, 2]], 1);
  share; // [ 1 ]
  viz.scatter2d([[0, 0], [1, 1], [2, 2]], { labels: ["a", "b", "c"] }).data.length > 0; // true
  scores.length; // 3
}

// viz.tokenText viz.TokenText
{
  const shown = viz.tokenText(["the", "cat"], [0.3, 2.1], { valueLabel: "nats" });
  shown instanceof viz.TokenText; // true
  shown.tokens; // [ 'the', 'cat' ]
}

// viz.drawGraph viz.GraphDrawing
{
  const x = tensor([1, 2], { requiresGrad: true });
  const drawing = viz.drawGraph(x.mul(x).sum(), { names: { x } });
  drawing instanceof viz.GraphDrawing; // true
  drawing.edges.length; // 3
}

// viz.familyOf viz.palette
{
  viz.familyOf("LSTM, 2 layers"); // 'lstm'
  viz.palette.lstm; // '#116eff'
}
