//! Answers as rows: bought here, or by others.

use rusqlite::{Connection, params};

use super::{count, text_of};
use crate::fingerprint::Fingerprint;
use crate::model::Response;
use crate::trial::AnswerKey;

/// A row to be.
pub(super) struct NewAnswer<'a> {
    pub key: AnswerKey,
    pub model: &'a str,
    pub request: Fingerprint,
    pub response: &'a Response,
    pub bought_by: Fingerprint,
    /// Seconds since 1970-01-01 UTC.
    pub at: i64,
}

/// What becomes of an answer that is there already.
#[derive(Clone, Copy)]
pub(super) enum Clash {
    /// It makes room for the new one.
    Replaced,
    /// It stays.
    Stays,
}

/// Writes a row; returns how many that is.
pub(super) fn insert(connection: &Connection, row: &NewAnswer<'_>, clash: Clash) -> rusqlite::Result<usize> {
    let verb = match clash {
        Clash::Replaced => "REPLACE",
        Clash::Stays => "IGNORE",
    };
    let sql = format!(
        "INSERT OR {verb} INTO answers (key, model, request, response, input_tokens, output_tokens, \
         cache_read_tokens, cache_write_tokens, bought_by, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
    );
    let usage = row.response.usage;
    connection.prepare_cached(&sql)?.execute(params![
        row.key.0.as_bytes(),
        row.model,
        row.request.as_bytes(),
        text_of(row.response),
        count(usage.input),
        count(usage.output),
        count(usage.cache_read),
        count(usage.cache_write),
        row.bought_by.as_bytes(),
        row.at,
    ])
}
