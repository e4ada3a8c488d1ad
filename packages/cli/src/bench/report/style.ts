// How the report looks, in light and dark. Text and ground have a contrast of at least 4.5 : 1.

export const pageStyle: string = `
:root {
  color-scheme: light dark;
  --text: #1c2430; --dim: #5a6675; --ground: #ffffff; --raised: #f4f6f9; --line: #dfe4ea; --unmeasured: #eef1f5;
  --first: #0b5cad; --second: #c2570c; --third: #1a7f4e; --fourth: #b3261e;
  --good: #1a6e43; --good-wash: #dff3e6; --bad: #b3261e; --bad-wash: #fbe5e2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e3e8ef; --dim: #9aa6b5; --ground: #12161c; --raised: #1b212a; --line: #2c3440; --unmeasured: #1a2029;
    --first: #7db7ff; --second: #ffb27a; --third: #74d3a0; --fourth: #ff9b8f;
    --good: #7fdcab; --good-wash: #15352a; --bad: #ff9b8f; --bad-wash: #3d1d1a;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 74rem; padding: 1.5rem clamp(1rem, 3vw, 2rem) 4rem; background: var(--ground);
  color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25; text-wrap: balance; overflow-wrap: anywhere; }
h2 { margin: 0 0 .6rem; font-size: 1rem; }
p { margin: .3rem 0; }
header p { color: var(--dim); }
.verdict { display: inline-block; margin: .9rem 0 0; padding: .35rem .8rem; border-radius: .5rem; font-weight: 600; }
.verdict.good { background: var(--good-wash); color: var(--good); }
.verdict.bad { background: var(--bad-wash); color: var(--bad); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 1.25rem 0 0; }
.tiles div { padding: .7rem .9rem; border-radius: .6rem; background: var(--raised); }
.tiles dt { color: var(--dim); font-size: .8rem; }
.tiles dd { margin: 0; font-size: 1.35rem; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 1.25rem;
  margin: 1.25rem 0; }
figure { min-width: 0; margin: 0; padding: .9rem .9rem .4rem; border: 1px solid var(--line); border-radius: .6rem; }
figure[hidden] { display: none; }
figcaption { font-weight: 600; }
figcaption small { display: block; color: var(--dim); font-size: .8rem; font-weight: 400; }
.tables { columns: 3 19rem; column-gap: 2.5rem; }
section { margin-bottom: 1.5rem; break-inside: avoid; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { padding: .28rem 0; border-top: 1px solid var(--line); vertical-align: top; }
th { padding-right: 1rem; color: var(--dim); font-weight: 400; text-align: left; }
th { overflow-wrap: anywhere; }
td { text-align: right; font-variant-numeric: tabular-nums; }
td.bad { color: var(--bad); font-weight: 600; }
.uplot { font: inherit; }
.u-legend { color: var(--dim); font-size: .8rem; }
.u-legend th, .u-legend td { font-weight: 400; }
.u-legend th { border: 0; color: inherit; }
.u-legend td { border: 0; }
.u-legend .u-series th { cursor: pointer; }
.u-legend.u-inline .u-value { width: auto; min-width: 3.6rem; text-align: left; }
`;
