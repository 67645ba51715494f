//! Draws the bars of `per-call.svg`, which is readable on a light and on a dark page.

use std::fmt::Write;

use crate::clients::{BY_HAND, OURS};
use crate::per_call::Row;

const ROW: usize = 26;
const TOP: usize = 64;
const NAMES: usize = 210;
/// The longest bar of each panel.
const BAR: f64 = 210.0;
/// From the start of a panel to that of the next.
const PANEL: usize = 290;

/// One chart of bars.
struct Panel {
    title: &'static str,
    better: &'static str,
    value: fn(&Row, &Row) -> Option<f64>,
}

const PANELS: [Panel; 2] = [
    Panel {
        title: "Instructions per call",
        better: "shorter is better",
        value: |row, hand| Some(row.counts[0].instructions? / hand.counts[0].instructions?),
    },
    Panel {
        title: "Requests per second, 64 at once",
        better: "longer is better",
        value: |row, _| Some(row.throughput_64.median),
    },
];

/// Draws the rows, relative to those of reqwest by hand.
pub(crate) fn draw(rows: &[Row]) -> String {
    let (width, height) = (NAMES + PANELS.len() * PANEL, TOP + rows.len() * ROW + 34);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-label=\"What a call costs, relative to reqwest by hand\">\n{STYLE}"
    );
    for (index, row) in rows.iter().enumerate() {
        let class = if row.name == OURS.name { " class=\"ours\"" } else { "" };
        let (x, y) = (NAMES - 10, TOP + index * ROW + 17);
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"end\"{class}>{}</text>", row.name);
    }
    if let Some(hand) = rows.iter().find(|row| row.name == BY_HAND.name) {
        for (index, panel) in PANELS.iter().enumerate() {
            panel.draw(&mut svg, NAMES + index * PANEL, rows, hand);
        }
    }
    let _ = writeln!(
        svg,
        "<text x=\"{NAMES}\" y=\"{}\" class=\"note\">A GET with path, query and token over loopback, relative to reqwest by hand.</text>\n</svg>",
        height - 10
    );
    svg
}

impl Panel {
    fn draw(&self, svg: &mut String, left: usize, rows: &[Row], hand: &Row) {
        let values: Vec<_> = rows.iter().map(|row| (self.value)(row, hand)).collect();
        let longest = values.iter().flatten().copied().fold(1.0, f64::max);
        let _ = writeln!(svg, "<text x=\"{left}\" y=\"24\" class=\"title\">{}</text>", self.title);
        let _ = writeln!(svg, "<text x=\"{left}\" y=\"44\" class=\"note\">{}</text>", self.better);
        // A line where reqwest by hand is, behind the bars.
        let one = left as f64 + BAR / longest;
        let bottom = TOP + rows.len() * ROW;
        let _ = writeln!(svg, "<path d=\"M{one:.1} {} V{bottom}\" class=\"one\"/>", TOP - 4);
        for (index, (row, value)) in rows.iter().zip(&values).enumerate() {
            let y = TOP + index * ROW;
            let class = if row.name == OURS.name { "ours" } else { "bar" };
            let Some(value) = value else {
                let _ =
                    writeln!(svg, "<text x=\"{left}\" y=\"{}\" class=\"note\">not counted</text>", y + 17);
                continue;
            };
            let length = (value / longest * BAR).max(1.0);
            let _ = writeln!(
                svg,
                "<rect x=\"{left}\" y=\"{}\" width=\"{length:.1}\" height=\"{}\" rx=\"2\" class=\"{class}\"/>",
                y + 4,
                ROW - 8
            );
            let end = left as f64 + BAR + 10.0;
            let _ = writeln!(svg, "<text x=\"{end:.1}\" y=\"{}\">{value:.2}</text>", y + 17);
        }
    }
}

const STYLE: &str = "<style>\n\
    text { font: 13px system-ui, sans-serif; fill: #24292f }\n\
    .title { font-weight: 600 }\n\
    text.ours { font-weight: 600; fill: #0550ae }\n\
    .note { font-size: 12px; fill: #59636e }\n\
    .bar { fill: #9aa4af }\n\
    rect.ours { fill: #0969da }\n\
    .one { stroke: #59636e; stroke-dasharray: 3 3; fill: none }\n\
    @media (prefers-color-scheme: dark) {\n\
    text { fill: #e6edf3 }\n\
    text.ours { fill: #79c0ff }\n\
    .note { fill: #9198a1 }\n\
    .bar { fill: #59636e }\n\
    rect.ours { fill: #388bfd }\n\
    .one { stroke: #9198a1 }\n\
    }\n\
    </style>\n";
