//! A key for a server that only the checked-out branch names: the person who runs this must have agreed.

use crate::adapters::git::Repository;
use crate::config::{Provider, Server};
use crate::tree::Tree;

/// Names the server that a person agrees to.
const VARIABLE: &str = "PROMPT_ASSAY_SERVER";

/// A server that would get a key, because a commit says so that is not on the default branch. Edits that are not
/// committed are the person's own.
#[derive(Clone, Debug)]
pub struct Unknown {
    server: Server,
    /// Why the default branch could not be read, if it could not.
    unread: Option<String>,
}

impl Unknown {
    /// The server of this provider, unless nobody needs to be asked. `named_in`: the provider of a tree's
    /// configuration, if it can be read.
    pub fn of(
        repository: &Repository,
        head: Option<&str>,
        provider: &Provider,
        named_in: &dyn Fn(&dyn Tree) -> Option<Provider>,
    ) -> Option<Self> {
        let Provider::OpenAi(server) = provider else { return None };
        let commit = repository.revision(head.unwrap_or("HEAD")).ok();
        // A commit whose configuration cannot be read may say anything.
        let differs = |tree: &dyn Tree| named_in(tree).is_some_and(|named| named != *provider);
        let is_own_edit = head.is_none() && commit.as_ref().is_none_or(|tree| differs(tree));
        let merged = repository.default_base(head);
        let is_merged = merged.as_ref().is_ok_and(|tree| named_in(tree).as_ref() == Some(provider));
        let unread = merged.err().map(|error| error.to_string());
        (server.key_variable.is_some() && !is_own_edit && !is_merged)
            .then(|| Self { server: server.clone(), unread })
    }

    /// Whether the person agreed.
    ///
    /// # Errors
    /// Says what would be sent where, and how to agree.
    pub fn agreed(&self) -> anyhow::Result<()> {
        let Server { base_url, key_variable } = &self.server;
        let agreed = std::env::var(VARIABLE).is_ok_and(|url| url.trim_end_matches('/') == base_url);
        let key = key_variable.as_deref().unwrap_or("a key");
        let why = match &self.unread {
            None => "the default branch names no such server".to_owned(),
            Some(why) => format!("it is not known whether the default branch names it ({why})"),
        };
        anyhow::ensure!(
            agreed,
            "this branch sends {key} to {base_url}, and {why}: nothing was sent\n   = if \
             you trust it, set {VARIABLE}={base_url}"
        );
        Ok(())
    }
}
