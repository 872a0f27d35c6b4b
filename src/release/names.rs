//! What SSM accepts as a parameter's name and as a label, and AppConfig as a profile's name. It is checked here because
//! a mistake must be found before the first write, and because emulators accept names that AWS refuses.

/// Longest name: 1,011 characters with the ARN's beginning, and room for the audit's suffix.
const LONGEST: usize = 930;
/// Levels of a hierarchy.
const LEVELS: usize = 15;
/// Longest name of a configuration profile.
const LONGEST_PROFILE: usize = 128;
/// Longest label.
const LONGEST_LABEL: usize = 100;

/// What is wrong with a name, and what to write instead.
pub type Fault = (String, &'static str);

/// Why SSM would refuse a parameter's name.
pub fn parameter_fault(name: &str) -> Option<Fault> {
    let first = name.trim_start_matches('/').to_lowercase();
    let said = |what: &str| format!("the parameter name `{name}` {what}");
    let levels = name.trim_start_matches('/').split('/').count();
    Some(if name.is_empty() {
        (said("is empty"), "write one, such as /prod/llm/summarize")
    } else if let Some(odd) = name.chars().find(|c| !c.is_ascii_alphanumeric() && !"_.-/".contains(*c)) {
        (said(&format!("holds {odd:?}")), "use letters, digits, `_`, `.`, `-` and `/` only")
    } else if name.contains('/') && !name.starts_with('/') {
        (said("has levels but does not begin with `/`"), "begin it with `/`")
    } else if name.ends_with('/') || name.contains("//") {
        (said("has an empty level"), "write one `/` between two levels, and none at the end")
    } else if name.split('/').any(|level| level == "." || level == "..") {
        (said("has a level `.` or `..`"), "name the levels; a parameter's path is not one of files")
    } else if levels > LEVELS {
        (said(&format!("has {levels} levels; SSM allows {LEVELS}")), "use fewer levels")
    } else if first.starts_with("aws") || first.starts_with("ssm") {
        (said("begins with `aws` or `ssm`, which SSM reserves"), "begin it with another word")
    } else if name.len() > LONGEST {
        (said(&format!("has {} characters; at most {LONGEST} fit beside the ARN", name.len())), "shorten it")
    } else {
        return None;
    })
}

/// Why a configuration profile should not have this name: AppConfig accepts nearly anything, but
/// readers use it in an HTTP path, and the agent's settings use `:` and `,` as separators.
pub fn profile_fault(name: &str) -> Option<Fault> {
    let said = |what: &str| format!("the profile name `{name}` {what}");
    Some(if name.is_empty() {
        (said("is empty"), "write one, such as summarize")
    } else if let Some(odd) = name.chars().find(|c| !c.is_ascii_alphanumeric() && !"_.- ".contains(*c)) {
        (said(&format!("holds {odd:?}")), "use letters, digits, `_`, `.`, `-` and spaces only")
    } else if name.trim() != name {
        (said("begins or ends with a space"), "take the space away")
    } else if name == "." || name == ".." {
        (said("is a way through directories and no name"), "write one, such as summarize")
    } else if name.len() > LONGEST_PROFILE {
        (said(&format!("has {} characters; AppConfig allows {LONGEST_PROFILE}", name.len())), "shorten it")
    } else {
        return None;
    })
}

/// Why SSM would refuse a label; it would not say so, only list it as invalid.
pub fn label_fault(label: &str) -> Option<Fault> {
    let lower = label.to_lowercase();
    let said = |what: &str| format!("the label `{label}` {what}");
    Some(if label.is_empty() {
        (said("is empty"), "write one, such as live")
    } else if let Some(odd) = label.chars().find(|c| !c.is_ascii_alphanumeric() && !"_.-".contains(*c)) {
        (said(&format!("holds {odd:?}")), "use letters, digits, `_`, `.` and `-` only")
    } else if label.starts_with(|c: char| c.is_ascii_digit()) {
        (said("begins with a digit"), "begin it with a letter")
    } else if lower.starts_with("aws") || lower.starts_with("ssm") {
        (said("begins with `aws` or `ssm`, which SSM reserves"), "begin it with another word")
    } else if label.len() > LONGEST_LABEL {
        (said(&format!("has {} characters; SSM allows {LONGEST_LABEL}", label.len())), "shorten it")
    } else {
        return None;
    })
}

/// The release label that belongs to a label (see [`super::intervention`]). It begins as the label does, and no longer
/// than a label may be.
pub fn release_label(label: &str) -> String {
    const SUFFIX: &str = ".prompt-assay";
    let kept: String = label.chars().take(100 - SUFFIX.len()).collect();
    kept + SUFFIX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ssm_refuses_is_refused_here_with_what_to_write_instead() {
        let deep = format!("/{}", ["a"; 16].join("/"));
        let long = format!("/{}", "a".repeat(1000));
        let names = [
            "", "/a b", "/ä", "a/b", "/a/", "/a//b", "/a/../b", "..", &deep, "/aws/x", "AWSthing", "/ssm-x",
            &long,
        ];
        let said: Vec<String> = names
            .iter()
            .map(|name| parameter_fault(name).unwrap_or_else(|| panic!("{name} was accepted")))
            .map(|(what, help)| format!("{} = {help}", what.replace(&"a".repeat(1000), "…")))
            .collect();
        insta::assert_snapshot!(said.join("\n"), @r"
        the parameter name `` is empty = write one, such as /prod/llm/summarize
        the parameter name `/a b` holds ' ' = use letters, digits, `_`, `.`, `-` and `/` only
        the parameter name `/ä` holds 'ä' = use letters, digits, `_`, `.`, `-` and `/` only
        the parameter name `a/b` has levels but does not begin with `/` = begin it with `/`
        the parameter name `/a/` has an empty level = write one `/` between two levels, and none at the end
        the parameter name `/a//b` has an empty level = write one `/` between two levels, and none at the end
        the parameter name `/a/../b` has a level `.` or `..` = name the levels; a parameter's path is not one of files
        the parameter name `..` has a level `.` or `..` = name the levels; a parameter's path is not one of files
        the parameter name `/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a` has 16 levels; SSM allows 15 = use fewer levels
        the parameter name `/aws/x` begins with `aws` or `ssm`, which SSM reserves = begin it with another word
        the parameter name `AWSthing` begins with `aws` or `ssm`, which SSM reserves = begin it with another word
        the parameter name `/ssm-x` begins with `aws` or `ssm`, which SSM reserves = begin it with another word
        the parameter name `/…` has 1001 characters; at most 930 fit beside the ARN = shorten it
        ");
        for good in ["/prod/llm/summarize", "greeting", "/a.b_c-d/1", &format!("/{}", ["a"; 15].join("/"))] {
            assert_eq!(parameter_fault(good), None, "{good}");
        }
    }

    #[test]
    fn labels_that_ssm_would_silently_not_set_are_refused() {
        let long = "a".repeat(101);
        for bad in ["", "1live", "aws-live", "SSMx", "a b", "a/b", &long] {
            assert!(label_fault(bad).is_some(), "{bad}");
        }
        for good in ["live", "sha-1a2b", "a.b_c", &"a".repeat(100)] {
            assert_eq!(label_fault(good), None, "{good}");
        }
    }

    #[test]
    fn a_release_label_is_a_label() {
        assert_eq!(release_label("live"), "live.prompt-assay");
        for label in ["live", "a.b_c", &"a".repeat(100)] {
            assert_eq!(label_fault(&release_label(label)), None);
        }
    }
}
