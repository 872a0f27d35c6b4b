//! Bad input, met the way a person meets it: the real binary in a real repository, its exit
//! status and everything it says.

mod on_disk;

#[path = "bad_input/calls.rs"]
mod calls;
#[path = "bad_input/contents.rs"]
mod contents;
#[path = "bad_input/paths.rs"]
mod paths;
#[path = "bad_input/repositories.rs"]
mod repositories;
#[path = "bad_input/syntax.rs"]
mod syntax;
