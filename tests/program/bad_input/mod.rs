//! Bad input as a person sees it: the real binary in a real repository, its exit status and all its
//! output.

mod calls;
mod contents;
mod paths;
mod repositories;
mod syntax;
