//! The action with what only an emulator or another client can say: a store in S3, and GitHub's own description.

mod main_line;
mod openapi;
