//! Lines, lists and tables of a given width; everything that enters is neutralised here.

use crate::change::DiffLine;
use crate::report::MovedBar;
use crate::report::untrusted::terminal_line;

/// How a terminal wants its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether ANSI colours are written.
    pub colour: bool,
    /// Columns; paragraphs are wrapped to it.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self { colour: false, width: 100 }
    }
}

/// Colours with a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Worse.
    Red,
    /// Better, or fine.
    Green,
    /// Not decided.
    Yellow,
}

/// Longest cell of a table, in characters.
const CELL_CHARS: usize = 40;

/// Text in the making.
pub(super) struct Page {
    style: Style,
    out: String,
}

impl Page {
    pub fn new(style: Style) -> Self {
        Self { style: Style { width: style.width.max(40), ..style }, out: String::new() }
    }

    /// Text in a colour, if colours are wanted.
    pub fn paint(&self, colour: Colour, text: &str) -> String {
        let code = match colour {
            Colour::Red => 31,
            Colour::Green => 32,
            Colour::Yellow => 33,
        };
        if self.style.colour { format!("\u{1b}[1;{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// A line as given: its untrusted parts must be neutralised already.
    pub fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    pub fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// Text of one paragraph, wrapped.
    pub fn paragraph(&mut self, text: &str) {
        self.wrapped("", "", &terminal_line(text));
    }

    /// A list's item, wrapped.
    pub fn item(&mut self, text: &str) {
        self.wrapped("  - ", "    ", &terminal_line(text));
    }

    /// A label and its text, each line of which is wrapped.
    pub fn labelled(&mut self, label: &str, text: &str) {
        let lead = format!("  {label:<10} ");
        let indent = " ".repeat(lead.len());
        for (i, line) in text.lines().enumerate() {
            self.wrapped(if i == 0 { &lead } else { &indent }, &indent, line);
        }
    }

    /// A titled list; nothing when it has no items.
    pub fn list(&mut self, title: &str, items: &[String]) {
        if items.is_empty() {
            return;
        }
        self.line(title);
        for item in items {
            self.item(item);
        }
        self.blank();
    }

    pub fn moved_bars(&mut self, bars: &[MovedBar]) {
        let items: Vec<String> = bars
            .iter()
            .map(|bar| {
                let place = bar.prompt.as_deref().unwrap_or("configuration");
                format!("{place}: {}{}", bar.what, bar.consequence())
            })
            .collect();
        let title = self.paint(Colour::Yellow, "This change moves its own bar");
        self.list(&title, &items);
    }

    pub fn diff(&mut self, title: &str, diff: &[DiffLine], most: usize) {
        self.line(&terminal_line(title));
        for (sign, text) in super::diff_lines(diff, most) {
            let line = terminal_line_kept(&text);
            let line = match sign {
                '+' => self.paint(Colour::Green, &format!("+{line}")),
                '-' => self.paint(Colour::Red, &format!("-{line}")),
                sign => format!("{sign}{line}"),
            };
            self.line(&format!("  {line}"));
        }
        self.blank();
    }

    pub fn table(&mut self, table: &Table) {
        let lines = table.lines();
        if lines.iter().all(|line| line.chars().count() <= self.style.width) {
            lines.iter().for_each(|line| self.line(line));
        } else {
            self.stacked(table);
        }
        self.blank();
    }

    /// A table too wide for the terminal: two lines and more per row.
    fn stacked(&mut self, table: &Table) {
        for row in &table.rows {
            let mut cells = table.columns.iter().zip(row);
            if let Some((_, first)) = cells.next() {
                self.line(first);
            }
            let rest: Vec<String> = cells.map(|((name, _), cell)| format!("{name}: {cell}")).collect();
            self.wrapped("  ", "  ", &rest.join("; "));
        }
    }

    pub fn finish(self) -> String {
        self.out
    }

    fn wrapped(&mut self, first: &str, next: &str, text: &str) {
        let mut line = first.to_owned();
        let mut empty = true;
        for word in text.split(' ') {
            let long = line.chars().count() + 1 + word.chars().count() > self.style.width;
            if long && !empty {
                self.line(&line);
                line = next.to_owned();
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
        self.line(&line);
    }
}

/// [`terminal_line`] that keeps the indentation of a diff's line.
fn terminal_line_kept(text: &str) -> String {
    let indent = text.len() - text.trim_start_matches(' ').len();
    format!("{}{}", " ".repeat(indent), terminal_line(text))
}

/// On which side a column's cells stand.
#[derive(Clone, Copy)]
pub(super) enum Align {
    Left,
    Right,
}

/// Columns of equal width, separated by two spaces.
pub(super) struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(columns: &[(&str, Align)]) -> Self {
        let columns = columns.iter().map(|(name, align)| ((*name).to_owned(), *align)).collect();
        Self { columns, rows: Vec::new() }
    }

    /// Cells are cut to a length that keeps the table readable.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(cell).collect());
    }

    fn lines(&self) -> Vec<String> {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            cells.chain([self.columns[column].0.chars().count()]).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let line = |cells: &[String]| -> String {
            let padded: Vec<String> = cells
                .iter()
                .zip(&self.columns)
                .zip(&widths)
                .map(|((cell, (_, align)), width)| match align {
                    Align::Left => format!("{cell:<width$}"),
                    Align::Right => format!("{cell:>width$}"),
                })
                .collect();
            padded.join("  ").trim_end().to_owned()
        };
        let head: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
        [head, rule].iter().chain(&self.rows).map(|cells| line(cells)).collect()
    }
}

fn cell(text: String) -> String {
    if text.chars().count() <= CELL_CHARS {
        return text;
    }
    text.chars().take(CELL_CHARS - 3).chain("...".chars()).collect()
}
