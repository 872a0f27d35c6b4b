//! Checks: what a case asks of an answer. Pure; a check that needs a model says what to ask it.

use serde::Serialize;

/// One check of a case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {}
