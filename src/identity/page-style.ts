// The look of our pages: system fonts, light and dark, phone first. One constant, so that its hash can stand in the policy.
import { hash } from 'node:crypto';
import { Html } from './html.ts';

const style = `
:root { color-scheme: light dark; --ink: #1d2129; --soft: #5b6472; --line: #dde1e8; --paper: #fff; --ground: #f3f4f7;
  --accent: #b3352b; --on-accent: #fff; --note: #fdf4e3; --note-line: #e0b55c; --code: #f3f4f7; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaef; --soft: #a2abb9; --line: #343b47; --paper: #1c2129;
  --ground: #12151a; --accent: #e2675b; --on-accent: #1a0705; --note: #2c2618; --note-line: #8a6d2c; --code: #262c36; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; min-height: 100vh; display: grid; grid-template-rows: 1fr auto; justify-items: center; gap: 1rem;
  padding: 1.25rem 1rem; background: var(--ground); color: var(--ink); line-height: 1.6;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Hiragino Sans", "Noto Sans CJK JP", "Yu Gothic UI", sans-serif; }
:lang(ja) h1 { word-break: auto-phrase; } :lang(ja) h1, :lang(zh-Hant) h1 { text-wrap: pretty; }
:lang(ko) { font-family: system-ui, -apple-system, "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans CJK KR", sans-serif; word-break: keep-all; }
:lang(zh-Hant) { font-family: system-ui, -apple-system, "PingFang TC", "Microsoft JhengHei", "Noto Sans CJK TC", sans-serif; }
main { width: 100%; max-width: 30rem; align-self: center; background: var(--paper); border: 1px solid var(--line);
  border-radius: 14px; padding: 1.75rem 1.5rem; box-shadow: 0 10px 30px rgb(0 0 0 / .06); }
.brand { display: flex; align-items: center; gap: .55rem; color: var(--soft); font-size: .875rem; letter-spacing: .02em; margin-bottom: 1.1rem; }
.brand svg { width: 1.5rem; height: 1.5rem; color: var(--accent); flex: none; }
h1 { font-size: 1.3rem; line-height: 1.35; margin: 0 0 .35rem; font-weight: 650; text-wrap: balance; overflow-wrap: anywhere; }
p { margin: .4rem 0; overflow-wrap: anywhere; }
.soft { color: var(--soft); font-size: .9rem; }
dl { margin: 1.2rem 0; border-top: 1px solid var(--line); }
dl > div { padding: .65rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--soft); font-size: .8rem; }
dd { margin: 0; font-weight: 550; overflow-wrap: anywhere; }
dd small { display: block; font-weight: 400; color: var(--soft); font-size: .8rem; }
dd ul { margin: .1rem 0 0; padding-inline-start: 1.15rem; font-weight: 400; }
.note { background: var(--note); border-inline-start: 4px solid var(--note-line); border-radius: 6px; padding: .6rem .85rem; margin: .75rem 0; font-size: .9rem; }
.actions { display: flex; flex-wrap: wrap-reverse; gap: .65rem; margin-top: 1.3rem; }
button, .button { flex: 1 1 9rem; min-height: 2.9rem; padding: .55rem 1rem; border-radius: 9px; font: inherit; font-weight: 600; text-align: center;
  border: 1px solid var(--line); background: transparent; color: var(--ink); cursor: pointer; text-decoration: none; }
button.primary, .button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button:hover, .button:hover { filter: brightness(1.07); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a.plain { display: flex; align-items: center; min-height: 2.75rem; font-weight: 500; font-size: .85rem; color: var(--soft); }
label { display: block; margin: .9rem 0 0; color: var(--soft); font-size: .85rem; } label small { display: block; }
fieldset { border: 0; padding: 0; margin: 1rem 0 0; } legend { color: var(--soft); font-size: .85rem; padding: 0; }
textarea, select, input:not([type]) { display: block; width: 100%; min-height: 2.75rem; margin-top: .25rem; padding: .5rem .7rem; font: inherit;
  color: var(--ink); background: var(--paper); border: 1px solid var(--line); border-radius: 9px; }
.choice { display: flex; gap: .7rem; align-items: flex-start; min-height: 2.75rem; padding: .6rem .75rem; margin-top: .4rem; border: 1px solid var(--line);
  border-radius: 9px; color: var(--ink); font-size: 1rem; overflow-wrap: anywhere; } .choice small { color: var(--soft); }
pre { margin: .2rem 0 0; padding: .6rem .7rem; background: var(--code); border-radius: 6px; font-size: .8rem; font-weight: 400; white-space: pre-wrap; overflow-wrap: anywhere; }
form + .soft, .actions + .soft { margin-top: 1rem; }
code { background: var(--code); border-radius: 5px; padding: .1rem .35rem; font-size: .85em; overflow-wrap: anywhere; }
footer { display: flex; flex-wrap: wrap; justify-content: center; gap: 0 .5rem; font-size: .85rem; }
footer a { color: var(--soft); display: flex; align-items: center; min-height: 2.75rem; padding: 0 .35rem; } footer a[aria-current] { color: var(--ink); font-weight: 600; text-decoration: none; }
`;

/** The style element to the byte: white space that a formatter adds in a template is not covered by the hash. */
export const styleElement = new Html(`<style>${style}</style>`);

/** CSP source expression that allows this style and no other. */
export const styleSource = `'sha256-${hash('sha256', style, 'base64')}'`;
