//! Moving the label means to deploy and to wait. Only one deployment at a time runs in an
//! environment, and it starts only if nothing changed since the last reading.

use super::AppConfigStore;
use crate::cloud::{Failure, FailureClass};
use crate::release::ports::{ConfigurationPlace, Deployment, DeploymentState};

/// Milliseconds between two status requests for a deployment: the first, and the maximum.
const POLL_MS: (u64, u64) = (1_000, 15_000);
/// Milliseconds between two progress messages.
const WORD_MS: u64 = 60_000;
const ACTION: &str = "appconfig:StartDeployment";

impl AppConfigStore {
    /// Deploys a version, unless it is deployed or being deployed already, and waits for the end.
    /// After another deployment, or if one came in between, it fails with
    /// [`FailureClass::Conflict`]: the caller reads again, because the right decision may have
    /// changed.
    pub(super) fn make_live(&self, name: &str, version: u64) -> Result<(), Failure> {
        let place = self.existing(name)?;
        let (live, running, newest) = {
            let known = self.known();
            (known.live(&place.profile), known.running(), known.listed)
        };
        if live == Some(version) {
            return Ok(());
        }
        let number = match running {
            Some(own) if own.profile == place.profile && own.version == version => own.number,
            Some(other) => {
                let end = self.end_of(&place, &other.name, other.number)?;
                let message = format!("deployment {} of `{}` came first", end.number, end.name);
                return Err(Failure { class: FailureClass::Conflict, ..self.failure(ACTION, name, message) });
            }
            None => self.start(&place, version, newest)?,
        };
        let end = self.end_of(&place, name, number)?;
        match end.state {
            DeploymentState::RolledBack => Err(self.rolled_back(name, &end)),
            _ => Ok(()),
        }
    }

    fn start(&self, place: &ConfigurationPlace, version: u64, newest: u64) -> Result<u64, Failure> {
        let record = self.content(place, version)?.map(|hosted| hosted.description).unwrap_or_default();
        let started = self.configurations.deploy(place, version, &record, newest);
        if started.as_ref().is_err_and(|failure| failure.class == FailureClass::Conflict) {
            // The listing may be slightly out of date.
            self.clock.sleep_ms(POLL_MS.0);
        }
        started
    }

    /// Waits for a deployment's end.
    fn end_of(&self, place: &ConfigurationPlace, name: &str, number: u64) -> Result<Deployment, Failure> {
        let began = self.clock.now_ms();
        let (mut pause, mut next_word) = (POLL_MS.0, 0);
        loop {
            let answer = self.configurations.deployment(place, number);
            match &answer {
                Ok(now) => {
                    self.known().deployments.insert(now.number, now.clone());
                    if now.state != DeploymentState::InProgress {
                        return answer;
                    }
                }
                Err(failure) => {
                    let passes = matches!(failure.class, FailureClass::Throttled | FailureClass::Unclear);
                    if !passes {
                        return answer;
                    }
                }
            }
            let waited = self.clock.now_ms().saturating_sub(began);
            if waited >= self.patience_ms {
                return Err(self.out_of_patience(name, number));
            }
            if waited >= next_word {
                (self.say)(&self.word(name, number, waited));
                next_word = waited + WORD_MS;
            }
            self.clock.sleep_ms(pause.min(self.patience_ms - waited));
            pause = (pause * 2).min(POLL_MS.1);
        }
    }

    fn word(&self, name: &str, number: u64, waited: u64) -> String {
        let environment = &self.place.environment;
        let so_far = match waited / WORD_MS {
            0 => format!("; waiting up to {} min", self.patience_ms / WORD_MS),
            minutes => format!(" after {minutes} min"),
        };
        format!("deployment {number} of `{name}` in `{environment}` is in progress{so_far}")
    }

    fn out_of_patience(&self, name: &str, number: u64) -> Failure {
        let minutes = self.patience_ms / WORD_MS;
        let message =
            format!("deployment {number} of `{name}` is still in progress after {minutes} min; it continues");
        let help = "run the same command again, or set `patience` under `appconfig` to more minutes";
        Failure { help: Some(help.to_owned()), ..self.failure(ACTION, name, message) }
    }

    fn rolled_back(&self, name: &str, end: &Deployment) -> Failure {
        let by = end.rolled_back_by.as_ref().map(|by| format!(" ({by})")).unwrap_or_default();
        let message = format!("deployment {} was rolled back{by}; the live version is unchanged", end.number);
        let help =
            "find the cause; the content is now held, and `release --overwrite REASON` deploys it again";
        Failure { help: Some(help.to_owned()), ..self.failure(ACTION, name, message) }
    }
}
