//! The trail of one parameter: what was written when, by whom, with which score, what is live, what
//! was rolled back; and which version was live at a time.

use serde::Serialize;

use super::archive::Archived;
use super::audit::{Action, Audit};
use super::decide::Seen;
use super::outside::ParameterVersion;

/// One version, for a person or a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its number.
    pub version: u64,
    /// When it was written (AppConfig: when it first went live, 0 for never), seconds since
    /// 1970-01-01 UTC.
    pub at: i64,
    /// Who wrote it, as the store says.
    pub written_by: String,
    /// Whether it carries the label.
    pub live: bool,
    /// Whether it is kept; else only its record is.
    pub kept: bool,
    /// The version that rolled it back.
    pub rolled_back_by: Option<u64>,
    /// Whether two wrote at once and this one lost.
    pub raced: bool,
    /// Its record; `None`: written by something else.
    pub record: Option<Audit>,
}

/// The trail, oldest first.
pub fn trail(archived: &[Archived], history: &[ParameterVersion], label: &str) -> Vec<Row> {
    let row = |version: u64, at: i64, by: &str, record: Option<Audit>| Row {
        version,
        at,
        written_by: by.to_owned(),
        live: false,
        kept: false,
        rolled_back_by: None,
        raced: record.as_ref().is_some_and(|audit| audit.after + 1 != version && audit.over.is_empty()),
        record,
    };
    let mut rows: Vec<Row> =
        archived.iter().map(|old| row(old.version, old.at, &old.by, old.audit.clone())).collect();
    rows.extend(history.iter().map(|version| {
        let seen = Seen::of(version, label);
        let row = row(version.version, version.modified_at, &version.modified_by, seen.audit);
        Row { live: seen.live, kept: true, ..row }
    }));
    rows.sort_by_key(|row| row.version);
    let rollbacks: Vec<(u64, u64)> = rows
        .iter()
        .filter_map(|row| Some((row.version, row.record.as_ref()?)))
        .filter(|(_, audit)| audit.action == Action::Rollback)
        .filter_map(|(version, audit)| Some((audit.was?, version)))
        .collect();
    for row in &mut rows {
        row.rolled_back_by = rollbacks.iter().find(|(was, _)| *was == row.version).map(|(_, by)| *by);
    }
    rows
}

/// The version that was live at a moment: the newest that was written by then. The label follows a
/// version within seconds; one that lost a race was never live.
pub fn live_at(rows: &[Row], at: i64) -> Option<&Row> {
    rows.iter().rev().find(|row| row.at > 0 && row.at <= at && !row.raced)
}

/// A moment as text, `YYYY-MM-DD HH:MM:SS` in UTC, to seconds since 1970-01-01. The time may be
/// left out (the day's end is meant), and written with `T` and `Z`.
pub fn moment(text: &str) -> Option<i64> {
    let text = text.trim().trim_end_matches('Z').replace('T', " ");
    let (day, time) = text.split_once(' ').unwrap_or((&text, "23:59:59"));
    let number = |part: &str| part.parse::<i64>().ok().filter(|_| part.bytes().all(|b| b.is_ascii_digit()));
    let parts: Option<Vec<i64>> = day.split('-').map(number).collect();
    let [year, month, day] = parts?[..] else { return None };
    let clock: Option<Vec<i64>> = time.split(':').map(number).collect();
    let (hour, minute, second) = match clock?[..] {
        [hour, minute] => (hour, minute, 0),
        [hour, minute, second] => (hour, minute, second),
        _ => return None,
    };
    let in_range = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !in_range || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Civil date to days after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted - era * 400;
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some((era * 146_097 + day_of_era - 719_468) * 86_400 + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_the_ways_people_write_them() {
        for (text, seconds) in [
            ("1970-01-01 00:00", Some(0)),
            ("2000-02-29T00:00:00Z", Some(951_782_400)),
            ("2024-02-28", Some(1_709_164_799)),
            ("yesterday", None),
            ("2024-13-01", None),
            ("2024-01-01 25:00", None),
        ] {
            assert_eq!(moment(text), seconds, "{text}");
        }
    }
}
