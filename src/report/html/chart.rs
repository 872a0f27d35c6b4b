//! Charts as SVG: figures and fixed words in, markup out. Everything that a chart shows is in its label, too.

use crate::report::wording::amount;
use crate::report::{CapitalPoint, Rate};
use crate::stats::proportion::wilson;

/// Width of every chart, in its own units: a phone's width, so that no text becomes too small to read.
const WIDTH: f64 = 360.0;
/// Where the plot begins and ends.
const LEFT: f64 = 42.0;
const RIGHT: f64 = 340.0;

fn svg(height: f64, label: &str, body: &str) -> String {
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-label=\"{label}\">{body}</svg>\n"
    )
}

fn across(share: f64) -> f64 {
    round(LEFT + share.clamp(0.0, 1.0) * (RIGHT - LEFT))
}

fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// A side of a comparison in a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    Old,
    New,
}

impl Line {
    /// Its word, which is its class, too.
    pub fn word(self) -> &'static str {
        match self {
            Line::Old => "old",
            Line::New => "new",
        }
    }
}

/// The passes of each side, with their 95 % intervals.
pub(super) fn scores(sides: &[(Line, Rate)]) -> String {
    let mut body: String = [0, 25, 50, 75, 100]
        .iter()
        .map(|percent| {
            let x = across(f64::from(*percent) / 100.0);
            let bottom = 14 + 30 * sides.len();
            format!(
                "<line class=\"grid-line\" x1=\"{x}\" x2=\"{x}\" y1=\"6\" y2=\"{bottom}\"/>\
                 <text class=\"axis\" x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{percent} %</text>",
                bottom + 14
            )
        })
        .collect();
    let mut said = Vec::new();
    for (row, (line, rate)) in sides.iter().enumerate() {
        let (word, y) = (line.word(), 22 + 30 * row);
        let share = rate.passed as f64 / rate.of.max(1) as f64;
        body.push_str(&format!("<text x=\"0\" y=\"{}\">{word}</text>", y + 4));
        if let Some(interval) = wilson(rate.passed as f64, rate.of) {
            let (low, high) = (across(interval.low), across(interval.high));
            body.push_str(&format!(
                "<line class=\"{word} span\" x1=\"{low}\" x2=\"{high}\" y1=\"{y}\" y2=\"{y}\"/>"
            ));
            said.push(format!(
                "{word} {} of {}, 95 % interval {:.0} to {:.0} %",
                rate.passed,
                rate.of,
                interval.low * 100.0,
                interval.high * 100.0
            ));
        }
        body.push_str(&format!("<circle class=\"{word}\" cx=\"{}\" cy=\"{y}\" r=\"6\"/>", across(share)));
    }
    svg(34.0 + 30.0 * sides.len() as f64, &said.join("; "), &body)
}

/// The gate's capital over the calls, on a logarithmic scale, with the limit at which it blocks.
pub(super) fn capital(path: &[CapitalPoint], limit: f64) -> String {
    let calls = path.last().map_or(1, |point| point.calls).max(1);
    let logs = || path.iter().map(|point| point.capital.max(1e-3).log10());
    let top = logs().fold(limit.log10(), f64::max) + 0.25;
    let bottom = logs().fold(0.0, f64::min) - 0.25;
    let y = |log: f64| round(12.0 + (top - log) / (top - bottom) * 96.0);
    let mut points = String::new();
    let mut before: Option<f64> = None;
    for (point, log) in path.iter().zip(logs()) {
        let (x, here) = (across(point.calls as f64 / calls as f64), y(log));
        // It stays until the next bet.
        points.extend(before.map(|before| format!("{x},{before} ")));
        points.push_str(&format!("{x},{here} "));
        before = Some(here);
    }
    let at = y(limit.log10());
    let end = path.last().map_or(1.0, |point| point.capital);
    let body = format!(
        "<line class=\"limit\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{at}\" y2=\"{at}\"/>\
         <text class=\"axis\" x=\"{LEFT}\" y=\"{}\">blocks from {}</text>\
         <line class=\"grid-line\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{start}\" y2=\"{start}\"/>\
         <text class=\"axis\" x=\"{}\" y=\"{}\" text-anchor=\"end\">1</text>\
         <polyline class=\"path\" points=\"{}\"/>\
         <text class=\"axis\" x=\"{LEFT}\" y=\"126\">0 calls</text>\
         <text class=\"axis\" x=\"{RIGHT}\" y=\"126\" text-anchor=\"end\">{calls} calls</text>",
        at - 4.0,
        amount(limit),
        LEFT - 6.0,
        y(0.0) + 4.0,
        points.trim_end(),
        start = y(0.0),
    );
    let label = format!(
        "The evidence begins at 1 and is {} after {calls} calls; it blocks from {}",
        amount(end),
        amount(limit)
    );
    svg(132.0, &label, &body)
}

/// Where the values of one side lie: 5, 25, 50, 75 and 95 % of them are below.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    pub line: Line,
    pub quantiles: [f64; 5],
}

impl Spread {
    /// Nothing of nothing.
    pub fn of(line: Line, mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        let quantiles = [0.05, 0.25, 0.5, 0.75, 0.95];
        Some(Self { line, quantiles: quantiles.map(|q| values[(q * last as f64).round() as usize]) })
    }
}

/// The values of each side as boxes over one axis; `unit` writes a value.
pub(super) fn spreads(what: &str, sides: &[Spread], unit: &dyn Fn(f64) -> String) -> String {
    let top = sides.iter().map(|side| side.quantiles[4]).fold(0.0, f64::max);
    let scale = |value: f64| across(if top > 0.0 { value / top } else { 0.0 });
    let mut body = String::new();
    let mut said = Vec::new();
    for (row, side) in sides.iter().enumerate() {
        let (word, y) = (side.line.word(), 14.0 + 24.0 * row as f64);
        let [least, low, middle, high, most] = side.quantiles.map(scale);
        body.push_str(&format!(
            "<text x=\"0\" y=\"{}\">{word}</text>\
             <line class=\"{word} span\" x1=\"{least}\" x2=\"{most}\" y1=\"{y}\" y2=\"{y}\"/>\
             <rect class=\"{word} box\" x=\"{low}\" y=\"{}\" width=\"{}\" height=\"14\"/>\
             <line class=\"{word} mid\" x1=\"{middle}\" x2=\"{middle}\" y1=\"{}\" y2=\"{}\"/>",
            y + 4.0,
            y - 7.0,
            round((high - low).max(1.0)),
            y - 8.0,
            y + 8.0,
        ));
        said.push(format!(
            "{word}: half of the answers {} at most, 95 % {} at most",
            unit(side.quantiles[2]),
            unit(side.quantiles[4])
        ));
    }
    let bottom = 24.0 * sides.len() as f64 + 16.0;
    body.push_str(&format!(
        "<text class=\"axis\" x=\"{LEFT}\" y=\"{bottom}\">0</text>\
         <text class=\"axis\" x=\"{RIGHT}\" y=\"{bottom}\" text-anchor=\"end\">{}</text>",
        unit(top)
    ));
    svg(bottom + 6.0, &format!("{what}: {}", said.join("; ")), &body)
}

/// A score in a trend: passed of screened, the class of its mark, and its words, which are escaped already.
pub(super) struct Past {
    pub rate: Rate,
    pub class: &'static str,
    pub title: String,
}

/// Scores over time, oldest first.
pub(super) fn trend(points: &[Past]) -> String {
    let share = |rate: Rate| rate.passed as f64 / rate.of.max(1) as f64;
    let least = points.iter().map(|past| share(past.rate)).fold(1.0, f64::min);
    // From a round number, so that a small change looks small.
    let bottom = ((least - 0.05).max(0.0) * 10.0).floor() / 10.0;
    let y = |share: f64| round(12.0 + (1.0 - share) / (1.0 - bottom) * 80.0);
    let last = points.len().saturating_sub(1).max(1) as f64;
    let places: Vec<(f64, f64)> =
        points.iter().enumerate().map(|(i, past)| (across(i as f64 / last), y(share(past.rate)))).collect();
    let line: Vec<String> = places.iter().map(|(x, y)| format!("{x},{y}")).collect();
    let mut body = format!(
        "<line class=\"grid-line\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{0}\" y2=\"{0}\"/>\
         <line class=\"grid-line\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{1}\" y2=\"{1}\"/>\
         <text class=\"axis\" x=\"0\" y=\"{2}\">100 %</text><text class=\"axis\" x=\"0\" y=\"{3}\">{4:.0} %</text>\
         <polyline class=\"trend\" points=\"{5}\"/>",
        y(1.0),
        y(bottom),
        y(1.0) + 4.0,
        y(bottom) + 4.0,
        bottom * 100.0,
        line.join(" ")
    );
    for (past, (x, y)) in points.iter().zip(&places) {
        body.push_str(&format!(
            "<circle class=\"{}\" cx=\"{x}\" cy=\"{y}\" r=\"5\"><title>{}</title></circle>",
            past.class, past.title
        ));
    }
    body.push_str(&format!(
        "<text class=\"axis\" x=\"{LEFT}\" y=\"112\">oldest run</text>\
         <text class=\"axis\" x=\"{RIGHT}\" y=\"112\" text-anchor=\"end\">this run</text>"
    ));
    svg(118.0, &format!("Score in {} runs; the table below has the figures", points.len()), &body)
}

/// Two bars, one for each side: how much of a slice passes.
pub(super) fn bars(old: Option<Rate>, new: Rate, class: &str) -> String {
    let width = |rate: Rate| round(100.0 * rate.passed as f64 / rate.of.max(1) as f64);
    let old = old.map_or(String::new(), |old| {
        format!("<rect class=\"dot-none\" width=\"{}\" height=\"5\"/>", width(old))
    });
    // The figures stand beside it.
    format!(
        "<svg viewBox=\"0 0 100 12\" width=\"100\" height=\"12\" aria-hidden=\"true\">{old}<rect class=\"{class}\" y=\"6\" width=\"{}\" height=\"5\"/></svg>",
        width(new)
    )
}
