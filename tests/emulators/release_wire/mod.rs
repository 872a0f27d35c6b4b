//! Releases with the real SDK over HTTP against an emulator of AWS: every fault on every call, two
//! processes at once, the limits of the store, and what a person is told when something is wrong.

mod console;
mod drifted;
mod faults;
mod line;
mod many;
mod mistakes;
mod orders;
mod races;
mod shop;
