//! Calibration: how well the judge agrees with people, measured on answers that people have labelled. Pure; `app` makes
//! the calls. Nothing here decides about a prompt.
//!
//! ```text
//! file --labels::read--> Label;  [Label] + ChangeSet --Exam::of--> Exam (a Work) --figures--> Calibration
//! Report --labels::sheet--> CSV for people to fill in --labels::read--> Label
//! ```

mod exam;
mod figures;
pub mod labels;
mod power;
mod render;
#[cfg(test)]
mod tests;

pub use exam::{Exam, Unusable};
pub use figures::{Agreement, Calibration, Misjudged, OfVotes};
pub use labels::Label;
pub use power::{JudgeErrors, JudgeVotes, Power, power};
pub use render::render;
