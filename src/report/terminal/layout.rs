//! Lines, lists and tables of a given width; everything that enters is neutralised here.

use super::words::Piece;
use crate::report::MovedBar;
use crate::report::untrusted::terminal_line;

/// How a terminal wants its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether ANSI colours are written.
    pub colour: bool,
    /// Columns; paragraphs are wrapped to it.
    pub width: usize,
    /// Whether everything is shown, and not only what a person needs at once.
    pub verbose: bool,
    /// Without `verbose`: cases shown with both answers, of the one prompt of a report.
    pub answers: usize,
}

impl Style {
    /// The narrowest and the widest text, in columns: what reads well.
    pub const WIDTHS: std::ops::RangeInclusive<usize> = 60..=140;
}

impl Default for Style {
    fn default() -> Self {
        Self { colour: false, width: 100, verbose: false, answers: 2 }
    }
}

/// Colours with a meaning; a word or a sign beside each says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Worse.
    Red,
    /// Better, or fine.
    Green,
    /// Not decided.
    Yellow,
}

impl Colour {
    fn code(self) -> u8 {
        match self {
            Colour::Red => 31,
            Colour::Green => 32,
            Colour::Yellow => 33,
        }
    }
}

/// Longest cell of a table, in characters.
const CELL_CHARS: usize = 40;

/// Text in the making.
pub(crate) struct Page {
    style: Style,
    out: String,
}

impl Page {
    pub fn new(style: Style) -> Self {
        let width = style.width.clamp(*Style::WIDTHS.start(), *Style::WIDTHS.end());
        Self { style: Style { width, ..style }, out: String::new() }
    }

    pub fn style(&self) -> Style {
        self.style
    }

    /// Text in a colour, if colours are wanted.
    pub fn paint(&self, colour: Colour, text: &str) -> String {
        if self.style.colour {
            format!("\u{1b}[1;{}m{text}\u{1b}[0m", colour.code())
        } else {
            text.to_owned()
        }
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

    /// A paragraph in one colour.
    pub fn painted(&mut self, colour: Colour, text: &str) {
        let lines = wrap("", "", terminal_line(text).split(' '), self.style.width);
        for line in lines {
            let line = self.paint(colour, &line);
            self.line(&line);
        }
    }

    /// A list's item, wrapped.
    pub fn item(&mut self, text: &str) {
        self.wrapped("  - ", "    ", &terminal_line(text));
    }

    /// An item with a lead of its own, `  3  `, wrapped beside it.
    pub fn led(&mut self, lead: &str, text: &str) {
        let indent = " ".repeat(columns(lead));
        self.wrapped(lead, &indent, &terminal_line(text));
    }

    /// A label and its text, each line of which is wrapped.
    pub fn labelled(&mut self, label: &str, text: &str) {
        let lead = format!("    {label:<8} ");
        let indent = " ".repeat(lead.len());
        for (i, line) in text.lines().enumerate() {
            self.wrapped(if i == 0 { &lead } else { &indent }, &indent, line);
        }
    }

    /// A label and two texts in one: what was removed and what was added, in colour or between signs.
    pub(super) fn pieces(&mut self, label: &str, pieces: &[Piece]) {
        let lead = format!("    {label:<8} ");
        let indent = " ".repeat(lead.len());
        let mut text = String::new();
        let mut marks: Vec<Option<Colour>> = Vec::new();
        for piece in pieces {
            let (sign, colour) = match piece {
                Piece::Same(_) => (None, None),
                Piece::Removed(_) => (Some(("[-", "-]")), Some(Colour::Red)),
                Piece::Added(_) => (Some(("{+", "+}")), Some(Colour::Green)),
            };
            let shown = match sign.filter(|_| !self.style.colour) {
                Some((open, close)) => format!("{open}{}{close}", piece.text()),
                None => piece.text().to_owned(),
            };
            // Together they would be a command of the Actions runner.
            if text.ends_with('#') && shown.starts_with('[') {
                text.push(' ');
                marks.push(None);
            }
            // One mark for each character, so that a break between words loses none.
            marks.extend(shown.chars().map(|_| colour));
            text.push_str(&shown);
        }
        let mut place = 0;
        for (i, line) in wrap(&lead, &indent, text.split(' '), self.style.width).into_iter().enumerate() {
            let skipped = if i == 0 { lead.len() } else { indent.len() };
            let body: Vec<char> = line.chars().skip(skipped).collect();
            let painted = self.marked(&body, &marks[place.min(marks.len())..]);
            let margin: String = line.chars().take(skipped).collect();
            self.line(&format!("{margin}{painted}"));
            // The blank where the line was broken.
            place += body.len() + 1;
        }
    }

    fn marked(&self, text: &[char], marks: &[Option<Colour>]) -> String {
        let mut out = String::new();
        let mut open: Option<Colour> = None;
        for (i, c) in text.iter().enumerate() {
            let mark = marks.get(i).copied().flatten().filter(|_| self.style.colour);
            if mark != open {
                if open.is_some() {
                    out.push_str("\u{1b}[0m");
                }
                match mark {
                    // Struck out and underlined, for eyes that do not tell red from green.
                    Some(Colour::Red) => out.push_str("\u{1b}[9;31m"),
                    Some(colour) => out.push_str(&format!("\u{1b}[4;{}m", colour.code())),
                    None => {}
                }
                open = mark;
            }
            out.push(*c);
        }
        if open.is_some() {
            out.push_str("\u{1b}[0m");
        }
        out
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

    pub fn diff(&mut self, title: &str, lines: impl Iterator<Item = (char, String)>) {
        self.paragraph(title);
        for (sign, text) in lines {
            let line = terminal_line_kept(&text);
            let colour = match sign {
                '+' => Some(Colour::Green),
                '-' => Some(Colour::Red),
                _ => None,
            };
            for line in wrap(&format!("  {sign}"), &format!("  {sign}  "), line.split(' '), self.style.width)
            {
                let line = colour.map_or(line.clone(), |colour| self.paint(colour, &line));
                self.line(&line);
            }
        }
        self.blank();
    }

    pub fn has_room_for(&self, table: &Table) -> bool {
        table.lines().iter().all(|line| columns(line) <= self.style.width)
    }

    pub fn table(&mut self, table: &Table) {
        if self.has_room_for(table) {
            table.lines().iter().for_each(|line| self.line(line));
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
            let rest: Vec<String> = cells
                .filter(|(_, cell)| !cell.is_empty())
                .map(
                    |((name, _), cell)| {
                        if name.is_empty() { cell.clone() } else { format!("{name}: {cell}") }
                    },
                )
                .collect();
            self.wrapped("  ", "  ", &rest.join("; "));
        }
    }

    pub fn finish(self) -> String {
        self.out
    }

    fn wrapped(&mut self, first: &str, next: &str, text: &str) {
        for line in wrap(first, next, text.split(' '), self.style.width) {
            self.line(&line);
        }
    }
}

/// Words in lines of at most `width` columns; a longer word is a line of its own and stays whole.
fn wrap<'t>(first: &str, next: &str, words: impl Iterator<Item = &'t str>, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = first.to_owned();
    let mut is_empty = true;
    for word in words {
        let long = columns(&line) + 1 + columns(word) > width;
        if long && !is_empty {
            lines.push(std::mem::replace(&mut line, next.to_owned()));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line);
    lines
}

/// The columns that a text takes: ideographs and pictures take two.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

fn is_wide(c: char) -> bool {
    matches!(c as u32,
        0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60
        | 0xffe0..=0xffe6 | 0x1f300..=0x1faff | 0x20000..=0x3fffd)
}

/// [`terminal_line`] that keeps the indentation of a diff's line.
fn terminal_line_kept(text: &str) -> String {
    let indent = text.len() - text.trim_start_matches(' ').len();
    format!("{}{}", " ".repeat(indent), terminal_line(text))
}

/// On which side a column's cells stand.
#[derive(Clone, Copy)]
pub(crate) enum Align {
    Left,
    Right,
}

/// Columns of equal width, separated by two spaces.
pub(crate) struct Table {
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
            let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| columns(cell));
            cells.chain([columns(&self.columns[column].0)]).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let line = |cells: &[String]| -> String {
            let padded: Vec<String> = cells
                .iter()
                .zip(&self.columns)
                .zip(&widths)
                .map(|((cell, (_, align)), width)| {
                    let gap = " ".repeat(width.saturating_sub(columns(cell)));
                    match align {
                        Align::Left => format!("{cell}{gap}"),
                        Align::Right => format!("{gap}{cell}"),
                    }
                })
                .collect();
            padded.join("  ").trim_end().to_owned()
        };
        let head: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
        [head, rule].iter().chain(&self.rows).map(|cells| line(cells)).collect()
    }
}

fn cell(text: String) -> String {
    if text.chars().count() <= CELL_CHARS {
        return text;
    }
    text.chars().take(CELL_CHARS - 3).chain("...".chars()).collect()
}
