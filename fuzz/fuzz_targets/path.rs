//! No text makes `parse_path` panic or hang.
#![no_main]

use userdex::syntax::{Limits, parse_path};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _read = parse_path(text, &Limits::default());
});
