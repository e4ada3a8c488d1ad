// How the HTML report looks, in light and dark.

export const pageStyle: string = `
:root {
  color-scheme: light dark;
  --text: #1c2430; --dim: #5a6675; --ground: #ffffff; --raised: #f4f6f9; --line: #d5dbe3; --link: #0b5cad;
  --good: #d3f0dc; --so-so: #fbe8b8; --info: #d6e6fa; --bad: #b3261e; --none: #e4e7ec;
  --tester: #0b5cad; --peer: #8a3b00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e3e8ef; --dim: #9aa6b5; --ground: #12161c; --raised: #1b212a; --line: #343d4a; --link: #7db7ff;
    --good: #17472a; --so-so: #5c4708; --info: #1c3c63; --bad: #c9372c; --none: #2b323d;
    --tester: #7db7ff; --peer: #ffb27a;
  }
}
body { margin: 0 auto; max-width: 70rem; padding: 1rem 1.5rem 4rem; background: var(--ground);
  color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { font-size: 1.2rem; margin-top: 2rem; }
header p { color: var(--dim); margin-top: .2rem; }
a { color: var(--link); }
table.index { border-collapse: collapse; width: 100%; }
table.index th { text-align: left; font-weight: 500; white-space: nowrap; padding: .2rem 1rem .2rem 0;
  vertical-align: top; }
table.index td { width: 100%; padding: .2rem 0; }
.cell { display: inline-block; min-width: 1.9rem; margin: 0 2px 2px 0; padding: 0 .25rem; border-radius: 3px;
  font-size: .7rem; line-height: 1.3rem; text-align: center; color: var(--text); text-decoration: none;
  font-variant-numeric: tabular-nums; }
.cell:hover, .cell:focus-visible { outline: 2px solid var(--link); }
.pill { display: inline-block; border-radius: 1rem; padding: 0 .6rem; font-size: .75rem; font-weight: 600;
  line-height: 1.4rem; white-space: nowrap; }
.good { background: var(--good); } .so-so { background: var(--so-so); } .info { background: var(--info); }
.bad { background: var(--bad); color: #fff; } .none { background: var(--none); }
details.case { border-top: 1px solid var(--line); }
details.case > summary { display: flex; gap: .7rem; align-items: baseline; padding: .3rem .2rem; cursor: pointer; }
details.case > summary:hover { background: var(--raised); }
.id { min-width: 4rem; font-variant-numeric: tabular-nums; font-weight: 600; }
.title { flex: 1; overflow-wrap: anywhere; }
.content { padding: 0 .2rem 1rem 1rem; scroll-margin-top: 3rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
pre.log { background: var(--raised); padding: .7rem; overflow-x: auto; border-radius: 6px;
  font: 12.5px/1.45 ui-monospace, monospace; }
pre.log i { color: var(--dim); font-style: normal; }
.tester { color: var(--tester); } .peer { color: var(--peer); } .note { color: var(--dim); }
main:has(#only:checked) .fine { display: none; }
@media (max-width: 40rem) {
  dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; }
  table.index :is(tbody, tr, th, td) { display: block; width: auto; padding: .1rem 0; }
}
`;
