//! HTML in the making: elements around foreign texts, which are escaped here and nowhere else.

use crate::report::untrusted::{html, html_line, shortened};

/// The longest name of a case, a tag or a check that is shown, in characters.
const NAME_CHARS: usize = 200;

/// A foreign text as it stands, line breaks included, cut to so many characters.
pub(super) fn block(text: &str, max_chars: usize) -> String {
    html(&shortened(text, max_chars))
}

/// A foreign text on one line.
pub(super) fn line(text: &str, max_chars: usize) -> String {
    html_line(&shortened(text.trim(), max_chars))
}

/// A foreign name as code.
pub(super) fn code(name: &str) -> String {
    let name = line(name, NAME_CHARS);
    format!("<code>{}</code>", if name.is_empty() { "(empty)" } else { name.as_str() })
}

/// A foreign name without an element, for attributes and titles.
pub(super) fn name(name: &str) -> String {
    line(name, NAME_CHARS)
}

/// A sentence of the program, in which names stand between backticks: those become code.
pub(super) fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.trim().split('`').collect();
    let last = parts.len() - 1;
    let shown = parts.iter().enumerate().map(|(i, part)| match i % 2 {
        // Without its partner a backtick is an ordinary character.
        1 if i == last => format!("`{}", html_line(part)),
        1 => code(part),
        _ => spaced(part),
    });
    shown.collect()
}

/// One line, with the spaces at its ends.
fn spaced(text: &str) -> String {
    let lead = if text.starts_with(char::is_whitespace) { " " } else { "" };
    let tail = if text.ends_with(char::is_whitespace) && !text.trim().is_empty() { " " } else { "" };
    format!("{lead}{}{tail}", html_line(text))
}

/// Items as a list.
pub(super) fn list(items: impl IntoIterator<Item = String>) -> String {
    let items: String = items.into_iter().map(|item| format!("<li>{item}</li>")).collect();
    if items.is_empty() { items } else { format!("<ul class=\"plain\">{items}</ul>\n") }
}

/// A part of the page with a heading of its own.
pub(super) fn card(title: &str, class: &str, body: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    format!("<section class=\"card{class}\"><h3>{title}</h3>\n{body}</section>\n")
}

/// A part that is opened by its summary.
pub(super) fn fold(summary: &str, body: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    format!("<details class=\"fold\"><summary>{summary}</summary>\n{body}</details>\n")
}

/// A part that is scrolled sideways where the screen is narrow.
pub(super) fn scrolled(label: &str, body: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    format!("<div class=\"scroll\" role=\"region\" aria-label=\"{label}\" tabindex=\"0\">\n{body}</div>\n")
}

/// A table whose cells are HTML already; `numeric` columns are set to the right.
pub(super) fn table(
    heads: &[&str],
    numeric: &[usize],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> String {
    let class = |column: usize| if numeric.contains(&column) { " class=\"n\"" } else { "" };
    let heads: String = heads
        .iter()
        .enumerate()
        .map(|(i, head)| format!("<th scope=\"col\"{}>{head}</th>", class(i)))
        .collect();
    let row = |cells: Vec<String>| {
        let cells = cells.iter().enumerate().map(|(i, cell)| format!("<td{}>{cell}</td>", class(i)));
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    let rows: String = rows.into_iter().map(row).collect();
    if rows.is_empty() {
        return rows;
    }
    format!("<table><thead><tr>{heads}</tr></thead><tbody>\n{rows}</tbody></table>\n")
}
