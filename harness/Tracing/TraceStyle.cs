namespace Conformance.Harness.Tracing;

/// <summary>The style sheet of the page.</summary>
internal static class TraceStyle
{
    /// <summary>Number of colours for the parts of a packet.</summary>
    public const int Colours = 5;

    /// <summary>The sheet; readable in light and dark, on paper, and on a narrow screen.</summary>
    public const string Sheet = """
        :root { color-scheme: light dark; --line: #9aa4b2; --work: #e8f0fe; --idle: #f4f5f7; --good: #d7f5dd; --bad: #fde0dc; --aside: #fff3d1; --ink: #1a1d21; --paper: #fff; }
        @media (prefers-color-scheme: dark) {
          :root { --line: #5c6673; --work: #1d2f4f; --idle: #24272c; --good: #163d22; --bad: #56201a; --aside: #47390f; --ink: #e8eaed; --paper: #14161a; }
        }
        body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto; max-width: 76rem; padding: 1rem 1.5rem 4rem; }
        h1 { font-size: 1.5rem; margin: .5rem 0; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .3rem; }
        code, pre { font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
        ul.host { list-style: none; padding: .6rem 1rem; border-left: 4px solid var(--line); margin: 0; overflow-wrap: anywhere; }
        .remark { background: var(--aside); padding: .4rem .8rem; margin: 1.5rem 0 0; border-radius: 4px; }
        .pipe { list-style: none; display: flex; flex-wrap: wrap; gap: .8rem 1.6rem; padding: 0; margin: 1rem 0; }
        .pipe li { position: relative; border: 1px solid var(--line); border-radius: 6px; padding: .35rem .6rem; max-width: 15rem; background: var(--work); }
        .pipe li + li::before { content: "\2192"; position: absolute; left: -1.35rem; top: .8rem; color: var(--line); }
        .pipe a { color: inherit; text-decoration: none; } .pipe b, .pipe i, .pipe span { display: block; }
        .pipe i { font: 11px ui-monospace, "DejaVu Sans Mono", monospace; opacity: .75; overflow-wrap: anywhere; } .pipe span { font-size: 12.5px; }
        .pipe .idle { background: var(--idle); opacity: .8; } .pipe .end { border-width: 2px; border-radius: 14px; align-self: center; }
        .pipe .arrived, li.arrived { background: var(--good); } .pipe .ended, li.ended, tr.ended td { background: var(--bad); }
        .events { list-style: none; padding: 0; } .events > li { padding: .4rem .8rem; margin: .3rem 0; border-radius: 4px; overflow-wrap: anywhere; }
        .events > .aside { background: var(--aside); }
        .bytes p { margin: .4rem 0; } .bytes p span { padding: .05rem .5rem; border-radius: 3px; } .bytes pre { margin: 0; overflow-x: auto; }
        .c0 { background: #cfe2ff; color: #06224f; } .c1 { background: #ffe0b8; color: #4a2500; } .c2 { background: #d3f2d3; color: #0b3a0b; }
        .c3 { background: #ead4f7; color: #37104f; } .c4 { background: #ffd1dc; color: #4f0a1c; }
        table { border-collapse: collapse; width: 100%; margin-top: 1rem; } th { text-align: left; font-weight: 600; }
        th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; vertical-align: top; } td:first-child { color: var(--line); text-align: right; }
        tr.idle { opacity: .7; } tr.came td { border: none; padding-top: .8rem; font-style: italic; } td ul { margin: .2rem 0; padding-left: 1.1rem; }
        tr:target td { outline: 2px solid var(--line); } .changes { overflow-wrap: anywhere; } .live { border-top: 3px double var(--line); margin-top: 2rem; }
        @media print { .pipe li { break-inside: avoid; } tr { break-inside: avoid; } }

        """;
}
