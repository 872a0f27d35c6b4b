//! The report as a page: one HTML file that needs nothing else, for a person with a browser.
//!
//! Texts of others are only ever text in it: `markup` escapes them, anchors and the script's attributes are
//! numbers, and the page's own policy forbids every style and script but those that are written here, and every
//! request.
//!
//! | file | subject |
//! |---|---|
//! | `page` | the whole page of a report: verdict, prompts, run |
//! | `prompt` | one prompt's cards |
//! | `cases`, `case`, `words` | marks and list; one case; words that differ |
//! | `chart` | charts as SVG |
//! | `plan` | the page of a plan |
//! | `markup` | elements around escaped texts |
//! | `style.css`, `script.js` | how it looks; filtering, and going to a case |

mod case;
mod cases;
mod chart;
mod markup;
mod page;
mod plan;
mod prompt;
#[cfg(test)]
mod tests;
mod words;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::{PlanReport, Report};
use cases::Room;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The longest page, in bytes: what a browser opens in about half a second. Texts are cut until it fits.
const LONGEST: usize = 11_000_000;

/// The page of a report.
pub fn render(report: &Report) -> String {
    let mut pages = Room::LEVELS.iter().enumerate().map(|(level, room)| page::page(report, *room, level > 0));
    let fits = pages.find(|text| text.len() <= LONGEST);
    fits.unwrap_or_else(|| page::page(report, Room::LEAST, true))
}

/// The page of a plan.
pub fn render_plan(plan: &PlanReport) -> String {
    plan::page(plan)
}

/// The file around a page's content; `title` is escaped already.
fn document(title: &str, body: &str) -> String {
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; base-uri 'none'; form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    );
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>{STYLE}</style>\n<script>{SCRIPT}</script>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">To the content</a>\n<div class=\"page\">\n{body}</div>\n</body>\n</html>\n"
    )
}

/// How a policy names a script or a style.
fn digest(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}
