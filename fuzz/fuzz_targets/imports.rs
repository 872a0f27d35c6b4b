#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| prompt_assay_test_support::fuzzing::take("imports", bytes));
