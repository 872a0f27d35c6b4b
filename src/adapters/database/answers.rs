//! Answers as rows: bought by this run, or by other runs.

use rusqlite::{Connection, params};

use super::count;
use super::seals::column;
use crate::store::entry::{AnswerEntry, response_text};

/// What happens to an answer that already exists.
#[derive(Clone, Copy)]
pub(super) enum Clash {
    /// The new one replaces it.
    Replaced,
    /// It stays.
    Stays,
}

/// Writes an answer with the seal it has; returns how many rows that is.
pub(super) fn insert(connection: &Connection, row: &AnswerEntry, clash: Clash) -> rusqlite::Result<usize> {
    let verb = match clash {
        Clash::Replaced => "REPLACE",
        Clash::Stays => "IGNORE",
    };
    let sql = format!(
        "INSERT OR {verb} INTO answers (key, model, request, response, input_tokens, output_tokens, \
         cache_read_tokens, cache_write_tokens, bought_by, created_at, seal) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
    );
    let usage = row.response.usage;
    connection.prepare_cached(&sql)?.execute(params![
        row.key.0.as_bytes(),
        row.model,
        row.request.as_bytes(),
        response_text(&row.response),
        count(usage.input),
        count(usage.output),
        count(usage.cache_read),
        count(usage.cache_write),
        row.bought_by.as_bytes(),
        count(row.at),
        column(row.seal),
    ])
}
