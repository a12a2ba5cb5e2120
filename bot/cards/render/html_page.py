"""The HTML document around a card: one file with its style inside, no script, nothing fetched; for screens, phones and paper."""

from html import escape

# Nothing may load or run, whatever text the page shows; its own style is the one exception.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

_STYLE = """
:root { color-scheme: light dark; --page: #f4f6f8; --sheet: #ffffff; --ink: #16202b; --dim: #55626f; --line: #d9e0e7;
  --good: #0b6b3a; --good-back: #e2f4e9; --warning: #7a4d00; --warning-back: #fdf0d5; --bad: #a4161a; --bad-back: #fde6e6;
  --unclear: #44527a; --unclear-back: #e8ecf8; --accent: #1d5fa8; --code: #eef2f6; }
@media (prefers-color-scheme: dark) { :root { --page: #0f151b; --sheet: #18212a; --ink: #e6edf3; --dim: #9fb0c0;
  --line: #2d3a47; --good: #6fd69b; --good-back: #123524; --warning: #f0bf62; --warning-back: #3a2c0d; --bad: #ff9a97;
  --bad-back: #451c1e; --unclear: #b0c0f0; --unclear-back: #232c47; --accent: #7db5f5; --code: #222e3a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto,
  "Helvetica Neue", sans-serif; overflow-wrap: anywhere; }
table { overflow-wrap: break-word; } tbody th { min-width: 9rem; max-width: 22rem; }
main { max-width: 66rem; margin: 2rem auto; padding: 0 2.5rem 2rem; background: var(--sheet); border: 1px solid var(--line);
  border-top: 6px solid var(--unclear); border-radius: 10px; }
main.good { border-top-color: var(--good); } main.warning { border-top-color: var(--warning); }
main.bad { border-top-color: var(--bad); }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 1.8rem 0 .4rem; letter-spacing: -.01em; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .5rem; }
p { margin: .6rem 0; } .lead { font-size: 1.1rem; } .quiet { color: var(--dim); font-size: .9rem; }
a { color: var(--accent); } hr { border: 0; border-top: 1px solid var(--line); margin: 1.8rem 0; }
code { font: .88em ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; background: var(--code); border-radius: 4px;
  padding: .1em .35em; }
.state { display: inline-block; white-space: nowrap; font-weight: 600; border-radius: 5px; padding: 0 .5em; }
.good > .mark, .state.good { color: var(--good); background: var(--good-back); }
.state.warning { color: var(--warning); background: var(--warning-back); }
.state.bad { color: var(--bad); background: var(--bad-back); }
.state.unclear { color: var(--unclear); background: var(--unclear-back); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .8rem 1.5rem; margin: 1.2rem 0; }
dt { color: var(--dim); font-size: .85rem; } dd { margin: 0; font-weight: 500; }
ol, ul { padding-left: 1.4rem; } li { margin: .5rem 0; } li::marker { color: var(--dim); font-weight: 600; }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { text-align: left; vertical-align: top; padding: .55rem .9rem .55rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--dim); font-size: .82rem; font-weight: 600; white-space: nowrap; } tbody th { color: inherit; font-size: inherit;
  white-space: normal; } td { min-width: 5rem; }
.gauge { display: flex; gap: 1.4rem; align-items: center; margin: 1.4rem 0; }
.grade { font-size: 2.6rem; line-height: 1; font-weight: 700; width: 5.2rem; height: 5.2rem; border-radius: 50%; flex: none;
  display: grid; place-items: center; border: 4px solid currentcolor; color: var(--unclear); }
.grade.good { color: var(--good); } .grade.warning { color: var(--warning); } .grade.bad { color: var(--bad); }
.gauge strong { font-size: 1.15rem; } .gauge p { margin: .25rem 0; } .gauge div { flex: 1; min-width: 0; }
svg { display: block; width: 100%; height: auto; margin: .4rem 0; } figure { margin: 1.4rem 0; }
figcaption { color: var(--dim); font-size: .9rem; } svg text { fill: var(--dim); font-size: 12px; }
svg .value { fill: var(--ink); font-weight: 600; } .track { fill: var(--line); } .proven { fill: var(--accent); }
.open { fill: var(--accent); opacity: .32; } .curve { fill: none; stroke: var(--accent); stroke-width: 2.5; }
.dot { fill: var(--accent); } .grid { stroke: var(--line); }
.commands { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .4rem 1.5rem; font-size: .92rem; }
.commands li { margin: 0; }
footer { color: var(--dim); font-size: .85rem; margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: .8rem; }
@media (max-width: 40rem) { main { margin: 0; padding: 0 1.1rem 1.5rem; border-radius: 0; border-left: 0; border-right: 0; }
  h1 { font-size: 1.4rem; } .grade { width: 4.2rem; height: 4.2rem; font-size: 2rem; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { display: block; border-bottom: 1px solid var(--line); padding: .6rem 0; }
  th, td, tbody th { display: block; border: 0; padding: .12rem 0; min-width: 0; max-width: none; }
  td[data-name]::before { content: attr(data-name) ": "; color: var(--dim); } }
@media print { :root { color-scheme: light; --page: #fff; --sheet: #fff; --ink: #000; --dim: #444; --line: #bbb; --code: #f2f2f2; }
  body { font-size: 11pt; } main { border: 0; margin: 0; padding: 0; max-width: none; } h2 { break-after: avoid; }
  tr, li, .gauge, figure { break-inside: avoid; } .commands { display: none; } }
""".strip()


def page(title: str, tone: str, body: str, *, style: str = "", lead_in: str = "") -> str:
    """Return a whole document.

    Args:
        title: plain text.
        tone: the card's tone, shown as the colour of the page's edge.
        body: HTML that is already safe.
        style: further CSS rules.
        lead_in: safe HTML before the main part, such as a skip link.
    """
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{escape(title)}</title>
<style>
{_STYLE}{style}
</style>
</head>
<body>
{lead_in}<main class="{tone}">
{body}
<footer>Written by backstay. Checks whose facts could not be read count as unknown, never as passed.</footer>
</main>
</body>
</html>
"""
