//! Bad input, met the way a person meets it: the real binary in a real repository, its exit
//! status and everything it says.

mod calls;
mod contents;
mod paths;
mod repositories;
mod syntax;
