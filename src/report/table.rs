//! Tables of text cells, for a terminal and for Markdown. Cells are escaped for their surface already.

/// Columns of equal width, two spaces apart; the first `numbers` columns are aligned to the right.
pub fn text(rows: &[Vec<String>], numbers: usize) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells =
            row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column < numbers {
                true => format!("{cell:>width$}"),
                false => format!("{cell:width$}"),
            });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

/// A table of Markdown; the first row is its head.
pub fn markdown(rows: &[Vec<String>]) -> String {
    let line = |row: &Vec<String>| format!("| {} |\n", row.join(" | "));
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    let rule = format!("|{}\n", "---|".repeat(rows.first().map_or(0, Vec::len)));
    lines.insert(lines.len().min(1), rule);
    lines.concat()
}
