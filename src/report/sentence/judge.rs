//! How far a judge can be trusted, and what checks ask models for, in words.

use crate::model::JudgeModels;
use crate::report::untrusted::quoted;
use crate::report::wording::listed;
use crate::report::{JudgeAgreement, ModelIds};

/// How well a judge agrees with people, beside its name, without a full stop.
pub fn judge(models: &JudgeModels, agreement: Option<JudgeAgreement>) -> String {
    let names: Vec<String> = models.iter().map(|model| quoted(model)).collect();
    let (subject, verb) =
        if models.is_panel() { ("The judges", "together agree") } else { ("The judge", "agrees") };
    let subject = format!("{subject} {}", listed(&names));
    match agreement {
        Some(JudgeAgreement { percent, low, high, n }) => {
            format!("{subject} {verb} with people {percent} % [{low}, {high}], n={n}")
        }
        None => format!("{subject}: not calibrated"),
    }
}

/// Whose answers checks wait for: of a judge, of a model for embeddings, or of both.
fn of<'t>(models: &ModelIds, [judge, embeddings, both]: [&'t str; 3]) -> &'t str {
    match (models.judge.is_empty(), models.embedding.is_empty()) {
        (_, true) => judge,
        (true, false) => embeddings,
        (false, false) => both,
    }
}

/// What could not be read.
pub fn whose(models: &ModelIds) -> &'static str {
    of(models, ["the judge's answers", "the embeddings", "the judge's answers or the embeddings"])
}

/// The same before the name of a prompt.
pub(super) fn asked_about(models: &ModelIds) -> &'static str {
    of(
        models,
        [
            "the judge's answers about",
            "the embeddings of answers of",
            "the judge's answers about or the embeddings of answers of",
        ],
    )
}

pub(super) fn who(models: &ModelIds) -> &'static str {
    of(models, ["judge", "embeddings", "judge or embeddings"])
}

pub(super) fn to_look_at(models: &ModelIds) -> &'static str {
    of(
        models,
        [
            "the judge's model and prompt",
            "the model for embeddings that the check names",
            "the judge's model and prompt, and the model for embeddings that the check names",
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_judge_is_told_with_its_agreement_or_as_not_calibrated() {
        let named = |models: &[&str]| models.iter().map(|model| (*model).to_owned()).collect::<JudgeModels>();
        let agreement = Some(JudgeAgreement { percent: 93, low: 88, high: 96, n: 120 });
        let told = [
            judge(&named(&["nova`pro"]), None),
            judge(&named(&["nova-pro"]), agreement),
            judge(&named(&["nova-pro", "mistral-large", "deepseek"]), agreement),
        ];
        insta::assert_snapshot!(told.join("\n"), @"
        The judge `nova'pro`: not calibrated
        The judge `nova-pro` agrees with people 93 % [88, 96], n=120
        The judges `nova-pro`, `mistral-large` and `deepseek` together agree with people 93 % [88, 96], n=120
        ");
    }
}
