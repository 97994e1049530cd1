/** The style of the page for people: light or dark as the reader's system is, and readable on a telephone. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: #f6f7f9;
  --card: #ffffff;
  --edge: #d5dae1;
  --ink: #1c2430;
  --quiet: #55606f;
  --accent: #1f5fbf;
  --on-accent: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181f;
    --card: #1e242d;
    --edge: #3a4350;
    --ink: #eef1f5;
    --quiet: #aab4c1;
    --accent: #8ab8ff;
    --on-accent: #10151c;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 3rem 1.25rem 4rem; }
h1 { margin: 0 0 .5rem; font-size: 1.9rem; line-height: 1.2; }
h2 { margin: 2.5rem 0 1rem; font-size: 1.3rem; }
h3 { margin: 0; font-size: 1rem; }
p { margin: 0; overflow-wrap: anywhere; }
header p + p, header pre { margin-top: .75rem; }
ul { display: grid; gap: .9rem; margin: 1.25rem 0 0; padding: 0; list-style: none; }
li { display: grid; gap: .6rem; padding: 1rem 1.15rem; border: 1px solid var(--edge); border-radius: 10px; background: var(--card); }
li p, footer { color: var(--quiet); }
pre { margin: 0; padding: .65rem .8rem; border: 1px solid var(--edge); border-radius: 6px; background: var(--paper); white-space: pre-wrap; overflow-wrap: anywhere; font: .875rem/1.5 ui-monospace, monospace; user-select: all; }
a { color: var(--accent); }
a.button { justify-self: start; padding: .5rem .9rem; border-radius: 6px; background: var(--accent); color: var(--on-accent); font-weight: 600; text-decoration: none; }
a.button:hover { text-decoration: underline; }
a:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
footer { margin-top: 2.5rem; font-size: .9rem; }
`;
