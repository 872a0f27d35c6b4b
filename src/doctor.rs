//! What could stop a first run: what was checked, what was found, and what to do about it.

use crate::report::untrusted;

/// What a check of the surroundings found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// As it should be; in a few words.
    Fine(String),
    /// Could not be found out without spending or writing; why.
    Untold(String),
    /// Works, and somebody may be surprised: what, and what to do.
    Remarkable(String, String),
    /// A run would end here: what, and what to do.
    Fault(String, String),
}

/// One look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// At what.
    pub at: String,
    /// What came of it.
    pub finding: Finding,
}

impl Look {
    /// A look at something.
    pub fn new(at: impl Into<String>, finding: Finding) -> Self {
        Self { at: at.into(), finding }
    }
}

/// 0: a run can begin; 2: there is something to fix first.
pub fn exit_code(looks: &[Look]) -> u8 {
    let is_fault = |look: &Look| matches!(look.finding, Finding::Fault(..));
    if looks.iter().any(is_fault) { 2 } else { 0 }
}

/// The looks for a person at a terminal, in their order, and the sum.
pub fn render(looks: &[Look]) -> String {
    let mut lines = Vec::new();
    for Look { at, finding } in looks {
        let (word, said, help) = match finding {
            Finding::Fine(said) => ("ok   ", said, None),
            Finding::Untold(said) => ("?    ", said, None),
            Finding::Remarkable(said, help) => ("note ", said, Some(help)),
            Finding::Fault(said, help) => ("FAULT", said, Some(help)),
        };
        lines.push(format!("{word} {at}: {said}"));
        lines.extend(help.map(|help| format!("       = {help}")));
    }
    let count = |is: fn(&Finding) -> bool| looks.iter().filter(|look| is(&look.finding)).count();
    let faults = count(|finding| matches!(finding, Finding::Fault(..)));
    let untold = count(|finding| matches!(finding, Finding::Untold(_)));
    let sum = match (faults, untold) {
        (0, 0) => "a run can begin".to_owned(),
        (0, untold) => format!("nothing to fix was found; {untold} of {} checks gave no result", looks.len()),
        (1, _) => "one thing to fix".to_owned(),
        (several, _) => format!("{several} things to fix"),
    };
    lines.push(format!("\n{sum}; nothing was spent and nothing written"));
    untrusted::terminal(&lines.join("\n"))
}
