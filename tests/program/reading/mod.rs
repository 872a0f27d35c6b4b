//! What is read, and what a person is told where it is not read as it looks: the real binary in a real
//! repository.

mod catalogs;
mod checks;
mod hints;
mod lookalikes;
mod not_compared;
mod once;
mod tables;
