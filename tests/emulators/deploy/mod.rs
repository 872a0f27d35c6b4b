//! What `deploy/` holds for AWS, in emulators of it: the stacks are made, and the buildspecs' commands run.

mod stacks;
