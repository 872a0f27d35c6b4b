//! What `deploy/` holds for AWS, in emulators of it: the stacks are made, and the buildspecs' commands run.

pub mod build;
mod buildspecs;
mod stacks;
mod terraform;
