//! The future of a `get`: written by hand, so that a hit is a table lookup that is compiled into the
//! caller.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::Prompts;
use crate::sources::{Key, Which};
use crate::{Error, Prompt};

type Look<'a> = Pin<Box<dyn Future<Output = Result<Arc<Prompt>, Error>> + Send + 'a>>;

/// The future of [`Prompts::get`] and [`Prompts::get_which`].
#[must_use = "nothing happens before it is awaited"]
pub struct Get<'a> {
    prompts: &'a Prompts,
    name: &'a str,
    which: Which,
    /// Started if there is no copy in memory that may be returned.
    look: Option<Look<'a>>,
}

impl<'a> Get<'a> {
    #[inline]
    pub(super) fn new(prompts: &'a Prompts, name: &'a str, which: Which) -> Self {
        Self { prompts, name, which, look: None }
    }

    #[cold]
    fn poll_look(&mut self, context: &mut Context<'_>) -> Poll<Result<Arc<Prompt>, Error>> {
        let (prompts, name, which) = (self.prompts, self.name, &self.which);
        let look = self.look.get_or_insert_with(|| {
            let key = Key { name: name.to_owned(), which: which.clone() };
            Box::pin(prompts.shared.look(key))
        });
        look.as_mut().poll(context)
    }
}

impl Future for Get<'_> {
    type Output = Result<Arc<Prompt>, Error>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.look.is_none()
            && let Some(prompt) = self.prompts.hit(self.name, &self.which)
        {
            return Poll::Ready(Ok(prompt));
        }
        self.poll_look(context)
    }
}
