//! The semantic check: how near an answer is to a text in its meaning, by the embeddings of a model. Letters are compared by
//! `similarity`.

use serde::Serialize;

use super::family::Family;
use super::finding::{Finding, Outcome};
use super::form::Form;
use super::inquiry::{EmbeddingQuestion, Question, Reading};
use super::quote::{passage, quoted};
use super::reader::Reader;
use super::reference::Reference;
use super::scoring_input::ScoringInput;
use crate::document::Node;
use crate::model::Embedding;

/// Nearness to a text in meaning.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct SemanticCheck {
    to: Reference,
    model: String,
    threshold: f64,
}

const THRESHOLD: (&str, fn(f64) -> bool) =
    ("a number above 0, at most 1", |threshold| threshold > 0.0 && threshold <= 1.0);

/// Reads `semantic`. No figure means the same for two models, so both are named.
pub(super) fn read(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<SemanticCheck> {
    let (model, threshold) = (form.take("model"), form.take("threshold"));
    // Before anything is refused: the schema is learnt from what is asked for.
    let to = Reference::read(reader, form);
    let (Some(model), Some(threshold)) = (model, threshold) else {
        let lacks = if model.is_none() { "model" } else { "threshold" };
        form.lacks(reader, lacks, "semantic: {model: amazon.titan-embed-text-v2:0, threshold: 0.7}");
        return None;
    };
    let (model, threshold) = (id(reader, model), reader.number(threshold, "threshold", THRESHOLD));
    let to = to?;
    if to.given() == Some("") {
        reader.error(form.body.mark, "`semantic` compares with an empty text", "write the text under `to`");
        return None;
    }
    Some(SemanticCheck { to, model: model?, threshold: threshold? })
}

fn id(reader: &mut Reader<'_, '_>, node: &Node) -> Option<String> {
    let model = reader.text(node, "model")?;
    if model.is_empty() || model.contains(|c: char| c.is_whitespace() || c.is_control()) {
        let help = "for example amazon.titan-embed-text-v2:0 or cohere.embed-multilingual-v3";
        reader.error(node.mark, "`model` must be a name without spaces", help);
        return None;
    }
    Some(model)
}

/// The two texts, without the white space around them, or what is found without a model.
enum Compared<'a> {
    Texts { wanted: &'a str, answer: &'a str },
    Found(Finding),
}

impl SemanticCheck {
    fn compared<'a>(&'a self, input: &ScoringInput<'a>) -> Compared<'a> {
        let Some(wanted) = self.to.of(input) else { return Compared::Found(Finding::missing_expected()) };
        let (wanted, answer) = (wanted.trim(), input.text.trim());
        Compared::Found(match (wanted, answer) {
            ("", _) => Finding::unscored("`expected` is empty, which means nothing"),
            (_, "") => Finding::failed(format!("the text is empty, wanted {}", quoted(wanted))),
            _ if wanted == answer => Finding::passed("it is the same text"),
            _ => return Compared::Texts { wanted, answer },
        })
    }

    fn question(&self, text: &str) -> Question {
        Question::Embedding(EmbeddingQuestion { model: self.model.clone(), text: text.to_owned() })
    }

    fn embedding<'r>(&self, text: &str, input: &ScoringInput<'r>) -> Result<&'r Embedding, Finding> {
        let readings = input.readings.get(&self.question(text).id()).map_or(&[][..], Vec::as_slice);
        match readings.first() {
            None => {
                let why = format!("{} was not asked", passage(&self.model));
                Err(Finding::without_score(Outcome::NotAsked, why))
            }
            Some(Reading::Vector(embedding)) => Ok(embedding),
            Some(Reading::Unreadable(why)) => {
                let model = passage(&self.model);
                Err(Finding::unscored(format!(
                    "{model} gave no embedding of {}: {}",
                    quoted(text),
                    passage(why)
                )))
            }
            Some(Reading::Read { .. }) => Err(Finding::unscored("a verdict is no embedding")),
        }
    }

    fn nearness(&self, wanted: &str, answer: &str, input: &ScoringInput<'_>) -> Result<Finding, Finding> {
        let (of_wanted, of_answer) = (self.embedding(wanted, input), self.embedding(answer, input));
        let Some(cosine) = of_wanted?.cosine(of_answer?) else {
            let model = passage(&self.model);
            return Err(Finding::unscored(format!("{model} gave vectors of different lengths")));
        };
        // An opposite is no nearer than something unrelated.
        let nearness = cosine.max(0.0);
        let passed = nearness >= self.threshold;
        let shown = (nearness * 1000.0).floor() / 1000.0;
        Ok(Finding::graded(
            passed,
            nearness,
            match passed {
                true => format!("semantic similarity {shown}"),
                false => format!(
                    "semantic similarity {shown} is below {}: wanted {}, found {}",
                    self.threshold,
                    quoted(wanted),
                    quoted(answer)
                ),
            },
        ))
    }
}

impl Family for SemanticCheck {
    fn needs_expected(&self) -> bool {
        self.to.needs_expected()
    }

    fn label(&self) -> String {
        format!("semantic {} to {}", self.threshold, self.to.label())
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        match self.compared(input) {
            Compared::Found(finding) => finding,
            Compared::Texts { wanted, answer } => {
                self.nearness(wanted, answer, input).unwrap_or_else(|finding| finding)
            }
        }
    }

    fn model(&self) -> Option<&str> {
        Some(&self.model)
    }

    fn questions(&self, input: &ScoringInput<'_>) -> Vec<Question> {
        let wanted = self.to.of(input).map(str::trim).filter(|wanted| !wanted.is_empty());
        let texts = wanted.map(|wanted| [wanted, input.text.trim()]);
        texts.into_iter().flatten().map(|text| self.question(text)).collect()
    }
}
