//! How far a judge can be trusted, in words.

use crate::model::JudgeModels;
use crate::report::JudgeAgreement;
use crate::report::untrusted::quoted;
use crate::report::wording::listed;

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
