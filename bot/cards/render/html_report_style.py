"""CSS of the audit's page, beyond that of every page: contents, folded services and groups, focus, paper."""

STYLE = """
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: .5rem; z-index: 1; padding: .5rem 1rem;
  background: var(--sheet); }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; } h4 { font-size: 1rem; margin: 1.6rem 0 .4rem; }
h2, section, nav { scroll-margin-top: 5rem; }
summary { cursor: pointer; } summary:hover { color: var(--accent); }
nav { background: var(--code); border-radius: 8px; padding: .7rem 1.1rem; margin: 1.2rem 0; font-size: .93rem; }
nav ul { list-style: none; margin: .2rem 0; padding: 0; } nav li { margin: .15rem 0; }
nav .sections { display: flex; flex-wrap: wrap; gap: .1rem 1.4rem; } nav .services { display: grid;
  grid-template-columns: repeat(auto-fill, minmax(min(14rem, 100%), 1fr)); gap: .1rem 1.4rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.mark { display: inline-grid; place-items: center; width: 1.75em; height: 1.75em; border-radius: 50%; font-weight: 700; flex: none;
  font-size: .9rem; color: var(--unclear); background: var(--unclear-back); }
.mark.good { color: var(--good); background: var(--good-back); }
.mark.warning { color: var(--warning); background: var(--warning-back); }
.mark.bad { color: var(--bad); background: var(--bad-back); }
.service { border: 1px solid var(--line); border-radius: 8px; margin: .6rem 0; }
.service > summary { display: flex; flex-wrap: wrap; align-items: center; gap: .15rem .8rem; padding: .6rem 1rem; }
.service > summary::before { content: "▸"; color: var(--dim); } .service[open] > summary::before { content: "▾"; }
.service > summary::-webkit-details-marker { display: none; }
.service > summary h3 { margin: 0; } .service > section { padding: 0 1.2rem .6rem; border-top: 1px solid var(--line); }
.score, .counts { color: var(--dim); font-size: .9rem; } .counts { margin-left: auto; }
.group, .more { margin: .8rem 0; } .group > summary { font-weight: 600; } .more > summary { color: var(--dim); }
.findings { list-style: none; padding: 0; margin: .4rem 0; }
.findings > li { border-top: 1px solid var(--line); padding: .55rem 0; margin: 0; } .findings p { margin: .2rem 0; }
.verdicts { margin: .2rem 0; } .verdicts li { margin: .1rem 0; }
.fix { border-left: 3px solid var(--line); padding-left: .8rem; } .docs { white-space: nowrap; }
.check { margin: .3rem 0; } .check section { padding-left: 1.2rem; } .back { font-size: .9rem; }
@media (max-width: 40rem) { .service > summary { padding: .6rem .7rem; } .service > section { padding: 0 .7rem .6rem; }
  .counts { margin-left: 0; flex-basis: 100%; } }
@media print { nav, .skip, .back { display: none; } details::details-content { content-visibility: visible; display: block;
  block-size: auto; } .service { border: 0; } summary { break-after: avoid; list-style: none; }
  .service > summary::before { content: none; } .findings > li { break-inside: avoid; } }
"""
