//! Attempts to get a prompt past the gate through a store in S3; `tests/hostile/` has the others.

mod forged_objects;
