//! What would be written, as a diff that a person reads.

use similar::TextDiff;

/// The difference between a file and what it would be; a new file is shown whole.
pub(super) fn shown(path: &str, before: Option<&str>, after: &str) -> String {
    let old = if before.is_some() { path } else { "/dev/null" };
    TextDiff::from_lines(before.unwrap_or_default(), after)
        .unified_diff()
        .context_radius(2)
        .header(old, path)
        .to_string()
}
