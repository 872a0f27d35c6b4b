//! The action with a store in S3 on an emulator, and against GitHub's own description.

mod main_line;
mod openapi;
