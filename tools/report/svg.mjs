// Small parts of pictures. Their colours follow the reader's choice of light or dark, also where the picture is an <img>.

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 16px; font-weight: 600 }
  .small { font-size: 11px; fill: #57606a }
  .end { text-anchor: end }
  .middle { text-anchor: middle }
  .line { stroke: #d0d7de; fill: none }
  .good { fill: #1a7f37 }
  .good-line { stroke: #1a7f37; fill: none; stroke-width: 2 }
  .other-line { stroke: #8250df; fill: none; stroke-width: 2 }
  .other { fill: #8250df }
  .bad { fill: #cf222e }
  .dashed { stroke-dasharray: 6 4 }
  .spread { stroke: #24292f; fill: none; stroke-width: 1.5; opacity: 0.6 }
  .outage { fill: #cf222e; opacity: 0.2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .small { fill: #9198a1 }
    .line { stroke: #3d444d }
    .good { fill: #3fb950 }
    .good-line { stroke: #3fb950 }
    .other-line { stroke: #ab7df8 }
    .other { fill: #ab7df8 }
    .bad { fill: #f85149 }
    .spread { stroke: #e6edf3 }
    .outage { fill: #f85149; opacity: 0.3 }
  }`;

export function picture(width, height, title, parts) {
  const box = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
  const body = [`<title>${escape(title)}</title>`, `<style>${STYLE}\n</style>`, ...parts].join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box} role="img">\n${body}\n</svg>\n`;
}

export function text(x, y, content, kind = '') {
  return `<text x="${round(x)}" y="${round(y)}" class="${kind}">${escape(String(content))}</text>`;
}

export function bar(x, y, width, height, kind) {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" class="${kind}"/>`;
}

export function line(points, kind = 'line') {
  return `<polyline points="${points.map(([x, y]) => `${round(x)},${round(y)}`).join(' ')}" class="${kind}"/>`;
}

/** A line across a diagram, with what it stands for beside it. */
export function level({ left, right }, y, label) {
  const across = [
    [left, y],
    [right, y],
  ];
  return [line(across), text(left - 8, y + 4, label, 'small end')];
}

/** A round number that so many steps of reach at least to `most`. */
export function stepFor(most, steps) {
  const power = 10 ** Math.floor(Math.log10(Math.max(most / steps, 1e-9)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step * steps >= most);
}

function round(value) {
  return Math.round(value * 10) / 10;
}

function escape(content) {
  return content.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);
}
