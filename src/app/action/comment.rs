//! The comment on the pull request. Failures here never change the verdict.

use super::console::Console;
use super::{Run, Session};
use crate::action::annotation::{Annotation, Level};
use crate::action::evaluations::Told;
use crate::action::page::Frame;
use crate::adapters::github::{GitHub, GitHubError, Spot, Written};

/// Our comment, or the reasons why there is none.
pub struct Comment<'a> {
    /// The frame around its text.
    pub frame: Frame,
    place: Option<Place<'a>>,
    is_expected: bool,
}

struct Place<'a> {
    github: GitHub,
    session: &'a Session,
    pull_request: u64,
    /// Its newest commit when the run began, where the run is about it.
    head: Option<String>,
    author: String,
}

impl Place<'_> {
    fn spot(&self) -> Spot<'_> {
        Spot { pull_request: self.pull_request, head: self.head.as_deref(), author: &self.author }
    }
}

impl<'a> Comment<'a> {
    /// The comment of a run; none if there is no pull request, no token, or comments are switched
    /// off.
    pub fn new(run: &Run, frame: &Frame, github: &GitHub, session: &'a Session) -> Self {
        Self::on(run, run.decision.pull_request, frame, github, session)
    }

    /// The comment on this pull request.
    pub fn on(
        run: &Run,
        pull_request: Option<u64>,
        frame: &Frame,
        github: &GitHub,
        session: &'a Session,
    ) -> Self {
        let wanted = run.inputs.comment && run.inputs.token.is_some() && !run.is_shard();
        let place = pull_request.filter(|_| wanted).map(|pull_request| Place {
            github: github.clone(),
            session,
            pull_request,
            head: run.pull_request.as_ref().map(|request| request.head.clone()),
            author: run.inputs.comment_author.clone(),
        });
        Self { frame: frame.clone(), place, is_expected: !run.decision.is_without_secrets }
    }

    /// Whether there is one already.
    pub fn exists(&mut self, console: &mut Console) -> bool {
        let Some(place) = &self.place else { return false };
        let asked = place.github.has_comment(place.spot(), &self.frame.marker);
        match place.session.runtime.block_on(asked) {
            Ok(exists) => exists,
            Err(error) => {
                self.give_up(&error, console);
                false
            }
        }
    }

    /// Takes over its evaluation counts.
    pub fn take_up(&mut self, console: &mut Console) {
        let Some(place) = &self.place else { return };
        let asked = place.github.comment_text(place.pull_request, &self.frame.marker, &place.author);
        match place.session.runtime.block_on(asked) {
            Ok(text) => self.frame.told = Told::parse(&text.unwrap_or_default()),
            Err(error) => self.give_up(&error, console),
        }
    }

    /// Writes it; returns its page.
    pub fn write(&mut self, text: impl Fn(&Frame) -> String, console: &mut Console) -> Option<String> {
        let place = self.place.as_ref()?;
        let text = text(&self.frame);
        let writing = place.github.write_comment(place.spot(), &self.frame.marker, &text);
        match place.session.runtime.block_on(writing) {
            Ok(Written::Stands(url)) => Some(url),
            Ok(Written::Overtaken) => {
                console.say("a newer run has written the comment; its result stays");
                self.place = None;
                None
            }
            Err(error) => {
                self.give_up(&error, console);
                None
            }
        }
    }

    /// Warns once; forks always have a read-only token, so there is no warning for them.
    fn give_up(&mut self, error: &GitHubError, console: &mut Console) {
        self.place = None;
        let message = format!("no comment was written, and the verdict does not depend on it: {error}");
        match self.is_expected || !error.is_permission() {
            true => console.remark(Annotation::new(Level::Warning, "prompt-assay: no comment", message)),
            false => console.say(&message),
        }
    }
}
