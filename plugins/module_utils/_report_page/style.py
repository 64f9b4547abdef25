# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the page looks: on a screen, a phone and paper."""

from __future__ import annotations

STYLE = """
:root { --ink: #1c2430; --soft: #5b6675; --line: #d8dee6; --above: #2166ac; --below: #b35806; --grave: #b2182b; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; color: var(--ink); background: #fff; line-height: 1.45;
  overflow-wrap: anywhere;
  font-family: system-ui, "Noto Sans", "Hiragino Sans", "Noto Sans CJK JP", "Yu Gothic", Meiryo, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.35rem; margin: 2rem 0 0.5rem; padding-bottom: 0.2rem; border-bottom: 3px solid var(--above); }
h3 { font-size: 1.05rem; margin: 1.6rem 0 0.4rem; }
p { margin: 0.2rem 0 0.6rem; }
header p, .none, .more, small, .size { color: var(--soft); }
a { color: var(--above); }
.well { padding: 0.5rem 0.8rem; border-left: 5px solid #1b7837; background: #eef7ef; }
.findings, .names { list-style: none; margin: 0; padding: 0; }
.findings li { margin: 0.3rem 0; padding: 0.35rem 0.8rem; border-left: 5px solid #e0a100; background: #fdf8e7; }
.findings li.grave { border-color: var(--grave); background: #fdeff0; }
.who { color: var(--soft); font-size: 0.92em; }
.who bdi { display: inline-block; max-width: 100%; margin-right: 0.6em; vertical-align: top; }
.names { columns: 17rem; column-gap: 1.5rem; }
.names li { break-inside: avoid; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: 0.5rem;
  margin: 0.5rem 0 1rem; }
.tiles div { border: 1px solid var(--line); border-radius: 6px; padding: 0.4rem 0.6rem; break-inside: avoid; }
.tiles dt { color: var(--soft); font-size: 0.85rem; }
.tiles dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
.tiles dd.size { font-size: 0.85rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: 1rem; }
figure { margin: 0; break-inside: avoid; }
figcaption { color: var(--soft); font-size: 0.9rem; }
.chart { display: block; width: 100%; height: auto; font-size: 12px; }
.chart text { fill: var(--soft); }
.chart line { stroke: var(--soft); }
rect.above, text.above { fill: var(--above) !important; }
rect.below, text.below { fill: var(--below) !important; }
.bar { display: block; width: 6rem; max-width: 100%; height: 0.4rem; margin-top: 0.15rem; }
table { width: 100%; border-collapse: collapse; margin: 0.3rem 0 0.9rem; font-size: 0.94rem; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.6rem 0.3rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; border-bottom: 2px solid var(--line); overflow-wrap: normal;
  word-break: keep-all; }
tbody th { font-weight: 500; min-width: 13rem; max-width: 34rem; }
td div { display: inline-block; min-width: 7.5rem; max-width: 100%; padding-right: 0.8rem; vertical-align: top; }
td.short { font-variant-numeric: tabular-nums; white-space: nowrap; }
@media screen and (max-width: 45rem) {
  .chart { font-size: 15px; }
  .who { display: block; }
  .wide thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .wide, .wide tbody, .wide tr, .wide th, .wide td { display: block; border: 0; }
  .wide tr { border: 1px solid var(--line); border-radius: 6px; padding: 0.4rem 0.7rem; margin: 0.4rem 0; }
  tbody th { min-width: 0; }
  .wide tbody th { max-width: none; padding: 0.1rem 0; font-weight: 600; }
  .wide tbody th::before { content: attr(data-label); display: block; color: var(--soft); font-size: 0.8rem;
    font-weight: 400; }
  .wide td { display: flex; justify-content: space-between; gap: 1rem; padding: 0.1rem 0; }
  .wide td::before { content: attr(data-label); color: var(--soft); flex: none; max-width: 45%; }
  .wide td span { text-align: right; min-width: 0; }
  .wide td div { min-width: 0; padding: 0 0 0 0.8rem; }
  .wide .bar { margin-left: auto; }
}
@media print {
  @page { size: A4; margin: 14mm; }
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  article { break-before: page; }
  article:first-of-type { break-before: auto; }
  h2, h3 { break-after: avoid; }
  h3 { margin-top: 1rem; }
  table { font-size: 8.5pt; }
  .bar { width: 4rem; }
  tbody th { min-width: 45mm; }
  .chart { font-size: 15px; }
  th, td { padding: 0.15rem 0.5rem 0.15rem 0; }
  .charts { grid-template-columns: 1fr 1fr; }
  tr, li { break-inside: avoid; }
  thead { display: table-header-group; }
  .findings li, .well, rect { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
