//! The least permissions that a configuration needs, as values: which job asks which models, reads and writes which
//! places; and who may assume its role.
//!
//! Every action is listed because the program makes that call; a test records the calls and compares both.

mod jobs;
mod models;
mod needs;
#[cfg(test)]
mod tests;
mod trust;
mod written;

pub use jobs::{Job, policy};
pub use models::partition;
pub use needs::{Needs, NotPlain, Place};
pub use trust::{GitHub, Taker};
pub use written::{Role, cloudformation, hcl, json};

/// What a policy says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it is for, in one word of letters and digits.
    pub sid: &'static str,
    /// Who may assume the role, in its trust policy: kind and name.
    pub principal: Option<(&'static str, String)>,
    /// The actions that are allowed.
    pub actions: Vec<&'static str>,
    /// On which resources; none in a trust policy.
    pub resources: Vec<String>,
    /// When: operator, key, values.
    pub conditions: Vec<(&'static str, String, Vec<String>)>,
}

impl Statement {
    /// Allows actions on resources, unconditionally.
    fn allow(sid: &'static str, actions: &[&'static str], resources: Vec<String>) -> Self {
        Self { sid, principal: None, actions: actions.to_vec(), resources, conditions: Vec::new() }
    }

    /// The same only when one of the values holds for the key.
    fn when(mut self, operator: &'static str, key: impl Into<String>, values: Vec<String>) -> Self {
        self.conditions.push((operator, key.into(), values));
        self
    }
}

/// A policy.
pub type Policy = Vec<Statement>;
